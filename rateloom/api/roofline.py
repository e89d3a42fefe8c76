"""The roofline bound of a model on a machine: its operations and bytes against the machine's rates.

The bound is the roofline of Williams, Waterman & Patterson (2009, doi 10.1145/1498765.1498785), with the
divider beside the multiply-adds, and with a memory of several levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike

import numpy as np

from rateloom.api.loading import connectome as load_connectome
from rateloom.api.loading import load
from rateloom.api.machines import THREADS, Machine
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.wiring import wire
from rateloom.drivers.planning.settings import DTYPES
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.model import Model
from rateloom.generator.analysis.cost import Cost, count_cost
from rateloom.generator.analysis.instructions import Instructions, add_up, instructions_of
from rateloom.generator.analysis.operations import combine
from rateloom.generator.errors import GeneratorError
from rateloom.generator.stages import build_program

# an edge's source and delay, as the kernels read them
_INDEX_BYTES = 2 * 8


@dataclass(frozen=True)
class MemoryLayout:
    """The quantities beside a model's equations that decide its memory traffic.

    Attributes
    ----------
    n_node : int
    edges_per_node : float
        Number of weights other than zero for each node, undelayed edges from a node to itself included.
    longest_delay, block : int
        In steps; the block is the number of steps that a node can be advanced at once.
    lanes : int
        Work items that are advanced together and share an edge's data.
    window : int
        Steps that are averaged to one sample.
    bytes : int
        Size of a number.
    """

    n_node: int
    edges_per_node: float
    longest_delay: int
    block: int
    lanes: int
    window: int
    bytes: int


@dataclass(frozen=True)
class Traffic:
    """Least number of bytes that a node's step moves, and the bytes of a lane block's working set.

    States are read and written once for each block of steps.
    """

    history_read: float
    history_written: float
    edges: float
    states: float
    computed_before: float
    output: float
    working_set: int

    @property
    def total(self) -> float:
        """Return all bytes of a node's step."""
        read = self.history_read + self.edges + self.computed_before
        return read + self.history_written + self.states + self.output


@dataclass(frozen=True)
class Bound:
    """Least time in seconds of a node's step in each unit, if the other units were infinitely fast."""

    arithmetic: float
    divider: float
    memory: float

    @property
    def node_steps(self) -> float:
        """Return the node-steps a second that the busiest unit allows, with all units working at once."""
        return 1.0 / max(self.arithmetic, self.divider, self.memory)

    @property
    def limit(self) -> str:
        """Return the name of the unit that bounds the throughput."""
        times = {"arithmetic": self.arithmetic, "divider": self.divider, "memory": self.memory}
        return max(times, key=lambda unit: times[unit])


@dataclass(frozen=True)
class Workload:
    """The settings of a run that decide its throughput; see `rateloom.simulate` for those not listed.

    Attributes
    ----------
    threads : {"one", "all"}
        Whether one thread runs, or one a core.
    window : int
        Steps that are averaged to one sample.
    parameters : mapping of str to float, optional
        Values that replace the model's; with one at zero, a coupling may cost nothing.
    """

    integrator: str = "heun"
    dtype: str = "float32"
    noise: bool = False
    threads: str = "one"
    speed: float = 3.0
    dt: float = 0.1
    lanes: int = 16
    window: int = 10
    parameters: Mapping[str, float] | None = None


def roofline(
    model: Model | str | PathLike[str],
    machine: Machine,
    connectome: Connectome | str | PathLike[str] = "tvb76",
    workload: Workload = Workload(),
) -> Bound:
    """Bound the throughput of a model on a machine.

    Parameters
    ----------
    model, connectome
        See `simulate`.
    machine : Machine
        See `load_machine`.

    Raises
    ------
    ModelError, InputError
        If an argument cannot be used.
    """
    w = workload
    if w.threads not in THREADS:
        raise InputError(f"threads={w.threads!r} is unknown; use one of {', '.join(THREADS)}")
    loaded = load(model)
    cost = cost_of(loaded, w.parameters)
    if w.integrator in cost.schemes and cost.schemes[w.integrator].traversals > 1:
        raise InputError(f"integrator={w.integrator!r}: the bound is of schemes that hold the coupling")
    layout = memory_layout(loaded, load_connectome(connectome), w.dtype, w.speed, w.dt, w.lanes, w.window)
    work = node_instructions(cost, w.integrator, w.dtype, w.noise, layout.edges_per_node)
    return bound(work, traffic_of(cost, layout), machine, w.dtype, w.threads)


def cost_of(model: Model, parameters: Mapping[str, float] | None = None) -> Cost:
    """Count a model's operations, with its own values of parameters or others.

    Raises
    ------
    InputError
        If no code can be generated for it.
    """
    try:
        return count_cost(build_program(model), parameters)
    except GeneratorError as problem:
        raise InputError(f"model {model.name}: {problem}") from None


def memory_layout(
    model: Model,
    connectome: Connectome,
    dtype: str = "float32",
    speed: float = 3.0,
    dt: float = 0.1,
    lanes: int = 16,
    window: int = 10,
) -> MemoryLayout:
    """Return what decides the memory traffic of a model on a connectome.

    Raises
    ------
    InputError
        If there is no such precision, or the delays cannot be counted.
    """
    if dtype not in DTYPES:
        raise InputError(f"dtype={dtype!r} is unknown; use one of {', '.join(DTYPES)}")
    instant = any(not c.delays for c in model.couplings)
    wiring = wire(connectome, speed, dt, dtype, instant, split=True)
    return MemoryLayout(
        n_node=connectome.n_node,
        edges_per_node=np.count_nonzero(connectome.weights) / connectome.n_node,
        longest_delay=wiring.longest_delay,
        block=wiring.block,
        lanes=lanes,
        window=window,
        bytes=np.dtype(dtype).itemsize,
    )


def traffic_of(cost: Cost, layout: MemoryLayout) -> Traffic:
    """Count the bytes of a node's step: the same for every integrator that holds the coupling in a step."""
    s = layout
    shared = s.block * s.lanes
    ring = cost.factors * (s.longest_delay + 1)
    return Traffic(
        history_read=cost.reads * s.edges_per_node * s.bytes,
        history_written=cost.factors * s.bytes,
        edges=s.edges_per_node * (_INDEX_BYTES + s.bytes) / shared if cost.reads else 0.0,
        states=2 * (cost.states + cost.exposures) * s.bytes / s.block,
        computed_before=cost.hoisted * s.bytes / s.block,
        output=cost.exposures * s.bytes / s.window,
        working_set=s.bytes * s.lanes * (s.n_node * (ring + cost.states + cost.exposures) + cost.hoisted),
    )


def node_instructions(
    cost: Cost, integrator: str, dtype: str, noise: bool, edges_per_node: float
) -> Instructions:
    """Count the instructions of a node's step for one value, with those of its edges.

    Raises
    ------
    InputError
        If there is no such integrator.
    """
    if integrator not in cost.schemes:
        raise InputError(f"integrator={integrator!r} is unknown; use one of {', '.join(cost.schemes)}")
    costs = [cost.schemes[integrator].node, cost.monitor, *([cost.noise] if noise else [])]
    node = instructions_of(combine(costs), dtype)
    edge = instructions_of(cost.edge, dtype)
    return add_up([node, add_up([edge], cost.schemes[integrator].traversals * edges_per_node)])


def bound(work: Instructions, traffic: Traffic, machine: Machine, dtype: str, threads: str) -> Bound:
    """Divide the instructions and bytes of a node's step by the machine's rates.

    Each level of the memory serves a share of the traffic, which is its share of the working set; a level
    that the cores share holds one working set for each core.
    """
    rates = machine.rates[dtype][threads]
    count = machine.cores if threads == "all" else 1
    covered, seconds = 0.0, 0.0
    for level in machine.levels:
        size = level.size / (count if level.shared else 1)
        coverage = 1.0 if level is machine.levels[-1] else min(1.0, size / traffic.working_set)
        seconds += max(0.0, coverage - covered) * traffic.total / level.bandwidth[threads]
        covered = max(covered, coverage)
    return Bound(
        arithmetic=work.arithmetic / rates.multiply_add,
        divider=work.divisions / rates.division + work.roots / rates.root,
        memory=seconds,
    )

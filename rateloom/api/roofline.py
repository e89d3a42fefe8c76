"""How fast a model can run at most on a machine: its operations and bytes against the machine's rates.

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
from rateloom.generator.build import build_program
from rateloom.generator.cost import Cost, combine, count_cost
from rateloom.generator.errors import GeneratorError
from rateloom.generator.instructions import Instructions, add_up, instructions_of

# an edge's source and delay, as the kernels read them
_INDEX_BYTES = 2 * 8


@dataclass(frozen=True)
class Setting:
    """What the memory traffic of a model depends on besides its equations.

    Attributes
    ----------
    n_node : int
    edges_per_node : float
        Without zero weights, with undelayed edges from a node to itself.
    longest_delay, block : int
        In steps; the block is how many steps a node can be advanced at once.
    lanes : int
        Work items that are advanced together, and share what is read of an edge.
    window : int
        Steps that are averaged to one sample.
    bytes : int
        Of a number.
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
    """Bytes that a node's step moves at least, and the bytes that a lane block works on.

    What is kept from step to step is read and written once a block of steps.
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
        """All bytes of a node's step."""
        read = self.history_read + self.edges + self.computed_before
        return read + self.history_written + self.states + self.output


@dataclass(frozen=True)
class Bound:
    """Seconds that a node's step takes at least in each unit, were the others infinitely fast."""

    arithmetic: float
    divider: float
    memory: float

    @property
    def node_steps(self) -> float:
        """Node-steps a second: what the busiest unit allows, all others working at the same time."""
        return 1.0 / max(self.arithmetic, self.divider, self.memory)

    @property
    def limit(self) -> str:
        """The unit that bounds."""
        times = {"arithmetic": self.arithmetic, "divider": self.divider, "memory": self.memory}
        return max(times, key=lambda unit: times[unit])


@dataclass(frozen=True)
class Workload:
    """What a machine is to do; see `rateloom.simulate` for what is not said here.

    Attributes
    ----------
    threads : {"one", "all"}
        Whether one thread runs, or one a core.
    window : int
        Steps that are averaged to one sample.
    parameters : mapping of str to float, optional
        Values other than the model's: where one is zero, a coupling may cost nothing.
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
        If something given cannot be used.
    """
    w = workload
    if w.threads not in THREADS:
        raise InputError(f"threads={w.threads!r} is unknown; use one of {', '.join(THREADS)}")
    loaded = load(model)
    cost = cost_of(loaded, w.parameters)
    layout = setting_of(loaded, load_connectome(connectome), w.dtype, w.speed, w.dt, w.lanes, w.window)
    work = node_instructions(cost, w.integrator, w.dtype, w.noise, layout.edges_per_node)
    return bound(work, traffic_of(cost, layout), machine, w.dtype, w.threads)


def cost_of(model: Model, parameters: Mapping[str, float] | None = None) -> Cost:
    """Count what a model computes, with its own values of parameters or others.

    Raises
    ------
    InputError
        If no code can be generated for it.
    """
    try:
        return count_cost(build_program(model, ()), parameters)
    except GeneratorError as problem:
        raise InputError(f"model {model.name}: {problem}") from None


def setting_of(
    model: Model,
    connectome: Connectome,
    dtype: str = "float32",
    speed: float = 3.0,
    dt: float = 0.1,
    lanes: int = 16,
    window: int = 10,
) -> Setting:
    """Return what the memory traffic depends on, from the connectome's edges.

    Raises
    ------
    InputError
        If there is no such precision, or the delays cannot be counted.
    """
    if dtype not in DTYPES:
        raise InputError(f"dtype={dtype!r} is unknown; use one of {', '.join(DTYPES)}")
    instant = any(not c.delays for c in model.couplings)
    wiring = wire(connectome, speed, dt, dtype, instant, split=True)
    return Setting(
        n_node=connectome.n_node,
        edges_per_node=np.count_nonzero(connectome.weights) / connectome.n_node,
        longest_delay=wiring.longest_delay,
        block=wiring.block,
        lanes=lanes,
        window=window,
        bytes=np.dtype(dtype).itemsize,
    )


def traffic_of(cost: Cost, setting: Setting) -> Traffic:
    """Count the bytes of a node's step; they are the same for every integrator."""
    s = setting
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
    """Count the instructions on one value that a node's step takes, those of its edges among them.

    Raises
    ------
    InputError
        If there is no such integrator.
    """
    if integrator not in cost.schemes:
        raise InputError(f"integrator={integrator!r} is unknown; use one of {', '.join(cost.schemes)}")
    parts = [cost.schemes[integrator].node, cost.monitor, *([cost.noise] if noise else [])]
    node = instructions_of(combine(parts), dtype)
    edge = instructions_of(cost.edge, dtype)
    return add_up([node, add_up([edge], edges_per_node)])


def bound(work: Instructions, traffic: Traffic, machine: Machine, dtype: str, threads: str) -> Bound:
    """Divide what a node's step takes by what the machine can do.

    Each level of the memory serves the share of the traffic that it holds of the working set; a level that
    the cores share holds one working set a core.
    """
    rates = machine.rates[dtype][threads]
    count = machine.cores if threads == "all" else 1
    held, seconds = 0.0, 0.0
    for level in machine.levels:
        size = level.size / (count if level.shared else 1)
        reached = 1.0 if level is machine.levels[-1] else min(1.0, size / traffic.working_set)
        seconds += max(0.0, reached - held) * traffic.total / level.bandwidth[threads]
        held = max(held, reached)
    return Bound(
        arithmetic=work.arithmetic / rates.multiply_add,
        divider=work.divisions / rates.division + work.roots / rates.root,
        memory=seconds,
    )

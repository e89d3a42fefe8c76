"""The tables that `rateloom show --cost` prints."""

from __future__ import annotations

from dataclasses import dataclass

from rateloom.api.machines import THREADS, Machine
from rateloom.api.roofline import (
    MemoryLayout,
    Traffic,
    bound,
    cost_of,
    memory_layout,
    node_instructions,
    traffic_of,
)
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.dsl.model import Model
from rateloom.generator.analysis.cost import Cost
from rateloom.generator.analysis.operations import Operations, combine
from rateloom.generator.schemes.registry import SCHEMES


@dataclass(frozen=True)
class CostTable:
    """A table as text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def cost_tables(
    model: Model, connectome: Connectome, dtype: str = "float32", machine: Machine | None = None
) -> list[CostTable]:
    """Lay out what a model costs.

    Parameters
    ----------
    connectome : Connectome
        Whose edges and delays count, at 3 mm/ms and steps of 0.1 ms.
    dtype : {"float32", "float64"}
        The working precision.
    machine : Machine, optional
        Adds the roofline bound of this machine.
    """
    cost = cost_of(model)
    layout = memory_layout(model, connectome, dtype)
    traffic = traffic_of(cost, layout)
    tables = [_operations(cost), _functions(cost), _traffic(traffic, layout, connectome, dtype)]
    if machine is not None:
        tables.append(_bounds(cost, layout, traffic, machine, dtype))
    return [t for t in tables if t.rows]


_OPERATIONS = ("add", "multiply", "divide", "root", "compare, select", "all", "functions")


def _operations(cost: Cost) -> CostTable:
    rows = []
    for integrator, scheme in cost.schemes.items():
        rows.append((f"{integrator}: each node", *_cells(combine([scheme.node, cost.monitor]))))
        if scheme.step.arithmetic or scheme.step.functions:
            rows.append((f"{integrator}: once for all nodes", *_cells(scheme.step)))
    if cost.reads:
        rows.append((f"{', '.join(cost.schemes)}: each edge", *_cells(cost.edge)))
    if cost.noise.integers:
        noisy = ", ".join(name for name in cost.schemes if SCHEMES[name].noise)
        label = f"{noisy}: random numbers of each node, and {cost.noise.integers} operations on integers"
        rows.append((label, *_cells(cost.noise)))
    rows.append(("before the first step: each work item, or each of its nodes", *_cells(cost.item)))
    return CostTable("Operations of one step", ("for", *_OPERATIONS), tuple(rows))


def _functions(cost: Cost) -> CostTable:
    rows = []
    for name, function in cost.functions.items():
        derivatives = "; ".join(" ".join(w) for w in function.derivatives)
        rows.append((name, derivatives or "–", *_cells(function.operations)))
    return CostTable(
        "Operations of one call of a function, together with all derivatives taken of it",
        ("function", "derivatives by", *_OPERATIONS),
        tuple(rows),
    )


def _traffic(traffic: Traffic, layout: MemoryLayout, connectome: Connectome, dtype: str) -> CostTable:
    s = layout
    parts = (
        ("history, read on each edge", traffic.history_read),
        ("history, written", traffic.history_written),
        (f"edges: weight, source and delay, once for {s.block} steps of {s.lanes} work items", traffic.edges),
        (f"states and sums, read and written once for {s.block} steps", traffic.states),
        (f"values computed before, read once for {s.block} steps", traffic.computed_before),
        (f"output, once for {s.window} steps", traffic.output),
        ("all", traffic.total),
    )
    title = (
        f"Bytes that a node's step moves: {connectome.name or 'connectome'}, {s.n_node} nodes, "
        f"{s.edges_per_node:.1f} edges a node, {dtype}; "
        f"{s.lanes} work items together work on {traffic.working_set / 2**20:.2f} MB"
    )
    return CostTable(title, ("what", "bytes"), tuple((part, f"{n:.1f}") for part, n in parts))


def _bounds(cost: Cost, layout: MemoryLayout, traffic: Traffic, machine: Machine, dtype: str) -> CostTable:
    rows = []
    for integrator in (name for name, scheme in cost.schemes.items() if scheme.traversals == 1):
        for noise in (False, True)[: 1 + bool(cost.noise.integers)]:
            work = node_instructions(cost, integrator, dtype, noise, layout.edges_per_node)
            for threads in THREADS:
                limit = bound(work, traffic, machine, dtype, threads)
                times = (limit.arithmetic, limit.divider, limit.memory)
                rows.append(
                    (
                        integrator,
                        "on" if noise else "off",
                        threads,
                        f"{work.arithmetic:.0f}",
                        f"{work.divisions + work.roots:.0f}",
                        *(f"{1e9 * seconds:.2f}" for seconds in times),
                        f"{limit.node_steps / 1e6:.0f}",
                        limit.limit,
                    )
                )
    return CostTable(
        f"At most on {machine.processor} ({machine.cores} cores, measured {machine.date})",
        (
            "integrator", "noise", "threads", "instructions", "divisions, roots",
            "arithmetic (ns)", "divider (ns)", "memory (ns)", "1e6 node-steps/s", "bound by",
        ),
        tuple(rows),
    )  # fmt: skip


def _cells(operations: Operations) -> tuple[str, ...]:
    functions = ", ".join(f"{n} {name}" for name, n in operations.functions.items())
    numbers = (
        operations.adds,
        operations.multiplies,
        operations.divisions,
        operations.roots,
        operations.selects,
        operations.arithmetic,
    )
    return (*map(str, numbers), functions or "–")

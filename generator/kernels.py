"""The kernel that advances the nodes: a program's loops, from blocks of steps down to one step of a node."""

from __future__ import annotations

from .ir.loops import (
    Action,
    AdvanceNode,
    BlockLoop,
    CloseWindow,
    DrawNormals,
    LoadNode,
    NodeLoop,
    ReadClock,
    ReadInputs,
    StepLoop,
    StoreNode,
    SumTerms,
    SumWindows,
    WriteHistory,
    rebuilt,
)
from .ir.program import Program


def time_loops(program: Program) -> Action:
    """Return the loops of the kernel, without what the model has nothing for."""
    states, exposures, factors = program.states, program.exposures, program.factors
    clock = program.procedures.get("clock")
    step = (
        ReadInputs(program.inputs),
        ReadClock(clock.results if clock else ()),
        *(SumTerms(e) for e in program.edge_sums),
        DrawNormals(program.normals),
        AdvanceNode(states, exposures),
        WriteHistory(factors),
        CloseWindow(exposures),
    )
    node = (
        SumWindows(program.accumulators),
        LoadNode(states, factors, exposures),
        StepLoop(step),
        StoreNode(states, exposures),
    )
    loops = rebuilt(BlockLoop((NodeLoop(node),)), _if_needed)
    assert loops is not None
    return loops


def _if_needed(action: Action) -> Action | None:
    """Leave out what has nothing to do."""
    empty = {
        SumWindows: "sums", ReadInputs: "inputs", ReadClock: "values", DrawNormals: "normals",
        WriteHistory: "factors",
    }  # fmt: skip
    kind = type(action)
    return None if kind in empty and not getattr(action, empty[kind]) else action

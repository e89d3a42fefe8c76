"""The kernel that advances the nodes: a program's loops, from blocks of steps down to one step of a node."""

from __future__ import annotations

from .ir.loops import (
    Action,
    AdvanceNode,
    BlockLoop,
    CloseWindow,
    CorrectNode,
    DrawNormals,
    LoadNode,
    NodeLoop,
    OnTraversal,
    PredictNode,
    ReadClock,
    ReadInputs,
    RestoreHistory,
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
    known = (
        ReadInputs(program.inputs),
        ReadClock(clock.results if clock else ()),
        *(SumTerms(e) for e in program.edge_sums),
    )
    normals, end = DrawNormals(program.normals), CloseWindow(exposures)
    if program.traversals is None:
        step = StepLoop(
            (*known, normals, AdvanceNode(states, exposures), WriteHistory(program.next_factors), end)
        )
    else:
        predicted, new = WriteHistory(program.traversals.factors), WriteHistory(program.next_factors)
        predict = (RestoreHistory(factors), normals, PredictNode(states), predicted)
        correct = (CorrectNode(states, exposures), new, end)
        step = StepLoop((*known, OnTraversal(predict, 0), OnTraversal(correct, 1)))
    node = (
        SumWindows(program.accumulators),
        LoadNode(states, factors, exposures),
        step,
        StoreNode(states, exposures),
    )
    loops = rebuilt(BlockLoop((NodeLoop(node),)), _if_needed)
    assert loops is not None
    return loops


def _if_needed(action: Action) -> Action | None:
    """Leave out what has nothing to do."""
    empty = {
        SumWindows: "sums", ReadInputs: "inputs", ReadClock: "values", DrawNormals: "normals",
        WriteHistory: "factors", RestoreHistory: "factors",
    }  # fmt: skip
    kind = type(action)
    return None if kind in empty and not getattr(action, empty[kind]) else action

"""Text and numbers that every target makes of a program in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rateloom.generator.ir.loops import (
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
)
from rateloom.generator.ir.program import Block, Call, Procedure, Program, SchemeBody

TEMPLATES: Mapping[type[Action], str] = {
    BlockLoop: "block_loop", NodeLoop: "node_loop", StepLoop: "step_loop", SumWindows: "sum_windows",
    LoadNode: "load_node", ReadInputs: "read_inputs", ReadClock: "read_clock", SumTerms: "sum_terms",
    DrawNormals: "draw_normals", AdvanceNode: "step_nodes", WriteHistory: "write_history",
    CloseWindow: "close_window", StoreNode: "store_node", OnTraversal: "on_traversal",
    RestoreHistory: "restore_history", PredictNode: "step_nodes", CorrectNode: "step_nodes",
}  # fmt: skip
"""The template of each action, in the folder of the target."""


def as_real(block: Block, values: Sequence[str]) -> list[str]:
    """Write values of one type: conditions are numbers too."""
    pairs = zip(block.results, values, strict=True)
    return [f"real({value})" if node.boolean else value for node, value in pairs]


def rows_read(program: Program, block: Block, ident: Callable[[str], str]) -> list[tuple[str, int]]:
    """Return identifiers and numbers of the hoisted rows that a block reads."""
    hoisted = [program.hoisted.names[n] for n in program.hoisted.results]
    read = {block.names[n] for n in block.rows}
    return [(ident(name), row) for row, name in enumerate(hoisted) if name in read]


def most_stages(program: Program) -> int:
    """Return the number of stages of the scheme that has most; each traversal has one."""
    if program.traversals:
        return 1
    return max(len(s.stages) for s in program.schemes.values())


def traversal_times(scheme: SchemeBody) -> tuple[tuple[float, float], ...]:
    """Return, for both traversals of a step, the time of its stage, and the time after the step."""
    return tuple((stage, 1.0) for stage in scheme.stages)


def stage_times(program: Program, scheme: SchemeBody) -> tuple[float, ...]:
    """Return a scheme's stages, as many for each scheme, and the time after the step."""
    missing = most_stages(program) - len(scheme.stages)
    return (*scheme.stages, *missing * (0.0,), 1.0)


def call_of(procedure: Procedure, instead: Mapping[str, str], results: Sequence[str] = ()) -> Call:
    """Return the call of a procedure with its own arguments, but for those that others stand in for.

    Its results have their own names where they are not given others.
    """
    arguments = tuple(instead.get(a, a) for a in procedure.arguments)
    return Call(tuple(results) or procedure.results, procedure.name, arguments, 0)

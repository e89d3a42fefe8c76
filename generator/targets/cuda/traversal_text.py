"""The two traversals of a step over one node, as CUDA C."""

from __future__ import annotations

from typing import Any

from rateloom.generator.ir.program import Program, Traversals
from rateloom.generator.targets.program_text import call_of

from .node_text import finite_lines, following_lines, procedure_lines, sum_lines
from .page import Page, declared_rows, together
from .step_text import call_lines, scheme_lines


def of_prediction(page: Page) -> dict[str, Any]:
    """Return what the traversal that predicts a node's states is written from."""
    program, ident, traversals = page.program, page.ident, _traversals(page.program)
    predicted = traversals.instead
    lines = [
        *sum_lines(page),
        *procedure_lines(page, ("couplings", "noise"), {}),
        *scheme_lines(page, traversals.predict, traversals.predict.name),
    ]
    if "factors" in program.procedures:
        call = call_of(program.procedures["factors"], predicted, traversals.factors)
        lines += call_lines(page, call, f"clocks[{page.n_stage - 1}]")
    kept = [f"handed_rows[{k}] = {ident(name)};" for k, name in enumerate(traversals.handed_on)]
    moved = [f"{ident(name)} = {ident(value)};" for name, value in predicted.items()]
    return {"lines": [*lines, *together([*kept, *moved])], "finite": []}


def of_correction(page: Page) -> dict[str, Any]:
    """Return what the correction is written from: it finds predicted states where others were before."""
    program, ident, traversals = page.program, page.ident, _traversals(page.program)
    predicted = traversals.instead
    number = {name: k for k, name in enumerate(traversals.handed_on)}
    handed = [(ident(name), f"handed_rows[{k}]") for name, k in number.items() if name not in predicted]
    lines = [
        *declared_rows(page, [(ident(value), ident(name)) for name, value in predicted.items()]),
        *sum_lines(page),
        *procedure_lines(page, ("couplings",), predicted),
        *declared_rows(page, handed),
        *together([f"{ident(name)} = handed_rows[{number[name]}];" for name in program.states]),
        *scheme_lines(page, traversals.correct, traversals.correct.name),
        *following_lines(page),
    ]
    return {"lines": lines, "finite": finite_lines(page)}


def _traversals(program: Program) -> Traversals:
    assert program.traversals is not None
    return program.traversals

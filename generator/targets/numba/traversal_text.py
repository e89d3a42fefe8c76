"""The two traversals of a step over one node, for Numba."""

from __future__ import annotations

from rateloom.generator.ir.program import Traversals
from rateloom.generator.targets.block_text import grouped
from rateloom.generator.targets.program_text import call_of
from rateloom.generator.targets.templates import rendered

from .node_text import (
    call_lines,
    finite_lines,
    following_lines,
    node_arguments,
    read_lines,
    stored_lines,
    sum_lines,
)
from .page import WIDTH, Page
from .step_text import call_line, scheme_line


def traversals_text(page: Page) -> str:
    """Write the functions of both traversals."""
    traversals = page.program.traversals
    assert traversals is not None
    return "\n".join([_prediction(page, traversals), _correction(page, traversals)])


def _prediction(page: Page, traversals: Traversals) -> str:
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    lines = [
        *read_lines(page, program.states),
        *sum_lines(page),
        *call_lines(page, ("couplings", "noise"), {}),
        scheme_line(page, traversals.predict, traversals.predict.name),
        *stored_lines(page, rows.state, traversals.predicted),
        *stored_lines(page, rows.handed_on, traversals.handed_on),
    ]
    if rows.loaded:
        call = call_of(program.procedures["factors"], traversals.instead, traversals.factors)
        lines.append(call_line(page, call, "clocks[1]"))
        lines += [f"rows[{row}, entry] = {ident(traversals.factors[k])}" for k, row in rows.loaded]
    return rendered(
        "numba", "advance_node",
        name="predict_node", description="Predict the states of one node of one work item a step on.",
        arguments=node_arguments(page), lines=lines, finite=[], rows=rows,
    )  # fmt: skip


def _correction(page: Page, traversals: Traversals) -> str:
    """Write the correction, which finds the predicted states in the place of those before the step."""
    program, ident = page.program, page.inner.identifiers
    row = {ident(name): page.rows.handed_on + k for k, name in enumerate(traversals.handed_on)}
    lines = [
        *read_lines(page, (*traversals.predicted, *program.carries), without="noise"),
        *grouped(list(row), lambda name: f"rows[{row[name]}, entry]", WIDTH),
        *sum_lines(page),
        *call_lines(page, ("couplings",), traversals.instead),
        scheme_line(page, traversals.correct, traversals.correct.name),
        *following_lines(page),
    ]
    return rendered(
        "numba", "advance_node",
        name="correct_node", description="Correct the predicted states of one node of one work item.",
        arguments=node_arguments(page), lines=lines, finite=finite_lines(page), rows=page.rows,
    )  # fmt: skip

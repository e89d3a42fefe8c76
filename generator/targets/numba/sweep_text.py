"""The two sweeps of a step over one node, for Numba."""

from __future__ import annotations

from rateloom.generator.ir.program import SchemeBody, Sweeps
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
from .page import WIDTH, Page, listed
from .step_text import call_line, scheme_arguments


def sweeps_text(page: Page) -> str:
    """Write the functions of both sweeps."""
    sweeps = page.program.sweeps
    assert sweeps is not None
    return "\n".join([_prediction(page, sweeps), _correction(page, sweeps)])


def _prediction(page: Page, sweeps: Sweeps) -> str:
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    lines = [
        *read_lines(page, program.states),
        *sum_lines(page),
        *call_lines(page, ("couplings", "noise"), {}),
        _call_of_sweep(page, sweeps.predict),
        *stored_lines(page, rows.state, sweeps.predicted),
        *stored_lines(page, rows.handed_on, sweeps.handed_on),
    ]
    if rows.loaded:
        predicted = dict(zip(program.states, sweeps.predicted, strict=True))
        call = call_of(program.procedures["factors"], predicted, sweeps.factors)
        lines.append(call_line(page, call, "clocks[1]"))
        lines += [f"rows[{row}, entry] = {ident(sweeps.factors[k])}" for k, row in rows.loaded]
    return rendered(
        "numba", "advance_node",
        name="predict_node", description="Predict the states of one node of one work item a step on.",
        arguments=node_arguments(page), lines=lines, finite=[], rows=rows,
    )  # fmt: skip


def _correction(page: Page, sweeps: Sweeps) -> str:
    """Write the correction, which finds the predicted states in the place of those before the step."""
    program, ident = page.program, page.inner.identifiers
    predicted = dict(zip(program.states, sweeps.predicted, strict=True))
    row = {ident(name): page.rows.handed_on + k for k, name in enumerate(sweeps.handed_on)}
    lines = [
        *read_lines(page, (*sweeps.predicted, *program.carries), without="noise"),
        *grouped(list(row), lambda name: f"rows[{row[name]}, entry]", WIDTH),
        *sum_lines(page),
        *call_lines(page, ("couplings",), predicted),
        _call_of_sweep(page, sweeps.correct),
        *following_lines(page),
    ]
    return rendered(
        "numba", "advance_node",
        name="correct_node", description="Correct the predicted states of one node of one work item.",
        arguments=node_arguments(page), lines=lines, finite=finite_lines(page), rows=page.rows,
    )  # fmt: skip


def _call_of_sweep(page: Page, sweep: SchemeBody) -> str:
    results = listed(page.inner.identifiers.all(sweep.results))
    return f"{results} = {sweep.name}({', '.join(scheme_arguments(page, sweep))})"

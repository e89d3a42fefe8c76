"""One node advanced by one step, as CUDA C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rateloom.generator.targets.block_text import unbroken
from rateloom.generator.targets.program_text import call_of

from .page import WIDTH, Page, together
from .step_text import call_lines, scheme_lines


def of_node(page: Page) -> dict[str, Any]:
    """Return what the step is written from: procedures, the scheme, and what follows from the states."""
    scheme = next(iter(page.program.schemes.values()))
    lines = [
        *sum_lines(page),
        *procedure_lines(page, ("couplings", "noise"), {}),
        *scheme_lines(page, scheme, "STEP"),
        *following_lines(page),
    ]
    return {"lines": lines, "finite": finite_lines(page)}


def sum_lines(page: Page) -> list[str]:
    """Write sums over edges, with the undelayed edges from nodes to themselves."""
    program, lines = page.program, []
    if program.accumulators:
        lines.append("const int there = ROWS > 1 ? node - first_node : group * BLOCK + ahead;")
    for k, a in enumerate(program.accumulators):
        total = f"rescaled(coupled[{k}][there][lane], scales, {a.factor})"
        own = f"fma(own_weight, {page.ident(program.factors[a.factor])}, {total})"
        lines.append(f"const real {page.ident(a.name)} = {own if a.delayed else total};")
    return lines


def procedure_lines(page: Page, names: Sequence[str], instead: Mapping[str, str]) -> list[str]:
    """Call procedures, where there are such, at the time of a step's or a traversal's beginning."""
    procedures = [page.program.procedures[name] for name in names if name in page.program.procedures]
    return [line for p in procedures for line in call_lines(page, call_of(p, instead), "clocks[0]")]


def following_lines(page: Page) -> list[str]:
    """Write the states after a step, factors of these, and exposures into their window's sums."""
    program = page.program
    stored = (*program.states, *program.carries)
    new = _after(page)
    lines = procedure_lines(page, ("next_states",), {})
    after = f"clocks[{page.n_stage - 1}]"
    if "exposures" in program.procedures:
        lines += call_lines(page, call_of(program.procedures["exposures"], new), after)
        exposed = page.ident.all(program.procedures["exposures"].results)
    else:
        exposed = page.ident.all(new[str(e.value)] for e in program.model.exposures)
    lines += together(_into_window(page, list(exposed)))
    if "factors" in program.procedures:
        lines += call_lines(page, call_of(program.procedures["factors"], new, program.next_factors), after)
    return lines + together([f"{page.ident(name)} = {page.ident(new[name])};" for name in stored])


def _after(page: Page) -> dict[str, str]:
    """Return the names of states and carries after the step; those of turns come last among the results."""
    results = page.program.procedures["next_states"].results
    return dict(zip((*page.program.states, *page.program.carries), results, strict=False))


def finite_lines(page: Page) -> list[str]:
    """Add up differences that are zero where the states after the step are finite."""
    new = _after(page)
    names = page.ident.all(new[name] for name in page.program.states)
    first, *rest = unbroken((f"({name} - {name})" for name in names), " + ", WIDTH - 30)
    lines = [f"const real finite = {first}", *(f"    {line}" for line in rest)]
    return [*lines[:-1], f"{lines[-1]};"]


def _into_window(page: Page, exposed: list[str]) -> list[str]:
    """Add exposures to the sums of the window; an angle goes on where whole turns were taken off it."""
    n_exposure, lines = len(exposed), []
    first = 2 * n_exposure
    for k, angle in enumerate(page.program.angles):
        lines.append(f"window_sums[{first + k}] += {page.ident(angle.turns)};")
        exposed[angle.exposure] = (
            f"fma(window_sums[{first + k}], real({angle.period!r}), {exposed[angle.exposure]})"
        )
    return lines + [
        f"add_up(window_sums[{k}], window_sums[{n_exposure + k}], {name});" for k, name in enumerate(exposed)
    ]

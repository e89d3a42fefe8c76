"""One node advanced by one step, as CUDA C."""

from __future__ import annotations

from typing import Any

from rateloom.generator.targets.block_text import unbroken
from rateloom.generator.targets.program_text import call_of

from .page import WIDTH, Page, together
from .step_text import call_lines, declared_results


def of_node(page: Page) -> dict[str, Any]:
    """Return what the step is written from: procedures, the scheme, and what follows from the states."""
    program, lines = page.program, []
    if program.accumulators:
        lines.append("const int there = ROWS > 1 ? node - first_node : group * BLOCK + ahead;")
    for k, a in enumerate(program.accumulators):
        total = f"coupled[{k}][there][lane]"
        own = f"fma(own_weight, {page.ident(program.factors[a.factor])}, {total})"
        lines.append(f"const real {page.ident(a.name)} = {own if a.delayed else total};")
    for name in ("couplings", "noise"):
        if name in program.procedures:
            lines += call_lines(page, call_of(program.procedures[name], {}), "clocks[0]")
    results = program.procedures["next_states"].results
    kept = (*program.states, *program.carries)
    new = dict(zip(kept, results, strict=False))  # turns come last
    following = page.ident.all(new[name] for name in program.states)
    scheme = next(iter(program.schemes.values()))
    beside = [*(["clocks"] if page.clocked else []), "rows"]
    increments = page.ident.all(scheme.results)
    lines += declared_results(increments)
    lines.append(f"STEP({', '.join([*page.ident.all(scheme.arguments), *beside, *increments])});")
    lines += call_lines(page, call_of(program.procedures["next_states"], {}), "clocks[0]")
    after = f"clocks[{page.n_stage - 1}]"
    if "exposures" in program.procedures:
        lines += call_lines(page, call_of(program.procedures["exposures"], new), after)
        exposed = page.ident.all(program.procedures["exposures"].results)
    else:
        exposed = page.ident.all(new[str(e.value)] for e in program.model.exposures)
    lines += together(_into_window(page, list(exposed)))
    if "factors" in program.procedures:
        lines += call_lines(page, call_of(program.procedures["factors"], new, program.next_factors), after)
    lines += together([f"{page.ident(name)} = {page.ident(new[name])};" for name in kept])
    return {"lines": lines, "finite": _finite(following)}


def _finite(names: list[str]) -> list[str]:
    """Add up differences that are zero where states are finite."""
    first, *rest = unbroken((f"({name} - {name})" for name in names), " + ", WIDTH - 30)
    lines = [f"const real finite = {first}", *(f"    {line}" for line in rest)]
    return [*lines[:-1], f"{lines[-1]};"]


def _into_window(page: Page, exposed: list[str]) -> list[str]:
    """Add exposures to the sums of the window; an angle goes on where whole turns were taken off it."""
    first, lines = len(exposed), []
    for k, angle in enumerate(page.program.angles):
        lines.append(f"window_sums[{first + k}] += {page.ident(angle.turns)};")
        exposed[angle.exposure] = (
            f"fma(window_sums[{first + k}], real({angle.period!r}), {exposed[angle.exposure]})"
        )
    return lines + [f"window_sums[{k}] += {name};" for k, name in enumerate(exposed)]

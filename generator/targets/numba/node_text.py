"""One node advanced by one step, for Numba."""

from __future__ import annotations

from rateloom.generator.ir.program import Program
from rateloom.generator.targets.block_text import grouped, unbroken
from rateloom.generator.targets.program_text import call_of
from rateloom.generator.targets.templates import rendered

from .page import WIDTH, Page, listed
from .step_text import call_line, scheme_arguments


def node_text(page: Page) -> str:
    """Write the function: procedures, the scheme, and what follows from the states."""
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    states = ident.all(program.states)
    loaded = dict(rows.loaded)
    held = {name: rows.state + k for k, name in enumerate((*program.states, *program.carries))}
    held |= {program.factors[k]: row for k, row in loaded.items()}
    needed = set().union(*(p.arguments for p in program.procedures.values())) - {"t", "dt", "node_count"}
    held |= {e.name: rows.edge_sum + k for k, e in enumerate(program.edge_sums)}
    held |= {name: rows.normal + k for k, name in enumerate(program.normals)}
    held |= {name: rows.input + k for k, name in enumerate(program.inputs)}
    held |= {program.weight_sum: rows.weight_sum}
    always = (*program.states, *program.carries)
    read = {ident(n): row for n, row in held.items() if n in needed or n in always}
    lines = grouped(list(read), lambda name: f"rows[{read[name]}, entry]", WIDTH)
    for k, a in enumerate(program.accumulators):
        place = f"place + {k}" if k else "place"
        total = f"coupled[{place}, ahead, entry]"
        own = f"fma(rows[{rows.own_weight}, entry], rows[{rows.factors[a.factor]}, entry], {total})"
        lines.append(f"{ident(a.name)} = {own if a.delayed else total}")
    following = ident.all(program.procedures["next_states"].results)
    for name in ("couplings", "noise"):
        if name in program.procedures:
            lines.append(call_line(page, call_of(program.procedures[name], {}), "clocks[0]"))
    scheme = next(iter(program.schemes.values()))
    lines.append(
        f"{listed(ident.all(scheme.results))} = step_of({', '.join(scheme_arguments(page, scheme))})"
    )
    lines.append(call_line(page, call_of(program.procedures["next_states"], {}), "clocks[0]"))
    new = dict(zip(program.states, program.procedures["next_states"].results, strict=False))
    lines += grouped(
        [f"rows[{rows.state + k}, entry]" for k in range(2 * len(states))],
        lambda place: following[int(place.split("[")[1].split(",")[0]) - rows.state],
        WIDTH,
    )
    lines += _after(page, new)
    return rendered(
        "numba", "advance_node",
        arguments=node_arguments(page), lines=lines, finite=_finite(following[: len(states)]), rows=rows,
    )  # fmt: skip


def _finite(names: list[str]) -> list[str]:
    """Write the condition that a state is not finite, of differences that are zero where it is."""
    first, *rest = unbroken((f"({name} - {name})" for name in names), " + ", WIDTH - 16)
    lines = [f"if not ({first}", *(f"        {line}" for line in rest)]
    return [*lines[:-1], f"{lines[-1]}) == real(0.0):"]


def node_arguments(page: Page) -> list[str]:
    """Return what the function takes."""
    count = [page.inner.identifiers("node_count")] if counts_nodes(page.program) else []
    clocks = ["clocks"] if page.clocked else []
    return ["rows", "coupled", "place", "ahead", "entry", "dt", *count, *clocks]


def counts_nodes(program: Program) -> bool:
    """Whether the step of a node needs the number of nodes."""
    return any("node_count" in p.arguments for p in program.procedures.values())


def _after(page: Page, new: dict[str, str]) -> list[str]:
    """Write what follows from the states after the step: factors, and exposures into their window's sums."""
    program, rows = page.program, page.rows
    after = f"clocks[{page.n_stage}]"
    lines = []
    if "factors" in program.procedures:
        names = program.next_factors
        lines.append(call_line(page, call_of(program.procedures["factors"], new, names), after))
        lines += [f"rows[{row}, entry] = {page.inner.identifiers(names[k])}" for k, row in rows.loaded]
    if "exposures" in program.procedures:
        results = program.procedures["exposures"].results
        lines.append(call_line(page, call_of(program.procedures["exposures"], new), after))
    else:
        results = tuple(new[str(e.value)] for e in program.model.exposures)
    angles = {a.exposure: (rows.turn + k, a) for k, a in enumerate(program.angles)}
    for k, name in enumerate(page.inner.identifiers.all(results)):
        if k in angles:
            row, angle = angles[k]
            lines.append(f"rows[{row}, entry] += {page.inner.identifiers(angle.turns)}")
            name = f"fma(rows[{row}, entry], real({angle.period!r}), {name})"
        lines.append(f"rows[{rows.exposure + k}, entry] += {name}")
    return lines

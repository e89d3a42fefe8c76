"""One node advanced by one step, for Numba."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rateloom.generator.ir.program import Program
from rateloom.generator.targets.block_text import grouped, unbroken
from rateloom.generator.targets.program_text import call_of
from rateloom.generator.targets.templates import rendered

from .page import WIDTH, Page
from .step_text import call_line, scheme_line


def node_text(page: Page) -> str:
    """Write the function: procedures, the scheme, and what follows from the states."""
    program = page.program
    scheme = next(iter(program.schemes.values()))
    lines = [
        *read_lines(page, (*program.states, *program.carries)),
        *sum_lines(page),
        *call_lines(page, ("couplings", "noise"), {}),
        scheme_line(page, scheme, "step_of"),
        *following_lines(page),
    ]
    return rendered(
        "numba", "advance_node",
        name="advance_node", description="Advance one node of one work item by one step.",
        arguments=node_arguments(page), lines=lines, finite=finite_lines(page), rows=page.rows,
    )  # fmt: skip


def read_lines(page: Page, states: Sequence[str], without: str = "") -> list[str]:
    """Read states and carries, under these names, and what procedures need of a node, but for one of them."""
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    row = {name: rows.state + k for k, name in enumerate(states)}
    row |= {program.factors[k]: number for k, number in rows.loaded}
    row |= {e.name: rows.edge_sum + k for k, e in enumerate(program.edge_sums)}
    row |= {name: rows.normal + k for k, name in enumerate(program.normals)}
    row |= {name: rows.input + k for k, name in enumerate(program.inputs)}
    row |= {program.weight_sum: rows.weight_sum}
    needed = {*states}.union(*(p.arguments for p in program.procedures.values() if p.name != without))
    read = {ident(name): number for name, number in row.items() if name in needed}
    return grouped(list(read), lambda name: f"rows[{read[name]}, entry]", WIDTH)


def sum_lines(page: Page) -> list[str]:
    """Write sums over edges, with the undelayed edges from nodes to themselves."""
    program, rows, lines = page.program, page.rows, []
    for k, a in enumerate(program.accumulators):
        row = f"place + {k}" if k else "place"
        total = f"coupled[{row}, ahead, entry]"
        own = f"fma(rows[{rows.own_weight}, entry], rows[{rows.factors[a.factor]}, entry], {total})"
        lines.append(f"{page.inner.identifiers(a.name)} = {own if a.delayed else total}")
    return lines


def call_lines(page: Page, names: Sequence[str], instead: Mapping[str, str]) -> list[str]:
    """Call procedures, where there are such, at the time of a step's or a traversal's beginning."""
    procedures = page.program.procedures
    return [call_line(page, call_of(procedures[n], instead), "clocks[0]") for n in names if n in procedures]


def stored_lines(page: Page, first: int, names: Sequence[str]) -> list[str]:
    """Write values into rows that follow each other."""
    cells = {f"rows[{first + k}, entry]": name for k, name in enumerate(page.inner.identifiers.all(names))}
    return grouped(list(cells), cells.__getitem__, WIDTH)


def following_lines(page: Page) -> list[str]:
    """Write the states after a step, factors of these, and exposures into their window's sums."""
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    after = f"clocks[{page.n_stage}]"
    states = program.procedures["next_states"].results
    new = dict(zip(program.states, states, strict=False))
    lines = call_lines(page, ("next_states",), {})
    lines += stored_lines(page, rows.state, states[: 2 * len(program.states)])
    if "factors" in program.procedures:
        names = program.next_factors
        lines.append(call_line(page, call_of(program.procedures["factors"], new, names), after))
        lines += [f"rows[{row}, entry] = {ident(names[k])}" for k, row in rows.loaded]
    if "exposures" in program.procedures:
        results = program.procedures["exposures"].results
        lines.append(call_line(page, call_of(program.procedures["exposures"], new), after))
    else:
        results = tuple(new[str(e.value)] for e in program.model.exposures)
    angles = {a.exposure: (rows.turn + k, a) for k, a in enumerate(program.angles)}
    for k, name in enumerate(ident.all(results)):
        if k in angles:
            row, angle = angles[k]
            lines.append(f"rows[{row}, entry] += {ident(angle.turns)}")
            name = f"fma(rows[{row}, entry], real({angle.period!r}), {name})"
        total, rest = (f"rows[{row + k}, entry]" for row in (rows.exposure, rows.rest))
        lines.append(f"{total}, {rest} = added_up({total}, {rest}, {name})")
    return lines


def finite_lines(page: Page) -> list[str]:
    """Count the steps since a state was first not finite, at each step: stores under a mask are slow."""
    following = page.program.procedures["next_states"].results[: len(page.program.states)]
    names = page.inner.identifiers.all(following)
    terms = unbroken((f"({name} - {name})" for name in names), " + ", WIDTH - 16)
    lines = [f"finite = {terms[0]}"]
    if len(terms) > 1:
        lines = ["finite = (", *(f"    {line}" for line in terms), ")"]
    row = f"rows[{page.rows.finite}, entry]"
    return [*lines, f"{row} += real(0.0) if finite == {row} else real(1.0)"]


def node_arguments(page: Page) -> list[str]:
    """Return what the function takes."""
    count = [page.inner.identifiers("node_count")] if counts_nodes(page.program) else []
    clocks = ["clocks"] if page.clocked else []
    return ["rows", "coupled", "place", "ahead", "entry", "dt", *count, *clocks]


def counts_nodes(program: Program) -> bool:
    """Whether the step of a node needs the number of nodes."""
    return any("node_count" in p.arguments for p in program.procedures.values())

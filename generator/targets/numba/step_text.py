"""The step of a node for Numba: procedures, and schemes that call them."""

from __future__ import annotations

from dataclasses import replace

from rateloom.generator.ir.program import Call, Procedure, SchemeBody
from rateloom.generator.targets.block_text import angles_of, grouped
from rateloom.generator.targets.program_text import rows_read
from rateloom.generator.targets.templates import rendered

from .page import WIDTH, Page, angle_lines, listed


def step_text(page: Page) -> str:
    """Write the procedures, and the schemes and the choice of one of these, or a scheme's two traversals."""
    program, traversals = page.program, page.program.traversals
    texts = [_procedure(page, p) for p in program.procedures.values() if p.name != "clock"]
    if traversals:
        return "\n".join([*texts, _scheme(page, traversals.predict), _scheme(page, traversals.correct)])
    texts += [_scheme(page, s) for s in program.schemes.values()]
    return "\n".join([*texts, _choice(page)])


def clock_text(page: Page) -> str:
    """Write what depends on time alone, in double precision."""
    procedure = page.program.procedures["clock"]
    write = replace(page.outer, language=replace(page.outer.language, number="{value!r}"))
    results = [f"real({result})" for result in write.results(procedure.block)]
    return rendered(
        "numba", "procedure",
        name="clock", arguments=("t",), description=procedure.description,
        lines=write.lines(procedure.block.statements, procedure.block.names),
        result=", ".join(results) + ("," if len(results) == 1 else ""),
    )  # fmt: skip


def _procedure(page: Page, procedure: Procedure) -> str:
    write, block = page.inner, procedure.block
    row = dict(rows_read(page.program, block, page.inner.identifiers))
    lines = grouped(list(row), lambda name: f"rows[{row[name]}, entry]", WIDTH)
    values = page.program.procedures["clock"].results if procedure.clock else ()
    lines += [f"{write.identifiers(name)} = clock_values[{values.index(name)}]" for name in procedure.clock]
    lines += write.lines(block.statements, block.names)
    lines += angle_lines(page, block)
    return rendered(
        "numba", "procedure",
        name=procedure.name,
        arguments=[*write.identifiers.all(procedure.arguments), *_beside(page, procedure)],
        description=procedure.description, lines=lines, result=listed(write.results(block)),
    )  # fmt: skip


def _beside(page: Page, procedure: Procedure) -> list[str]:
    """Return what a procedure is given beside its arguments."""
    clock = ["clock_values"] if procedure.clock else []
    reads_rows = procedure.block.rows or (page.angles and angles_of(procedure.block))
    return clock + (["rows", "entry"] if reads_rows else [])


def _scheme(page: Page, scheme: SchemeBody) -> str:
    write = page.inner
    lines = []
    for s in scheme.statements:
        if isinstance(s, Call):
            lines.append(call_line(page, s, f"clocks[{s.stage}]"))
        else:
            lines += write.lines([s], scheme.names)
    return rendered(
        "numba", "procedure",
        name=scheme.name, arguments=scheme_arguments(page, scheme), description=f"{scheme.description}.",
        lines=lines, result=listed(write.identifiers.all(scheme.results)),
    )  # fmt: skip


def scheme_arguments(page: Page, scheme: SchemeBody) -> list[str]:
    """Return what a scheme takes."""
    clocks = ["clocks"] if page.clocked else []
    return [*page.inner.identifiers.all(scheme.arguments), *clocks, "rows", "entry"]


def scheme_line(page: Page, scheme: SchemeBody, name: str) -> str:
    """Write the call of a scheme, or of one of its traversals, and the names of its results."""
    results = listed(page.inner.identifiers.all(scheme.results))
    return f"{results} = {name}({', '.join(scheme_arguments(page, scheme))})"


def call_line(page: Page, call: Call, clock: str) -> str:
    """Write a call and the names of its results."""
    ident = page.inner.identifiers
    procedure = page.program.procedures[call.procedure]
    beside = [clock if word == "clock_values" else word for word in _beside(page, procedure)]
    results = ident.all(call.results)
    return f"{listed(results)} = {call.procedure}({', '.join([*ident.all(call.arguments), *beside])})"


def _choice(page: Page) -> str:
    names = page.program.schemes
    return f"step_of = {{{', '.join(f'{name!r}: {name}' for name in names)}}}[scheme]\n".replace("'", '"')

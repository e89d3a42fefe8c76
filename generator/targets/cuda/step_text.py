"""The step of a node as CUDA C: procedures, and schemes that call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rateloom.generator.ir.program import Call, Procedure, SchemeBody
from rateloom.generator.targets.program_text import rows_read
from rateloom.generator.targets.templates import lines_of, rendered

from .page import WIDTH, Page, declared_rows

_WORD = re.compile(r"[A-Za-z_]\w*")
# lines whose hoisted values are read together
_SOON = 12


def step_text(page: Page) -> str:
    """Write the clock, the procedures and the schemes, or a scheme's two traversals."""
    program, traversals = page.program, page.program.traversals
    texts = [_clock(page)] if page.clocked else []
    texts += [_procedure(page, p) for p in program.procedures.values() if p.name != "clock"]
    schemes = (traversals.predict, traversals.correct) if traversals else program.schemes.values()
    texts += [_scheme(page, s) for s in schemes]
    return "\n".join(texts)


def _clock(page: Page) -> str:
    """Write what depends on time alone, in double precision."""
    procedure = page.program.procedures["clock"]
    write = replace(
        page.write,
        language=replace(page.write.language, number="{value!r}"),
        assignment="const double {name} = {value};",
    )
    results = ", ".join(f"real({r})" for r in write.results(procedure.block))
    lines = [*write.lines(procedure.block.statements, procedure.block.names), f"return {{{results}}};"]
    members = ", ".join(page.ident.all(procedure.results))
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f"// {procedure.description}\nstruct Clock {{ real {members}; }};\n\n"
        f"INLINE Clock clock_at(double t)\n{{\n{body}\n}}\n"
    )


def _procedure(page: Page, procedure: Procedure) -> str:
    write, block = page.write, procedure.block
    lines = [f"const real {page.ident(name)} = clock.{page.ident(name)};" for name in procedure.clock]
    body, out = _with_results(
        write.lines(block.statements, block.names), write.results(block), page.ident.all(procedure.results)
    )
    lines += _read_late(page, dict(rows_read(page.program, block, page.ident)), body)
    arguments = [
        *(f"real {name}" for name in page.ident.all(procedure.arguments)),
        *_typed(page, _beside(page, procedure)),
        *(f"real& {name}" for name in out),
    ]
    return rendered(
        "cuda", "procedure",
        name=procedure.name, description=procedure.description, arguments=arguments, lines=lines,
    )  # fmt: skip


def _with_results(lines: list[str], values: list[str], names: list[str]) -> tuple[list[str], list[str]]:
    """Have the results of a function in its parameters, each under its own name where it has one."""
    assigned = {value: f"const real {value} = " for value in values}
    own = {value for value, head in assigned.items() if sum(line.startswith(head) for line in lines) == 1}
    own = {value for value in own if values.count(value) == 1}
    written = [
        line.removeprefix("const real ") if any(line.startswith(assigned[v]) for v in own) else line
        for line in lines
    ]
    out = [value if value in own else name for value, name in zip(values, names, strict=True)]
    written += [f"{o} = {value};" for o, value in zip(out, values, strict=True) if o != value]
    return written, out


def _read_late(page: Page, row: dict[str, int], lines: list[str]) -> list[str]:
    """Read hoisted values shortly before the lines that use them first: registers hold few at a time."""
    waiting, written = dict(row), []
    for k, line in enumerate(lines):
        if any(word in waiting for word in _WORD.findall(line)):
            soon = [word for text in lines[k : k + _SOON] for word in _WORD.findall(text) if word in waiting]
            pairs = [(name, f"rows[{waiting.pop(name)}]") for name in dict.fromkeys(soon)]
            written += declared_rows(page, pairs)
        written.append(line)
    return written


def _beside(page: Page, procedure: Procedure) -> list[str]:
    clock = ["clock"] if procedure.clock else []
    return clock + (["rows"] if procedure.block.rows else [])


def _typed(page: Page, beside: list[str]) -> list[str]:
    kinds = {
        "clock": "const Clock& clock",
        "clocks": "const Clock* clocks",
        "rows": f"const {page.row_type}& rows",
    }
    return [kinds[word] for word in beside]


def _scheme(page: Page, scheme: SchemeBody) -> str:
    write = page.write
    lines: list[str] = []
    for s in scheme.statements:
        if isinstance(s, Call):
            lines += call_lines(page, s, f"clocks[{s.stage}]", scheme.results)
        else:
            lines += write.lines([s], scheme.names)
    results = page.ident.all(scheme.results)
    lines, out = _with_results(lines, results, results)
    arguments = [
        *(f"real {name}" for name in page.ident.all(scheme.arguments)),
        *_typed(page, [*(["clocks"] if page.clocked else []), "rows"]),
        *(f"real& {name}" for name in out),
    ]
    return rendered(
        "cuda", "procedure",
        name=scheme.name, description=f"{scheme.description}.", arguments=arguments, lines=lines,
    )  # fmt: skip


def call_lines(page: Page, call: Call, clock: str, known: Sequence[str] = ()) -> list[str]:
    """Declare the results of a call that are not known yet, and call."""
    procedure = page.program.procedures[call.procedure]
    beside = [clock if word == "clock" else word for word in _beside(page, procedure)]
    results = page.ident.all(call.results)
    arguments = [*page.ident.all(call.arguments), *beside, *results]
    new = page.ident.all(name for name in call.results if name not in known)
    return [*declared_results(new), f"{call.procedure}({', '.join(arguments)});"]


def scheme_lines(page: Page, scheme: SchemeBody, name: str) -> list[str]:
    """Declare the results of a scheme, or of one of its traversals, and call it."""
    beside = [*(["clocks"] if page.clocked else []), "rows"]
    results = page.ident.all(scheme.results)
    arguments = ", ".join([*page.ident.all(scheme.arguments), *beside, *results])
    return [*declared_results(results), f"{name}({arguments});"]


def declared_results(names: list[str]) -> list[str]:
    """Declare variables that are assigned later."""
    lines = lines_of(tuple(names), WIDTH - 18, ";")
    return [f"    {line}" if k else f"real {line}" for k, line in enumerate(lines)]

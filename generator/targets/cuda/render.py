"""A program as CUDA C."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from rateloom.generator.ir.loops import (
    Action,
    AdvanceNode,
    LoadNode,
    Loop,
    ReadClock,
    StoreNode,
    SumTerms,
    SumWindows,
    WriteHistory,
)
from rateloom.generator.ir.program import Accumulator, Call, EdgeSum, Procedure, Program, SchemeBody
from rateloom.generator.ir.signature import Signature
from rateloom.generator.kernels import time_loops
from rateloom.generator.targets.block_text import Writer, title, unbroken
from rateloom.generator.targets.code_functions import cuda_texts, external_names, with_cuda_externals
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.names import names_of
from rateloom.generator.targets.program_text import (
    TEMPLATES,
    as_real,
    call_of,
    most_stages,
    rows_read,
    stage_times,
)
from rateloom.generator.targets.templates import lines_of, rendered, tidy
from rateloom.generator.version import VERSION

from .layout import ADVANCE, FILL_HISTORY, PREPARE, declared
from .support import INCLUDE, support_text
from .words import CUDA, REGISTERS_FOR_ROWS, RESERVED

_WORD = re.compile(r"[A-Za-z_]\w*")
# lines whose hoisted values are read together
_SOON = 12
# of lines that take several declarations or stores
_WIDTH = 108


@dataclass(frozen=True)
class _Page:
    """What all parts of one source are written with."""

    program: Program
    write: Writer
    switches: tuple[int, ...]

    @property
    def ident(self) -> Identifiers:
        return self.write.identifiers

    @property
    def clocked(self) -> bool:
        return "clock" in self.program.procedures

    @property
    def n_stage(self) -> int:
        return most_stages(self.program) + 1

    @property
    def late(self) -> bool:
        return len(self.program.hoisted.results) > REGISTERS_FOR_ROWS

    @property
    def row_type(self) -> str:
        return "Memory" if self.late else f"Registers<{len(self.program.hoisted.results)}>"

    @property
    def loaded(self) -> dict[int, str]:
        """Factors that are neither a state nor a hoisted value: they live beside the states."""
        hoisted = {self.program.hoisted.names[n] for n in self.program.hoisted.results}
        fixed = {*self.program.states, *hoisted}
        return {k: self.ident(f) for k, f in enumerate(self.program.factors) if f not in fixed}


def cuda_kernel(program: Program, standalone: bool = False) -> str:
    """Write the CUDA source of a program.

    Parameters
    ----------
    program : Program
    standalone : bool
        Whether the source carries what it would include.
    """
    identifiers = Identifiers(RESERVED | external_names(program.model), set(names_of(program)))
    language = with_cuda_externals(CUDA, program.model)
    write = Writer(language, identifiers, "const {type} {name} = {value};", "//")
    sums: list[Accumulator | EdgeSum] = [*program.accumulators, *program.edge_sums]
    page = _Page(program, write, tuple(sorted({gate for s in sums for gate in s.gates})))
    return tidy(
        rendered(
            "cuda", "module",
            title=title(program.model), version=VERSION, model=program.model,
            header=support_text() if standalone else INCLUDE, externals=cuda_texts(program.model),
            prepare=_prepare(page), fill_history=_fill_history(page), step=_step(page),
            advance=_advance(page, time_loops(program)),
        )
    )  # fmt: skip


def _parameters(signature: Signature) -> tuple[str, ...]:
    """Write a kernel's parameters."""
    return tuple(declared(a) for a in signature.arguments)


def _scalars(page: _Page, names: set[str]) -> list[str]:
    values = {"dt": "real(step_size)", "node_count": "real(n_node)"}
    return [f"const real {page.ident(name)} = {value};" for name, value in values.items() if name in names]


def _declared_rows(page: _Page, pairs: list[tuple[str, str]]) -> list[str]:
    """Declare several values a line."""
    lines: list[str] = []
    for name, value in pairs:
        text = f"{name} = {value}"
        if lines and len(lines[-1]) + len(text) < _WIDTH:
            lines[-1] = f"{lines[-1][:-1]}, {text};"
        else:
            lines.append(f"const real {text};")
    return lines


def _prepare(page: _Page) -> str:
    program, block = page.program, page.program.hoisted
    row = {name: k for k, name in enumerate(program.parameters)}
    read = [name for name in program.parameters if name in block.leaves]
    places = [(page.ident(n), f"value[{row[n]}]") for n in read]
    return rendered(
        "cuda", "prepare",
        name=program.model.name, arguments=_parameters(PREPARE), n_parameter=len(program.parameters),
        n_hoisted=len(block.results), scalars=_scalars(page, set(block.leaves)),
        reads=_declared_rows(page, places), lines=page.write.lines(block.statements, block.names),
        results=as_real(block, page.write.results(block)),
    )  # fmt: skip


def _fill_history(page: _Page) -> str:
    program, write = page.program, page.write
    factors = program.procedures.get("factors")
    reads, lines, leaves = [], [], set(program.factors)
    results = [page.ident(f) for f in program.factors]
    if factors is not None:
        block = factors.block
        reads = [
            f"const real {name} = hoisted[(({row} * (size_t)columns) + node * regional) * LANES + lane];"
            for name, row in rows_read(page.program, block, page.ident)
        ]
        lines, results, leaves = (
            write.lines(block.statements, block.names),
            write.results(block),
            set(block.leaves),
        )
    read = [(k, name) for k, name in enumerate(program.states) if name in leaves]
    places = [(page.ident(name), f"state[{f'at + {k} * row' if k else 'at'}]") for k, name in read]
    return rendered(
        "cuda", "fill_history",
        name=program.model.name, arguments=_parameters(FILL_HISTORY), n_state=2 * len(program.states),
        n_hoisted=len(program.hoisted.results), reads=reads, states=_declared_rows(page, places), lines=lines,
        results=results,
    )  # fmt: skip


def _step(page: _Page) -> str:
    program = page.program
    texts = [_clock(page)] if page.clocked else []
    texts += [_procedure(page, p) for p in program.procedures.values() if p.name != "clock"]
    texts += [_scheme(page, s) for s in program.schemes.values()]
    return "\n".join(texts)


def _clock(page: _Page) -> str:
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


def _read_late(page: _Page, row: dict[str, int], lines: list[str]) -> list[str]:
    """Read hoisted values shortly before the lines that use them first: registers hold few at a time."""
    waiting, written = dict(row), []
    for k, line in enumerate(lines):
        if any(word in waiting for word in _WORD.findall(line)):
            soon = [word for text in lines[k : k + _SOON] for word in _WORD.findall(text) if word in waiting]
            pairs = [(name, f"rows[{waiting.pop(name)}]") for name in dict.fromkeys(soon)]
            written += _declared_rows(page, pairs)
        written.append(line)
    return written


def _beside(page: _Page, procedure: Procedure) -> list[str]:
    clock = ["clock"] if procedure.clock else []
    return clock + (["rows"] if procedure.block.rows else [])


def _typed(page: _Page, beside: list[str]) -> list[str]:
    kinds = {
        "clock": "const Clock& clock",
        "clocks": "const Clock* clocks",
        "rows": f"const {page.row_type}& rows",
    }
    return [kinds[word] for word in beside]


def _procedure(page: _Page, procedure: Procedure) -> str:
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


def _scheme(page: _Page, scheme: SchemeBody) -> str:
    write = page.write
    lines: list[str] = []
    for s in scheme.statements:
        lines += (
            _call(page, s, f"clocks[{s.stage}]") if isinstance(s, Call) else write.lines([s], scheme.names)
        )
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


def _call(page: _Page, call: Call, clock: str) -> list[str]:
    """Declare the results of a call, and call."""
    procedure = page.program.procedures[call.procedure]
    beside = [clock if word == "clock" else word for word in _beside(page, procedure)]
    results = page.ident.all(call.results)
    arguments = [*page.ident.all(call.arguments), *beside, *results]
    return [*_declared(results), f"{call.procedure}({', '.join(arguments)});"]


def _declared(names: list[str]) -> list[str]:
    """Declare variables that are assigned later."""
    first, *rest = lines_of(tuple(names), _WIDTH - 18, ";")
    return [f"real {first}", *(f"    {line}" for line in rest)]


def _advance(page: _Page, loops: Action) -> str:
    program = page.program
    names = set().union(*(p.arguments for p in program.procedures.values()), {"dt"})
    for e in program.edge_sums:
        names |= e.block.leaves
    scalars = _scalars(page, names)
    if program.normals:
        scalars.append("const unsigned int item = items[lane_block * LANES + lane];")
    return rendered(
        "cuda", "advance",
        name=program.model.name, arguments=_parameters(ADVANCE), accumulators=program.accumulators,
        n_hoisted=len(program.hoisted.results), late=page.late, switches=page.switches,
        on=_switch_lines(page), n_state=2 * len(program.states), n_factor=len(program.factors),
        n_exposure=len(program.exposures), n_sum=len(program.exposures) + len(program.angles),
        inputs=program.inputs, scalars=scalars, loops=_text(page, loops),
    )  # fmt: skip


def _switch_lines(page: _Page) -> list[str]:
    lines = []
    for name, sums in (("on", page.program.accumulators), ("on_edges", page.program.edge_sums)):
        if sums:
            on = [
                " && ".join(f"switched_on[{page.switches.index(g)}]" for g in s.gates) or "true" for s in sums
            ]
            lines.append(f"const bool {name}[] = {{{', '.join(on)}}};")
    return lines


def _text(page: _Page, action: Action) -> str:
    """Write an action and all within it."""
    program = page.program
    body = "".join(_text(page, inner) for inner in action.body) if isinstance(action, Loop) else ""
    context: dict[str, Any] = {
        "body": body, "accumulators": program.accumulators, "n_factor": len(program.factors),
        "n_hoisted": len(program.hoisted.results), "n_exposure": len(program.exposures), "late": page.late,
        "n_sum": len(program.exposures) + len(program.angles), "angles": program.angles,
        "loaded": page.loaded, "weight_sum": page.ident(program.weight_sum),
        "inputs": page.ident.all(program.inputs), "normals": page.ident.all(program.normals),
        "n_stage": page.n_stage,
    }  # fmt: skip
    own: dict[type[Action], Any] = {
        SumWindows: _of_windows, LoadNode: _of_load, ReadClock: _of_clock, AdvanceNode: _of_step,
        WriteHistory: _of_history, StoreNode: _of_store,
    }  # fmt: skip
    if isinstance(action, SumTerms):
        context |= _of_terms(page, action.sum)
    elif type(action) in own:
        context |= own[type(action)](page)
    return rendered("cuda", TEMPLATES[type(action)], **context)


def _of_windows(page: _Page) -> dict[str, Any]:
    return {"delayed": sum(a.delayed << k for k, a in enumerate(page.program.accumulators))}


def _of_load(page: _Page) -> dict[str, Any]:
    program = page.program
    states = [
        (page.ident(name), f"state[{f'{k} * row_size + cell' if k else 'cell'}]")
        for k, name in enumerate((*program.states, *program.carries))
    ]
    reads = [line.removeprefix("const ") for line in _declared_rows(page, states)]
    reads += [f"real {name} = {_recalled(k, 'node', 'at')};" for k, name in page.loaded.items()]
    hoisted = {program.hoisted.names[n]: row for row, n in enumerate(program.hoisted.results)}
    reads += [f"const real {page.ident(f)} = rows[{hoisted[f]}];" for f in program.factors if f in hoisted]
    procedures = program.procedures.values()
    uses = any(a.delayed for a in program.accumulators) or any(
        program.weight_sum in p.arguments for p in procedures
    )
    return {"reads": reads, "uses_weights": uses}


def _recalled(factor: int, node: str, slot: str) -> str:
    """Read a factor from the history."""
    place = f"(({factor} * (size_t)n_node + {node}) * horizon + {slot}) * LANES + lane"
    return f"rescaled(recall(history[{place}]), scales, {factor})"


def _of_clock(page: _Page) -> dict[str, Any]:
    program = page.program
    times = {s.name: ", ".join(map(str, stage_times(program, s))) for s in program.schemes.values()}
    return {"stages": times}


def _of_step(page: _Page) -> dict[str, Any]:
    program, lines = page.program, []
    if program.accumulators:
        lines.append("const int there = ROWS > 1 ? node - first_node : group * BLOCK + ahead;")
    for k, a in enumerate(program.accumulators):
        total = f"rescaled(coupled[{k}][there][lane], scales, {a.factor})"
        own = f"fma(own_weight, {page.ident(program.factors[a.factor])}, {total})"
        lines.append(f"const real {page.ident(a.name)} = {own if a.delayed else total};")
    for name in ("couplings", "noise"):
        if name in program.procedures:
            lines += _call(page, call_of(program.procedures[name], {}), "clocks[0]")
    results = program.procedures["next_states"].results
    kept = (*program.states, *program.carries)
    new = dict(zip(kept, results, strict=False))  # turns come last
    following = page.ident.all(new[name] for name in program.states)
    scheme = next(iter(program.schemes.values()))
    beside = [*(["clocks"] if page.clocked else []), "rows"]
    increments = page.ident.all(scheme.results)
    lines += _declared(increments)
    lines.append(f"STEP({', '.join([*page.ident.all(scheme.arguments), *beside, *increments])});")
    lines += _call(page, call_of(program.procedures["next_states"], {}), "clocks[0]")
    after = f"clocks[{page.n_stage - 1}]"
    if "exposures" in program.procedures:
        lines += _call(page, call_of(program.procedures["exposures"], new), after)
        exposed = page.ident.all(program.procedures["exposures"].results)
    else:
        exposed = page.ident.all(new[str(e.value)] for e in program.model.exposures)
    lines += _together(_into_window(page, list(exposed)))
    if "factors" in program.procedures:
        lines += _call(page, call_of(program.procedures["factors"], new, program.next_factors), after)
    lines += _together([f"{page.ident(name)} = {page.ident(new[name])};" for name in kept])
    return {"lines": lines, "finite": _finite(following)}


def _together(statements: list[str]) -> list[str]:
    """Put short statements on lines."""
    return unbroken(statements, " ", _WIDTH - 10)


def _finite(names: list[str]) -> list[str]:
    """Add up differences that are zero where states are finite."""
    first, *rest = unbroken((f"({name} - {name})" for name in names), " + ", _WIDTH - 30)
    lines = [f"const real finite = {first}", *(f"    {line}" for line in rest)]
    return [*lines[:-1], f"{lines[-1]};"]


def _into_window(page: _Page, exposed: list[str]) -> list[str]:
    """Add exposures to the sums of the window; an angle goes on where whole turns were taken off it."""
    first, lines = len(exposed), []
    for k, angle in enumerate(page.program.angles):
        lines.append(f"window_sums[{first + k}] += {page.ident(angle.turns)};")
        exposed[angle.exposure] = (
            f"fma(window_sums[{first + k}], real({angle.period!r}), {exposed[angle.exposure]})"
        )
    return lines + [f"window_sums[{k}] += {name};" for k, name in enumerate(exposed)]


def _of_history(page: _Page) -> dict[str, Any]:
    return {"next_factors": page.ident.all(page.program.next_factors)}


def _of_store(page: _Page) -> dict[str, Any]:
    program = page.program
    writes = [
        f"state[{f'{k} * row_size + cell' if k else 'cell'}] = {page.ident(name)};"
        for k, name in enumerate((*program.states, *program.carries))
    ]
    return {"writes": _together(writes)}


def _of_terms(page: _Page, edge_sum: EdgeSum) -> dict[str, Any]:
    program, block = page.program, edge_sum.block
    lines = [
        f"const real {name} = hoisted[({row} * (size_t)columns + (columns > 1 ? other : 0)) * LANES + lane];"
        for name, row in rows_read(page.program, block, page.ident)
    ]
    for name, factor in program.source_rows.items():
        if name in block.leaves:
            lines.append(f"const real {page.ident(name)} = {_recalled(factor, 'other', 'slot')};")
    if page.clocked:
        values = program.procedures["clock"].results
        lines += [
            f"const real {page.ident(v)} = clocks[0].{page.ident(v)};" for v in values if v in block.leaves
        ]
    lines += page.write.lines(block.statements, block.names)
    return {
        "name": page.ident(edge_sum.name), "number": program.edge_sums.index(edge_sum), "lines": lines,
        "delayed": edge_sum.delayed, "result": page.write.results(block)[0],
    }  # fmt: skip

"""A program as a Numba module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rateloom.generator.ir.loops import (
    Action,
    AdvanceNode,
    CorrectNode,
    Loop,
    PredictNode,
    SumTerms,
)
from rateloom.generator.ir.program import (
    Accumulator,
    Block,
    Call,
    EdgeSum,
    Procedure,
    Program,
    SchemeBody,
    Sweeps,
)
from rateloom.generator.kernels import time_loops
from rateloom.generator.targets.block_text import Writer, angles_of, grouped, title, unbroken
from rateloom.generator.targets.code_functions import external_names, python_texts, with_python_externals
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.names import names_of
from rateloom.generator.targets.program_text import (
    TEMPLATES,
    as_real,
    call_of,
    most_stages,
    rows_read,
    stage_times,
    sweep_times,
)
from rateloom.generator.targets.templates import rendered, tidy
from rateloom.generator.version import VERSION

from .elementary_text import ANGLES, PRECISIONS
from .layout import ADVANCE, FILL_HISTORY, PREPARE, Rows, rows_of
from .support import standalone_imports, support_imports, support_text
from .words import LANGUAGES, RESERVED

_WIDTH = 106
_DONE = {
    "advance": "Advance one node of one work item by one step.",
    "predict": "Predict the states of one node of one work item a step on.",
    "correct": "Correct the predicted states of one node of one work item.",
}
_VERBS: Mapping[type[Action], str] = {AdvanceNode: "advance", PredictNode: "predict", CorrectNode: "correct"}


@dataclass(frozen=True)
class _Page:
    """What all parts of one module are written with: inside loops over lanes, and elsewhere."""

    program: Program
    inner: Writer
    outer: Writer
    rows: Rows
    angles: tuple[str, ...]

    @property
    def clocked(self) -> bool:
        return "clock" in self.program.procedures

    @property
    def n_stage(self) -> int:
        return most_stages(self.program)

    @property
    def n_sweep(self) -> int:
        return 2 if self.program.sweeps else 1


def numba_module(program: Program, math: str = "fast", standalone: bool = False) -> str:
    """Write the Numba module of a program.

    Parameters
    ----------
    program : Program
    math : {"fast", "libm"}
        Elementary functions: those of `rateloom.kernels.elementary`, without branches in loops over lanes, or
        the standard library's.
    standalone : bool
        Whether the module carries what it would import from `rateloom.kernels`.
    """
    page = _page(program, math)
    loops = time_loops(program)
    parts = {
        "prepare": _prepare(page),
        "fill_history": _fill_history(page),
        "clock": _clock(page) if page.clocked else "",
        "step": _step(page),
        "advance": _advance(page, loops),
    }
    page_of = partial(
        rendered, "numba", "module",
        title=title(program.model), version=VERSION, model=program.model,
        externals=python_texts(program.model), has_angles=bool(page.angles), angles=page.angles,
        any_angles=tuple(f"any_{name}" for name in page.angles), constants=_constants(page),
        steps=("predict", "correct") if program.sweeps else ("advance",), **parts,
    )  # fmt: skip
    text = page_of(imports="", support="")
    if not standalone:
        return tidy(page_of(imports=support_imports(text), support=""))
    support = support_text(text)
    return tidy(page_of(imports=standalone_imports(f"{text}\n{support}"), support=support))


def _constants(page: _Page) -> dict[str, str]:
    """Return what the loops know of the model by number: rows, factors, times of stages."""
    program = page.program
    rows = {}
    if program.accumulators:
        rows["FACTORS"] = repr(tuple(a.factor for a in program.accumulators))
        rows["DELAYED"] = repr(tuple(int(a.delayed) for a in program.accumulators))
    if program.factors:
        rows["ROWS"] = repr(page.rows.factors)
    n_state = len(program.state_rows)
    n_sum = len(program.exposures) + len(program.angles)
    rows["KEPT"] = repr(((0, page.rows.n_hoisted), (page.rows.state, n_state), (page.rows.exposure, n_sum)))
    constants = {", ".join(rows): ", ".join(rows.values())}
    if page.clocked:
        times = {
            s.name: sweep_times(s) if program.sweeps else stage_times(program, s)
            for s in program.schemes.values()
        }
        constants["STAGES"] = f"{times!r}[scheme]".replace("'", '"')
    if page.angles:
        single, double = (p.largest_angle for p in PRECISIONS)
        constants["largest_angle"] = f"real({single!r} if real is np.float32 else {double!r})"
    return constants


def _page(program: Program, math: str) -> _Page:
    identifiers = Identifiers(RESERVED | external_names(program.model), set(names_of(program)))
    inner, outer = (
        Writer(with_python_externals(words, program.model), identifiers, "{name} = {value}", "#")
        for words in LANGUAGES[math]
    )
    used = {
        node.op
        for block in _lane_blocks(program)
        for node in _operations(block)
        if node.op in ANGLES and math == "fast"
    }
    angles = tuple(name for name in ANGLES if name in used)
    return _Page(program, inner, outer, rows_of(program, bool(angles)), angles)


def _lane_blocks(program: Program) -> list[Block]:
    """Return the blocks in loops over lanes."""
    procedures = [p.block for p in program.procedures.values() if p.name != "clock"]
    return [*procedures, *(e.block for e in program.edge_sums)]


def _operations(block: Block) -> Iterable[Any]:
    waiting = [*(s.value for s in block.statements), *block.results]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            yield node
            waiting += [a for a in node.args if a not in block.names]


def _prepare(page: _Page) -> str:
    program, block, write = page.program, page.program.hoisted, page.outer
    ident = write.identifiers
    row = {name: k for k, name in enumerate(program.parameters)}
    read = [name for name in program.parameters if name in block.leaves]
    return rendered(
        "numba", "prepare",
        signature=PREPARE, block=block,
        count_name=ident("node_count") if "node_count" in block.leaves else "",
        reads=grouped(read, lambda name: f"value[{row[name]}]", _WIDTH - 8, ident),
        lines=write.lines(block.statements, block.names), results=as_real(block, write.results(block)),
    )  # fmt: skip


def _fill_history(page: _Page) -> str:
    program, write = page.program, page.outer
    ident = write.identifiers
    factors = program.procedures.get("factors")
    if factors is None:
        reads, lines, results, leaves = [], [], [ident(f) for f in program.factors], set(program.factors)
    else:
        block = factors.block
        reads = [
            f"{name} = hoisted[{row}, node * regional, lane]"
            for name, row in rows_read(page.program, block, page.inner.identifiers)
        ]
        lines, results, leaves = (
            write.lines(block.statements, block.names),
            write.results(block),
            set(block.leaves),
        )
    states = [(k, name) for k, name in enumerate(program.states) if name in leaves]
    row = {name: k for k, name in states}
    reads += grouped(list(row), lambda name: f"state[{row[name]}, here]", _WIDTH - 8, ident)
    return rendered(
        "numba",
        "fill_history",
        signature=FILL_HISTORY,
        reads=reads,
        lines=lines,
        results=results,
        regional=any("regional" in line for line in reads),
    )


def _clock(page: _Page) -> str:
    procedure = page.program.procedures["clock"]
    write = replace(page.outer, language=replace(page.outer.language, number="{value!r}"))
    results = [f"real({result})" for result in write.results(procedure.block)]
    return rendered(
        "numba", "procedure",
        name="clock", arguments=("t",), description=procedure.description,
        lines=write.lines(procedure.block.statements, procedure.block.names),
        result=", ".join(results) + ("," if len(results) == 1 else ""),
    )  # fmt: skip


def _step(page: _Page) -> str:
    """Write the procedures, the schemes, and the step of a node that puts them together."""
    program = page.program
    texts = [_procedure(page, p) for p in program.procedures.values() if p.name != "clock"]
    sweeps = program.sweeps
    schemes = (sweeps.predict, sweeps.correct) if sweeps else program.schemes.values()
    texts += [_scheme(page, s) for s in schemes]
    return "\n".join([*texts, *_node_steps(page)])


def _beside(page: _Page, procedure: Procedure) -> list[str]:
    """Return what a procedure is given beside its arguments."""
    clock = ["clock_values"] if procedure.clock else []
    reads_rows = procedure.block.rows or (page.angles and angles_of(procedure.block))
    return clock + (["rows", "entry"] if reads_rows else [])


def _procedure(page: _Page, procedure: Procedure) -> str:
    write, block = page.inner, procedure.block
    row = dict(rows_read(page.program, block, page.inner.identifiers))
    lines = grouped(list(row), lambda name: f"rows[{row[name]}, entry]", _WIDTH)
    values = page.program.procedures["clock"].results if procedure.clock else ()
    lines += [f"{write.identifiers(name)} = clock_values[{values.index(name)}]" for name in procedure.clock]
    lines += write.lines(block.statements, block.names)
    lines += _angle_lines(page, block)
    return rendered(
        "numba", "procedure",
        name=procedure.name,
        arguments=[*write.identifiers.all(procedure.arguments), *_beside(page, procedure)],
        description=procedure.description, lines=lines, result=_listed(write.results(block)),
    )  # fmt: skip


def _angle_lines(page: _Page, block: Block) -> list[str]:
    """Keep the largest angle, which the functions of vectors may not know."""
    if not page.angles:
        return []
    at = f"rows[{page.rows.angle}, entry]"
    texts = (page.inner.expression(angle, block.names) for angle in angles_of(block))
    return [f"{at} = max({at}, abs({text}))" for text in texts]


def _scheme(page: _Page, scheme: SchemeBody) -> str:
    write = page.inner
    lines = []
    for s in scheme.statements:
        if isinstance(s, Call):
            lines.append(_call(page, s, f"clocks[{s.stage}]"))
        else:
            lines += write.lines([s], scheme.names)
    return rendered(
        "numba", "procedure",
        name=scheme.name, arguments=_scheme_arguments(page, scheme), description=f"{scheme.description}.",
        lines=lines, result=_listed(write.identifiers.all(scheme.results)),
    )  # fmt: skip


def _scheme_arguments(page: _Page, scheme: SchemeBody) -> list[str]:
    clocks = ["clocks"] if page.clocked else []
    return [*page.inner.identifiers.all(scheme.arguments), *clocks, "rows", "entry"]


def _call(page: _Page, call: Call, clock: str) -> str:
    ident = page.inner.identifiers
    procedure = page.program.procedures[call.procedure]
    beside = [clock if word == "clock_values" else word for word in _beside(page, procedure)]
    results = ident.all(call.results)
    return f"{_listed(results)} = {call.procedure}({', '.join([*ident.all(call.arguments), *beside])})"


def _listed(names: Sequence[str]) -> str:
    """Write several names, in brackets if a line may have to be broken."""
    text = ", ".join(names)
    return f"({text})" if len(text) > _WIDTH - 10 else text


def _choice(page: _Page) -> str:
    names = page.program.schemes
    return f"step_of = {{{', '.join(f'{name!r}: {name}' for name in names)}}}[scheme]\n".replace("'", '"')


def _node_steps(page: _Page) -> list[str]:
    """Write the step of a node, or both of its sweeps."""
    program = page.program
    if program.sweeps is None:
        scheme = next(iter(program.schemes.values()))
        step = (
            f"{_listed(page.inner.identifiers.all(scheme.results))} = "
            f"step_of({', '.join(_scheme_arguments(page, scheme))})"
        )
        lines = [*_reads(page, (*program.states, *program.carries)), *_sums(page)]
        lines += [*_calls(page, ("couplings", "noise"), {}), step]
        return [_choice(page), _node_step(page, "advance", [*lines, *_following(page)])]
    return [_predict_node(page, program.sweeps), _correct_node(page, program.sweeps)]


def _node_step(page: _Page, verb: str, lines: list[str]) -> str:
    following = page.program.procedures["next_states"].results[: len(page.program.states)]
    finite = [] if verb == "predict" else _finite(page.inner.identifiers.all(following))
    return rendered(
        "numba", "advance_node",
        name=f"{verb}_node", description=_DONE[verb], arguments=_node_arguments(page), lines=lines,
        finite=finite, rows=page.rows,
    )  # fmt: skip


def _predict_node(page: _Page, sweeps: Sweeps) -> str:
    """Write the sweep that predicts the states of a node."""
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    lines = [*_reads(page, program.states), *_sums(page), *_calls(page, ("couplings", "noise"), {})]
    lines.append(_step_call(page, sweeps.predict))
    lines += _stored(page, rows.state, sweeps.predicted)
    lines += _stored(page, rows.kept, sweeps.kept)
    if rows.loaded:
        predicted = dict(zip(program.states, sweeps.predicted, strict=True))
        lines.append(
            _call(page, call_of(program.procedures["factors"], predicted, sweeps.factors), "clocks[1]")
        )
        lines += [f"rows[{row}, entry] = {ident(sweeps.factors[k])}" for k, row in rows.loaded]
    return _node_step(page, "predict", lines)


def _correct_node(page: _Page, sweeps: Sweeps) -> str:
    """Write the sweep that corrects the predicted states of a node."""
    rows, ident = page.rows, page.inner.identifiers
    kept = {name: rows.kept + k for k, name in enumerate(sweeps.kept)}
    predicted = dict(zip(page.program.states, sweeps.predicted, strict=True))
    lines = _reads(page, (*sweeps.predicted, *page.program.carries), without="noise")
    row = dict(zip(ident.all(kept), kept.values(), strict=True))
    lines += grouped(list(row), lambda name: f"rows[{row[name]}, entry]", _WIDTH)
    lines += [*_sums(page), *_calls(page, ("couplings",), predicted), _step_call(page, sweeps.correct)]
    return _node_step(page, "correct", [*lines, *_following(page)])


def _step_call(page: _Page, scheme: SchemeBody) -> str:
    results = _listed(page.inner.identifiers.all(scheme.results))
    return f"{results} = {scheme.name}({', '.join(_scheme_arguments(page, scheme))})"


def _stored(page: _Page, first: int, names: Sequence[str]) -> list[str]:
    """Write values into rows that follow each other."""
    places = {f"rows[{first + k}, entry]": name for k, name in enumerate(page.inner.identifiers.all(names))}
    return grouped(list(places), places.__getitem__, _WIDTH)


def _reads(page: _Page, states: Sequence[str], without: str = "") -> list[str]:
    """Read states and carries, under these names, and what else procedures need of a node, but for one."""
    program, rows, ident = page.program, page.rows, page.inner.identifiers
    held = {name: rows.state + k for k, name in enumerate(states)}
    held |= {program.factors[k]: row for k, row in rows.loaded}
    needed = set().union(*(p.arguments for p in program.procedures.values() if p.name != without))
    held |= {e.name: rows.edge_sum + k for k, e in enumerate(program.edge_sums)}
    held |= {name: rows.normal + k for k, name in enumerate(program.normals)}
    held |= {name: rows.input + k for k, name in enumerate(program.inputs)}
    held |= {program.weight_sum: rows.weight_sum}
    read = {ident(n): row for n, row in held.items() if n in needed or n in states}
    return grouped(list(read), lambda name: f"rows[{read[name]}, entry]", _WIDTH)


def _sums(page: _Page) -> list[str]:
    """Write sums over edges, with the undelayed edges from nodes to themselves."""
    program, rows, lines = page.program, page.rows, []
    for k, a in enumerate(program.accumulators):
        place = f"place + {k}" if k else "place"
        total = f"coupled[{place}, ahead, entry]"
        own = f"fma(rows[{rows.own_weight}, entry], rows[{rows.factors[a.factor]}, entry], {total})"
        lines.append(f"{page.inner.identifiers(a.name)} = {own if a.delayed else total}")
    return lines


def _calls(page: _Page, names: Sequence[str], instead: Mapping[str, str]) -> list[str]:
    """Call procedures, where there are such, at the beginning of a step or a sweep."""
    procedures = page.program.procedures
    return [_call(page, call_of(procedures[n], instead), "clocks[0]") for n in names if n in procedures]


def _following(page: _Page) -> list[str]:
    """Write the states after a step, and what follows from them."""
    program, rows = page.program, page.rows
    lines = _calls(page, ("next_states",), {})
    results = program.procedures["next_states"].results
    lines += _stored(page, rows.state, results[: 2 * len(program.states)])
    return [*lines, *_after(page, dict(zip(program.states, results, strict=False)))]


def _node_arguments(page: _Page) -> list[str]:
    count = [page.inner.identifiers("node_count")] if _counts_nodes(page.program) else []
    clocks = ["clocks"] if page.clocked else []
    return ["rows", "coupled", "place", "ahead", "entry", "dt", *count, *clocks]


def _counts_nodes(program: Program) -> bool:
    return any("node_count" in p.arguments for p in program.procedures.values())


def _finite(names: list[str]) -> list[str]:
    """Write the condition that a state is not finite, of differences that are zero where it is."""
    first, *rest = unbroken((f"({name} - {name})" for name in names), " + ", _WIDTH - 16)
    lines = [f"if not ({first}", *(f"        {line}" for line in rest)]
    return [*lines[:-1], f"{lines[-1]}) == real(0.0):"]


def _after(page: _Page, new: dict[str, str]) -> list[str]:
    """Write what follows from the states after the step: factors, and exposures into their window's sums."""
    program, rows = page.program, page.rows
    after = f"clocks[{page.n_stage}]"
    lines = []
    if "factors" in program.procedures:
        names = program.next_factors
        lines.append(_call(page, call_of(program.procedures["factors"], new, names), after))
        lines += [f"rows[{row}, entry] = {page.inner.identifiers(names[k])}" for k, row in rows.loaded]
    if "exposures" in program.procedures:
        results = program.procedures["exposures"].results
        lines.append(_call(page, call_of(program.procedures["exposures"], new), after))
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


def _advance(page: _Page, loops: Action) -> str:
    program = page.program
    scalars = {"dt": "real(step_size)"}
    if _counts_nodes(program) or any("node_count" in e.block.leaves for e in program.edge_sums):
        scalars[page.inner.identifiers("node_count")] = "real(n_node)"
    return rendered(
        "numba", "advance",
        signature=ADVANCE, rows=page.rows, scalars=scalars, switches=_switch_lines(program),
        factors=program.factors, edge_sums=program.edge_sums, normals=program.normals,
        accumulators=program.accumulators, loops=_text(page, loops), sweeps=page.n_sweep,
    )  # fmt: skip


def _switch_lines(program: Program) -> list[str]:
    """Write which sums over edges parameters leave on."""
    lines = []
    sums: list[Accumulator | EdgeSum] = [*program.accumulators, *program.edge_sums]
    if any(s.gates for s in sums):
        lines.append("# sums over edges that parameters multiply with zero throughout are left out")
    if program.accumulators:
        lines.append(f"accumulators = (FACTORS, DELAYED, {_switches(program.accumulators)})")
    if program.edge_sums:
        lines.append(f"on_edges = {_switches(program.edge_sums)}")
    return lines


def _switches(sums: Sequence[Accumulator | EdgeSum]) -> str:
    on = [f"switched_on(hoisted, {s.gates!r})" if s.gates else "1" for s in sums]
    return f"({', '.join(on)}{',' if len(on) == 1 else ''})"


def _text(page: _Page, action: Action) -> str:
    """Write an action and all within it."""
    body = "".join(_text(page, inner) for inner in action.body) if isinstance(action, Loop) else ""
    context = {k: v for k, v in vars(action).items() if k not in ("body", "sums", "sum", "factors")}
    own = _of_terms(page, action.sum) if isinstance(action, SumTerms) else {}
    return rendered(
        "numba", TEMPLATES[type(action)],
        **{
            "rows": page.rows, "n_hoisted": page.rows.n_hoisted, "n_state": len(page.program.states),
            "angles": page.program.angles, "factors": page.program.factors,
            "accumulators": page.program.accumulators, "normals": page.program.normals,
            "n_stage": page.n_stage + 1, "has_angles": bool(page.angles), "arguments": _node_arguments(page),
            "sweeps": page.n_sweep, "verb": _VERBS.get(type(action), ""), "body": body, **context, **own,
        },
    )  # fmt: skip


def _of_terms(page: _Page, edge_sum: EdgeSum) -> dict[str, Any]:
    """Return what the loop over edges of one sum is written from."""
    number = page.program.edge_sums.index(edge_sum)
    angles = bool(page.angles and angles_of(edge_sum.block))
    lines, result = _term(page, page.inner, edge_sum)
    any_lines, any_result = _term(page, page.outer, edge_sum) if angles else ([], "")
    lines += [
        line.replace("rows[", "by_node[").replace(", entry]", ", nth, lane]")
        for line in _angle_lines(page, edge_sum.block)
    ]
    return {
        "number": number, "row": page.rows.edge_sum + number, "delayed": edge_sum.delayed, "lines": lines,
        "result": result, "any_lines": any_lines, "any_result": any_result,
    }  # fmt: skip


def _term(page: _Page, write: Writer, edge_sum: EdgeSum) -> tuple[list[str], str]:
    program, block = page.program, edge_sum.block
    ident = write.identifiers
    lines = [
        f"{name} = hoisted[{row}, other * regional, lane]"
        for name, row in rows_read(page.program, block, page.inner.identifiers)
    ]
    for k, name in enumerate(program.states):
        if name in block.leaves:
            lines.append(f"{ident(name)} = by_node[{page.rows.state + k}, nth, lane]")
    for name, factor in program.source_rows.items():
        if name in block.leaves:
            lines.append(f"{ident(name)} = by_slot[{factor} * n_node + other, slot, lane]")
    if "clock" in program.procedures:
        values = program.procedures["clock"].results
        lines += [f"{ident(v)} = clocks[0][{k}]" for k, v in enumerate(values) if v in block.leaves]
    lines += write.lines(block.statements, block.names)
    return lines, write.results(block)[0]

"""The kernel that advances the nodes, as CUDA C: the loops, and what happens in each."""

from __future__ import annotations

from typing import Any

from rateloom.generator.ir.loops import (
    Action,
    AdvanceNode,
    CorrectNode,
    LoadNode,
    Loop,
    OnTraversal,
    PredictNode,
    ReadClock,
    RestoreHistory,
    StoreNode,
    SumTerms,
    SumWindows,
    WriteHistory,
)
from rateloom.generator.targets.program_text import TEMPLATES, stage_times
from rateloom.generator.targets.templates import rendered

from .edge_term_text import of_edge_terms
from .layout import ADVANCE
from .node_text import of_node
from .page import Page, declared_rows, parameters_of, recalled, scalar_lines, together
from .traversal_text import of_correction, of_prediction


def advance_text(page: Page, loops: Action) -> str:
    """Write the kernel."""
    program = page.program
    names = set().union(*(p.arguments for p in program.procedures.values()), {"dt"})
    for e in program.edge_sums:
        names |= e.block.leaves
    scalars = scalar_lines(page, names)
    if program.normals:
        scalars.append("const unsigned int item = items[lane_block * LANES + lane];")
    return rendered(
        "cuda", "advance",
        name=program.model.name, arguments=parameters_of(ADVANCE), accumulators=program.accumulators,
        n_hoisted=len(program.hoisted.results), late=page.late, switches=page.switches,
        on=_switch_lines(page), n_state=len(program.state_rows), n_factor=len(program.factors),
        n_exposure=len(program.exposures), n_sum=program.sum_rows,
        inputs=program.inputs, scalars=scalars, loops=_text(page, loops), traversals=page.program.n_traversal,
    )  # fmt: skip


def _switch_lines(page: Page) -> list[str]:
    lines = []
    for name, sums in (("on", page.program.accumulators), ("on_edges", page.program.edge_sums)):
        if sums:
            on = [
                " && ".join(f"switched_on[{page.switches.index(g)}]" for g in s.gates) or "true" for s in sums
            ]
            lines.append(f"const bool {name}[] = {{{', '.join(on)}}};")
    return lines


def _text(page: Page, action: Action) -> str:
    """Write an action and all within it."""
    program = page.program
    body = "".join(_text(page, inner) for inner in action.body) if isinstance(action, Loop) else ""
    context: dict[str, Any] = {
        "body": body, "accumulators": program.accumulators, "n_factor": len(program.factors),
        "n_hoisted": len(program.hoisted.results), "n_exposure": len(program.exposures), "late": page.late,
        "n_sum": program.sum_rows, "angles": program.angles,
        "loaded": page.loaded, "weight_sum": page.ident(program.weight_sum),
        "inputs": page.ident.all(program.inputs), "normals": page.ident.all(program.normals),
        "n_stage": page.n_stage, "traversals": page.program.n_traversal, "n_handed_on": page.n_handed_on,
        "first_handed_on": 2 * len(program.states), "reads_edges": bool(program.edge_sums),
    }  # fmt: skip
    own: dict[type[Action], Any] = {
        SumWindows: _of_windows, LoadNode: _of_load, ReadClock: _of_clock, AdvanceNode: of_node,
        PredictNode: of_prediction, CorrectNode: of_correction, StoreNode: _of_store,
    }  # fmt: skip
    if isinstance(action, SumTerms):
        context |= of_edge_terms(page, action.sum)
    elif isinstance(action, WriteHistory | RestoreHistory):
        context["factors"] = page.ident.all(action.factors)
    elif isinstance(action, OnTraversal):
        context["traversal"] = action.traversal
    elif type(action) in own:
        context |= own[type(action)](page)
    return rendered("cuda", TEMPLATES[type(action)], **context)


def _of_windows(page: Page) -> dict[str, Any]:
    return {"delayed": sum(a.delayed << k for k, a in enumerate(page.program.accumulators))}


def _of_load(page: Page) -> dict[str, Any]:
    program = page.program
    states = [
        (page.ident(name), f"state[{f'{k} * row_size + cell' if k else 'cell'}]")
        for k, name in enumerate((*program.states, *program.carries))
    ]
    reads = [line.removeprefix("const ") for line in declared_rows(page, states)]
    reads += [f"real {name} = {recalled(k, 'node', 'at')};" for k, name in page.loaded.items()]
    hoisted = {program.hoisted.names[n]: row for row, n in enumerate(program.hoisted.results)}
    reads += [f"const real {page.ident(f)} = rows[{hoisted[f]}];" for f in program.factors if f in hoisted]
    procedures = program.procedures.values()
    uses = any(a.delayed for a in program.accumulators) or any(
        program.weight_sum in p.arguments for p in procedures
    )
    return {"reads": reads, "uses_weights": uses}


def _of_clock(page: Page) -> dict[str, Any]:
    program = page.program
    times = {s.name: ", ".join(map(str, stage_times(program, s))) for s in program.schemes.values()}
    return {"stages": times}


def _of_store(page: Page) -> dict[str, Any]:
    program = page.program
    writes = [
        f"state[{f'{k} * row_size + cell' if k else 'cell'}] = {page.ident(name)};"
        for k, name in enumerate((*program.states, *program.carries))
    ]
    return {"writes": together(writes)}

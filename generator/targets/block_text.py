"""Blocks of a program as text: everything that the kernel templates may use."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from rateloom.generator.ir.nodes import Node
from rateloom.generator.ir.program import Block, Program
from rateloom.generator.version import VERSION

from .expression_text import Language, expression


@dataclass(frozen=True)
class View:
    """A block as text."""

    leaves: frozenset[str]
    rows: tuple[tuple[int, str], ...]
    step_lines: tuple[str, ...]
    lines: tuple[str, ...]
    results: tuple[str, ...]
    angles: tuple[str, ...]


def _view(block: Block, program: Program, language: Language, assign: str, outside: Language) -> View:
    row_of = {program.hoisted.names[node]: i for i, node in enumerate(program.hoisted.results)}

    def lines(statements: tuple[Any, ...], language: Language) -> tuple[str, ...]:
        return tuple(
            assign.format(
                type="bool" if s.value.boolean else "real",
                name=s.name,
                value=expression(s.value, block.names, language, whole=True),
            )
            for s in statements
        )

    return View(
        leaves=block.leaves,
        rows=tuple(sorted((row_of[block.names[n]], block.names[n]) for n in block.rows)),
        step_lines=lines(block.step, outside),
        lines=lines(block.statements, language),
        results=tuple(expression(r, block.names, language) for r in block.results),
        angles=tuple(expression(a, block.names, language) for a in _angles(block)),
    )


def _angles(block: Block) -> list[Node]:
    """Return the arguments of sine, cosine and tangent in the loop over lanes."""
    found: dict[Node, None] = {}
    named = {s.value for s in block.statements}
    waiting = [*(s.value for s in block.statements), *(r for r in block.results if r not in block.names)]
    while waiting:
        node = waiting.pop()
        if node.op in ("sin", "cos", "tan"):
            found[node.args[0]] = None
        waiting += [a for a in node.args if a not in block.names and a not in named]
    return sorted(found, key=lambda node: node.index)


@dataclass(frozen=True)
class EdgeView(View):
    """The term that one edge adds to a sum, as text."""

    name: str
    delayed: bool
    gates: tuple[int, ...]


@dataclass(frozen=True)
class SchemeView(View):
    """A node's update as text, and which row of the scratch array holds what between its loops."""

    used: frozenset[str]
    row: dict[str, int]
    factor_row: tuple[int, ...]
    exposure_row: tuple[int, ...]
    finite_row: int
    n_scratch: int
    lane_leaves: tuple[str, ...]
    next_states: tuple[str, ...]
    next_factors: tuple[tuple[int, str], ...]
    exposures: tuple[str, ...]
    own_row: int
    angle_row: int
    kept: tuple[tuple[int, int], ...]
    has_own_weight: bool
    all_states: tuple[tuple[str, str], ...]
    all_factors: tuple[tuple[str, str], ...]
    loaded_factors: tuple[tuple[int, str], ...]
    loaded_names: frozenset[str]


def _scheme_view(
    block: Block, program: Program, language: Language, assign: str, outside: Language
) -> SchemeView:
    view = _view(block, program, language, assign, outside)
    carried = [name for _, name in view.rows]
    carried += program.states
    carried += [*(e.name for e in program.edge_sums), *program.normals, *program.inputs]
    carried += [program.weight_sum]
    # a factor that is a state itself shares its row
    carried += [f for f in program.factors if f not in carried]
    row = {name: i for i, name in enumerate(carried)}
    n_state, n_factor, n_row = len(program.states), len(program.factors), len(row)
    n_exposure = len(program.model.exposures)
    next_factors = view.results[n_state : n_state + n_factor]
    # factors that are neither a state nor a hoisted value live from step to step beside the states
    fixed = {*program.states, *(name for _, name in view.rows)}
    loaded = tuple((k, f) for k, f in enumerate(program.factors) if f not in fixed)
    # what a step changes is kept where it may have to be done again
    changed = [row[name] for name in (*program.states, *(f for _, f in loaded))]
    changed += range(n_row, n_row + n_exposure + 1)
    kept = tuple((r, n_row + n_exposure + 3 + k) for k, r in enumerate(changed)) if _angles(block) else ()
    return SchemeView(
        **vars(view),
        # what the step and its sums over edges read
        used=view.leaves.union(*(e.block.leaves for e in program.edge_sums)),
        row=row,
        factor_row=tuple(row[f] for f in program.factors),
        exposure_row=tuple(range(n_row, n_row + n_exposure)),
        finite_row=n_row + n_exposure,
        own_row=n_row + n_exposure + 1,
        has_own_weight=any(a.delayed for a in program.accumulators),
        angle_row=n_row + n_exposure + 2,
        kept=kept,
        n_scratch=n_row + n_exposure + 3 + len(kept),
        lane_leaves=tuple(name for name in carried if name in view.leaves),
        next_states=view.results[:n_state],
        next_factors=tuple(
            (row[name], result)
            for name, result in zip(program.factors, next_factors, strict=True)
            if name not in program.states
        ),
        exposures=view.results[n_state + n_factor :],
        all_states=tuple(zip(program.states, view.results[:n_state], strict=True)),
        all_factors=tuple(zip(program.factors, next_factors, strict=True)),
        loaded_factors=loaded,
        loaded_names=frozenset(name for _, name in loaded),
    )


def _title(program: Program) -> list[str]:
    """Return the first sentence of the model's description as lines that are safe inside any comment."""
    text = " ".join(program.model.description.split()).split(". ")[0].rstrip(".")
    safe = (text or program.model.name).replace("*/", "* /").replace('"""', "'''").replace("\\", "/")
    return textwrap.wrap(f"{safe}.", 100)


def context_of(
    program: Program, language: Language, assign: str, outside: Language | None = None
) -> dict[str, Any]:
    """Everything that the kernel templates may use; what is outside loops over lanes may look different."""
    model = program.model
    outer = outside or language
    return {
        "model": model,
        "title": _title(program),
        "version": VERSION,
        "parameters": program.parameters,
        "states": program.states,
        "inputs": program.inputs,
        "normals": program.normals,
        "factors": program.factors,
        "exposures": tuple(e.name for e in model.exposures),
        "accumulators": program.accumulators,
        "source_rows": program.source_rows,
        "weight_sum": program.weight_sum,
        "instant": any(not c.delays for c in model.couplings),
        "hoisted": program.hoisted.results,
        "prepare": _view(program.hoisted, program, outer, assign, outer),
        "fill": _view(program.history, program, outer, assign, outer),
        "edge_sums": [
            EdgeView(
                **vars(_view(e.block, program, language, assign, outer)),
                name=e.name,
                delayed=e.delayed,
                gates=e.gates,
            )
            for e in program.edge_sums
        ],
        "schemes": {i: _scheme_view(b, program, language, assign, outer) for i, b in program.schemes.items()},
    }

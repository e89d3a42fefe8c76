"""Programs to source text: what each template is given, and nothing else."""

from __future__ import annotations

import functools
import importlib.resources
import math
import pprint
import textwrap
from dataclasses import dataclass
from typing import Any

from mako.template import Template

from .describe import metadata
from .externals import cuda_texts, python_texts, with_cuda_externals, with_python_externals
from .printers.cuda import CUDA
from .printers.expressions import Language, expression
from .printers.python import PYTHON
from .program import Block, Program
from .version import VERSION

NUMBA, CUDA_KERNEL, DRIVER = "numba_module.py.mako", "cuda_kernel.cu.mako", "driver.py.mako"

# edges whose windows are added in one pass over the sums
FUSED_EDGES = 4


@functools.cache
def template_text(name: str) -> str:
    """Read a template."""
    return (importlib.resources.files("rateloom.templates") / name).read_text("utf-8")


def kernel_templates() -> tuple[str, ...]:
    """Texts whose identifiers the generator must not give to a model's names."""
    return template_text(NUMBA), template_text(CUDA_KERNEL)


@functools.cache
def _template(name: str) -> Template:
    return Template(template_text(name), strict_undefined=True)


def numba_module(program: Program) -> str:
    """Write the Numba module of a program."""
    described = pprint.pformat(metadata(program.model, VERSION), width=110, sort_dicts=False)
    language = with_python_externals(PYTHON, program.model)
    context = _context(program, language, "{name} = {value}")
    externals = python_texts(program.model)
    return _tidy(_template(NUMBA).render(**context, metadata=described, externals=externals))


def cuda_kernel(program: Program) -> str:
    """Write the CUDA source of a program."""
    language = with_cuda_externals(CUDA, program.model)
    context = _context(program, language, "const {type} {name} = {value};")
    return _tidy(_template(CUDA_KERNEL).render(**context, externals=cuda_texts(program.model)))


def driver_script(program: Program) -> str:
    """Write the driver script of a program."""
    model = program.model
    scalar = next((p for p in model.parameters if p.name == "G"), next(iter(model.parameters), None))
    example = f" --sweep {scalar.name}={scalar.values[0]:g},{scalar.values[0] + 0.1:g}" if scalar else ""
    return _tidy(_template(DRIVER).render(model=model, version=VERSION, example=example))


def _tidy(text: str) -> str:
    """Take trailing blanks off the lines and end the text with one line break."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip() + "\n"


@dataclass(frozen=True)
class View:
    """A block as text."""

    leaves: frozenset[str]
    rows: tuple[tuple[int, str], ...]
    step_lines: tuple[str, ...]
    lines: tuple[str, ...]
    results: tuple[str, ...]


def _view(block: Block, program: Program, language: Language, assign: str) -> View:
    row_of = {node: i for i, node in enumerate(program.hoisted.results)}

    def lines(statements: tuple[Any, ...]) -> tuple[str, ...]:
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
        rows=tuple(sorted((row_of[n], block.names[n]) for n in block.rows)),
        step_lines=lines(block.step),
        lines=lines(block.statements),
        results=tuple(expression(r, block.names, language) for r in block.results),
    )


@dataclass(frozen=True)
class EdgeView(View):
    """The term that one edge adds to a sum, as text."""

    name: str
    delayed: bool


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
    has_own_weight: bool
    all_states: tuple[tuple[str, str], ...]
    all_factors: tuple[tuple[str, str], ...]
    loaded_factors: tuple[tuple[int, str], ...]
    loaded_names: frozenset[str]


def _scheme_view(block: Block, program: Program, language: Language, assign: str) -> SchemeView:
    view = _view(block, program, language, assign)
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
        n_scratch=n_row + n_exposure + 2,
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


def _context(program: Program, language: Language, assign: str) -> dict[str, Any]:
    """Everything that the kernel templates may use."""
    model = program.model
    return {
        "model": model,
        "fused": FUSED_EDGES,
        "tau": math.tau,
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
        "prepare": _view(program.hoisted, program, language, assign),
        "fill": _view(program.history, program, language, assign),
        "edge_sums": [
            EdgeView(**vars(_view(e.block, program, language, assign)), name=e.name, delayed=e.delayed)
            for e in program.edge_sums
        ],
        "schemes": {i: _scheme_view(b, program, language, assign) for i, b in program.schemes.items()},
    }


def _title(program: Program) -> list[str]:
    """Return the first sentence of the model's description as lines that are safe inside any comment."""
    text = " ".join(program.model.description.split()).split(". ")[0].rstrip(".")
    safe = (text or program.model.name).replace("*/", "* /").replace('"""', "'''").replace("\\", "/")
    return textwrap.wrap(f"{safe}.", 100)

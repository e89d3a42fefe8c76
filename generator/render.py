"""Programs to source text: what each template is given, and nothing else."""

from __future__ import annotations

import functools
import importlib.resources
import pprint
import textwrap
from dataclasses import dataclass
from typing import Any

from mako.lookup import TemplateLookup
from mako.template import Template

from .describe import metadata
from .elementary import FUNCTIONS, PRECISIONS, elementary_functions, elementary_names
from .externals import cuda_texts, python_texts, with_cuda_externals, with_python_externals
from .nodes import Node
from .printers.cuda import CUDA, REGISTERS_FOR_ROWS, read_late
from .printers.expressions import Language, expression
from .printers.python import PYTHON, VECTOR
from .program import Block, Program
from .version import VERSION

NUMBA, CUDA_KERNEL, DRIVER = "numba_module.py.mako", "cuda_kernel.cu.mako", "driver.py.mako"
VECTORS = "vectors.py.mako"
NUMBA_PARTS = tuple(f"numba_{part}.py.mako" for part in ("integrator", "coupling", "noise", "step"))
"""What the Numba module's template includes."""
CUDA_PARTS = tuple(
    f"cuda_{part}.cu.mako" for part in ("history", "noise", "setup", "advance", "product", "edges", "node")
)
"""What the CUDA kernel's template includes."""

NUMBA_LANGUAGES = {"fast": VECTOR, "libm": PYTHON}
"""How the elementary functions in a Numba module's loops over lanes are written."""


@functools.cache
def template_text(name: str) -> str:
    """Read a template."""
    return (importlib.resources.files("rateloom.templates") / name).read_text("utf-8")


def kernel_templates() -> tuple[str, ...]:
    """Texts whose identifiers the generator must not give to a model's names."""
    return (
        template_text(NUMBA),
        template_text(VECTORS),
        template_text(CUDA_KERNEL),
        *(template_text(part) for part in (*NUMBA_PARTS, *CUDA_PARTS)),
        " ".join(elementary_names()),
    )


@functools.cache
def _lookup() -> TemplateLookup:
    """Templates by name, so that one can include another."""
    lookup = TemplateLookup(strict_undefined=True)
    for name in (NUMBA, *NUMBA_PARTS, CUDA_KERNEL, *CUDA_PARTS, DRIVER):
        lookup.put_string(name, template_text(name))
    return lookup


def _template(name: str) -> Template:
    return _lookup().get_template(name)


def numba_module(program: Program, math: str = "fast") -> str:
    """Write the Numba module of a program.

    Parameters
    ----------
    program : Program
        What to write.
    math : {"fast", "libm"}
        Elementary functions in the loops over lanes: branch-free ones that the module carries, or the
        standard library's. Everywhere else they are the standard library's.
    """
    library = with_python_externals(PYTHON, program.model)
    language = with_python_externals(NUMBA_LANGUAGES[math], program.model)
    context = _context(program, language, "{name} = {value}", outside=library)
    return _tidy(
        _template(NUMBA).render(
            **context,
            metadata=pprint.pformat(metadata(program.model, VERSION), width=110, sort_dicts=False),
            math_name=math,
            vectors=template_text(VECTORS),
            elementary=elementary_functions(_operations(program)) if math == "fast" else "",
            largest_angles=[p.largest_angle for p in PRECISIONS],
            call="" if math == "fast" else "math.",
            library=_context(program, library, "{name} = {value}"),
            externals=python_texts(program.model),
        )
    )


def _operations(program: Program) -> set[str]:
    """Return the elementary functions in the loops over lanes, those of the noise among them."""
    waiting = [
        node
        for block in (*program.schemes.values(), *(e.block for e in program.edge_sums))
        for node in (*(s.value for s in block.statements), *block.results)
    ]
    found = {"log", "sin", "cos"} if program.normals else set()
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += node.args
            found |= {node.op} & set(FUNCTIONS)
    return found


def cuda_kernel(program: Program) -> str:
    """Write the CUDA source of a program."""
    language = with_cuda_externals(CUDA, program.model)
    context = _context(program, language, "const {type} {name} = {value};")
    return _tidy(
        _template(CUDA_KERNEL).render(
            **context,
            externals=cuda_texts(program.model),
            registers_for_rows=REGISTERS_FOR_ROWS,
            read_late=read_late,
        )
    )


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
    angles: tuple[str, ...]


def _view(block: Block, program: Program, language: Language, assign: str, outside: Language) -> View:
    row_of = {node: i for i, node in enumerate(program.hoisted.results)}

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
        rows=tuple(sorted((row_of[n], block.names[n]) for n in block.rows)),
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


def _context(
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


def _title(program: Program) -> list[str]:
    """Return the first sentence of the model's description as lines that are safe inside any comment."""
    text = " ".join(program.model.description.split()).split(". ")[0].rstrip(".")
    safe = (text or program.model.name).replace("*/", "* /").replace('"""', "'''").replace("\\", "/")
    return textwrap.wrap(f"{safe}.", 100)

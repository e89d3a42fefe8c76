"""Programs to source text: what each template is given, and nothing else."""

from __future__ import annotations

import functools
import importlib.resources
import pprint

from mako.lookup import TemplateLookup
from mako.template import Template

from rateloom.generator.ir.nodes import Node
from rateloom.generator.ir.program import Program
from rateloom.generator.targets.cuda.elementary_text import cuda_functions, cuda_picks
from rateloom.generator.targets.cuda.words import CUDA, REGISTERS_FOR_ROWS, read_late
from rateloom.generator.targets.numba.elementary_text import (
    ANGLES,
    FUNCTIONS,
    PRECISIONS,
    elementary_functions,
    elementary_names,
)
from rateloom.generator.targets.numba.words import PYTHON, SCALAR, VECTOR
from rateloom.generator.version import VERSION

from .block_text import context_of
from .code_functions import cuda_texts, python_texts, with_cuda_externals, with_python_externals
from .description_text import metadata

NUMBA, CUDA_KERNEL, DRIVER = "numba_module.py.mako", "cuda_kernel.cu.mako", "driver.py.mako"
VECTORS = "vectors.py.mako"
NUMBA_PARTS = tuple(f"numba_{part}.py.mako" for part in ("integrator", "coupling", "noise", "step"))
"""What the Numba module's template includes."""
CUDA_PARTS = tuple(
    f"cuda_{part}.cu.mako" for part in ("history", "noise", "setup", "advance", "product", "edges", "node")
)
"""What the CUDA kernel's template includes."""

NUMBA_LANGUAGES = {"fast": (VECTOR, SCALAR), "libm": (PYTHON, PYTHON)}
"""How a Numba module's elementary functions are written in its loops over lanes, and elsewhere."""


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
        Elementary functions: those that the module carries, without branches in the loops over lanes, or
        the standard library's.
    """
    language, scalar = (with_python_externals(words, program.model) for words in NUMBA_LANGUAGES[math])
    context = context_of(program, language, "{name} = {value}", outside=scalar)
    return _tidy(
        _template(NUMBA).render(
            **context,
            metadata=pprint.pformat(metadata(program.model, VERSION), width=110, sort_dicts=False),
            math_name=math,
            vectors=template_text(VECTORS),
            elementary=elementary_functions(
                {"fma", *(_operations(program) | _of_noise(program) if math == "fast" else ())}
            ),
            largest_angles=[p.largest_angle for p in PRECISIONS],
            call="" if math == "fast" else "math.",
            of_any_angle=context_of(program, scalar, "{name} = {value}"),
            externals=python_texts(program.model),
        )
    )


def _operations(program: Program) -> set[str]:
    """Return the elementary functions that a program's expressions call."""
    loops = (*program.schemes.values(), *(e.block for e in program.edge_sums))
    blocks = (program.hoisted, program.history, *loops)
    waiting = [
        node
        for block in blocks
        for node in (*(s.value for s in (*block.step, *block.statements)), *block.results)
    ]
    found: set[str] = set()
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += node.args
            found |= {node.op} & set(FUNCTIONS)
            found |= {f"any_{name}" for name in {node.op} & set(ANGLES)}
    return found


def _of_noise(program: Program) -> set[str]:
    """Return the elementary functions that make normal deviates."""
    return {"log", "sin", "cos"} if program.normals else set()


def cuda_kernel(program: Program) -> str:
    """Write the CUDA source of a program."""
    language = with_cuda_externals(CUDA, program.model)
    context = context_of(program, language, "const {type} {name} = {value};")
    operations = _operations(program)
    return _tidy(
        _template(CUDA_KERNEL).render(
            **context,
            externals=cuda_texts(program.model),
            elementary=cuda_functions(operations | _of_noise(program)),
            picks=[cuda_picks(name) for name in FUNCTIONS if name in operations],
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

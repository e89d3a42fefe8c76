"""Functions that exist only as code: their files' text as generated code carries it, and how it is called."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace

from rateloom.dsl.model import Code, Function, Model
from rateloom.generator.ir.nodes import EXTERNAL

from .expression_text import Language

_PYTHON = '''\
def source_of_{name}():
    """The function {symbol}, as it is in {file}."""
{source}
    return {symbol}


origin_of_{name} = ("{symbol}", "{file}")
code_of_{name} = njit(**CODE_OPTIONS)(source_of_{name}())


@njit(**CODE_OPTIONS)
def external_{name}({arguments}):
    """{symbol} in the precision of its argument."""
    return type({first})(code_of_{name}({arguments}))
'''
# may only stand at the beginning of a module
_FUTURE = re.compile(r"^from __future__ import .*\n", re.MULTILINE)
_CUDA = """\
// As it is in {file}.
namespace external_{name} {{
{source}}}
"""


def external_names(model: Model) -> frozenset[str]:
    """Identifiers that generated code gives to these functions, so that no value may have them."""
    stems = ("source_of_", "code_of_", "external_")
    return frozenset(stem + f.name for f, _ in _functions(model) for stem in stems)


def python_texts(model: Model) -> tuple[str, ...]:
    """Write the functions for a Numba module; names in a file are its own, and stay within it."""
    return tuple(
        _PYTHON.format(
            name=f.name,
            symbol=code.symbol,
            file=code["numba"].name,
            source=textwrap.indent(_FUTURE.sub("", code["numba"].text).lstrip("\n"), "    "),
            arguments=", ".join(f"x{i}" for i in range(len(f.arguments))),
            first="x0",
        )
        for f, code in _functions(model)
    )


def cuda_texts(model: Model) -> tuple[str, ...]:
    """Write the functions for CUDA source, each file once and in a namespace of its own."""
    codes = {f.name: code for f, code in _functions(model)}
    return tuple(
        _CUDA.format(name=owner, file=codes[owner]["cuda"].name, source=text)
        for text, owner in _owners(model).items()
    )


def with_python_externals(language: Language, model: Model) -> Language:
    """Add the calls of a Numba module."""
    return _with(language, {f.name: f"external_{f.name}" for f, _ in _functions(model)})


def with_cuda_externals(language: Language, model: Model) -> Language:
    """Add the calls of CUDA source."""
    owners = _owners(model)
    callees = {f.name: f"external_{owners[c['cuda'].text]}::{c.symbol}" for f, c in _functions(model)}
    return _with(language, callees)


def _with(language: Language, callees: dict[str, str]) -> Language:
    return replace(
        language, functions={**language.functions, **{EXTERNAL + f: c for f, c in callees.items()}}
    )


def _functions(model: Model) -> list[tuple[Function, Code]]:
    return [(f, f.code) for f in model.functions if f.code is not None]


def _owners(model: Model) -> dict[str, str]:
    """Map each text to the first function that has it: a file may hold several, but only be there once."""
    owners: dict[str, str] = {}
    for f, code in _functions(model):
        owners.setdefault(code["cuda"].text, f.name)
    return owners

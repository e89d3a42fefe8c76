"""What a generated module imports, and the text of it for a module that stands alone."""

from __future__ import annotations

import ast
import functools
import importlib.resources
from collections.abc import Set

from rateloom.generator.targets.templates import lines_of

from .elementary_text import elementary_functions, elementary_names

_PACKAGE = "rateloom.kernels"
_ALONE = """\
import math
from fractions import Fraction

import numpy as np
from llvmlite import ir
from numba import config, literally, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload
"""


def support_imports(words: Set[str], standalone: bool) -> str:
    """Return the import lines of a module that uses some words."""
    if standalone:
        return _ALONE
    elementary = sorted(words & (elementary_names() - {"f32", "w32", "w64"}))
    support = sorted(words & _support_names())
    lines = ["import math", ""] if "math" in words else []
    lines += ["import numpy as np", "from numba import njit", ""]
    lines += _import_lines("elementary", elementary) + _import_lines("numba_support", support)
    return "\n".join(lines).rstrip()


def _import_lines(module: str, names: list[str]) -> list[str]:
    if not names:
        return []
    start = f"from {_PACKAGE}.{module} import "
    return [start + part.rstrip(",") for part in lines_of(tuple(names), 118 - len(start))]


def support_text(words: Set[str]) -> str:
    """Return the text of what a module would import."""
    elementary = set(words) & set(elementary_names()) | {"fma", "log", "sin", "cos"}
    own = {
        name for name in elementary if not name.endswith(("_float32", "_float64")) and name != "by_precision"
    }
    text = "\n\n\n".join([elementary_functions(own - {"f32", "w32", "w64"}).strip(), _support_body().strip()])
    return text


@functools.cache
def _support_source() -> str:
    return (importlib.resources.files(_PACKAGE) / "numba_support.py").read_text("utf-8")


@functools.cache
def _support_names() -> frozenset[str]:
    tree = ast.parse(_support_source())
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return frozenset(names)


def _support_body() -> str:
    """Return the module's text without its docstring and imports."""
    source = _support_source()
    lines = source.splitlines(keepends=True)
    first = next(n for n in ast.parse(source).body[1:] if not isinstance(n, ast.Import | ast.ImportFrom))
    return "".join(lines[first.lineno - 1 :])

"""Import lines of a generated module, and the text of its imports for a module that stands alone."""

from __future__ import annotations

import ast
import functools
import importlib.resources
import re
from dataclasses import dataclass

from rateloom.generator.targets.templates import lines_of

from .elementary_text import elementary_functions, elementary_names

_PACKAGE = "rateloom.kernels"
# beside elementary functions; each calls those before it alone
_MODULES = (
    "compiling",
    "stack_arrays",
    "rounding",
    "angles",
    "random_numbers",
    "copies",
    "edge_sums",
    "node_rows",
    "sample_windows",
    "lane_checks",
)
# what a module that stands alone may import, in the order of its import lines
_IMPORTED = (
    ("", ("math",)),
    ("fractions", ("Fraction",)),
    ("", ("np",)),
    ("llvmlite", ("ir",)),
    ("numba", ("config", "literally", "njit", "types")),
    ("numba.core", ("cgutils",)),
    ("numba.extending", ("intrinsic", "overload")),
    ("numba.np.arrayobj", ("populate_array",)),
)


def support_imports(text: str) -> str:
    """Return the import lines of a module with a text, which imports what `rateloom.kernels` has."""
    words = _words(text)
    lines = ["import math", ""] if "math" in words else []
    lines += ["import numpy as np", "from numba import njit", ""]
    names_by_module = {"elementary": _elementary()} | {module: _names(module) for module in _MODULES}
    for module in sorted(names_by_module):
        lines += _from(f"{_PACKAGE}.{module}", sorted(words & names_by_module[module]))
    return "\n".join(lines).rstrip()


def standalone_imports(text: str) -> str:
    """Return the import lines of a module with a text that has all that it needs of `rateloom.kernels`."""
    words, lines = _words(text), []
    for module, names in _IMPORTED:
        used = [name for name in names if name in words]
        if module:
            lines += _from(module, used)
        elif used:
            lines.append("import numpy as np" if used == ["np"] else f"import {used[0]}")
        if module == "fractions":
            lines.append("")
    return "\n".join(lines).strip()


def support_text(text: str) -> str:
    """Return what a module with a text would import: functions, and those that they need themselves."""
    needed, parts = _words(text) & support_names(), _all_parts()
    chosen: set[int] = set()
    while new := [k for k, part in enumerate(parts) if k not in chosen and part.names & needed]:
        chosen |= set(new)
        needed |= set().union(*(parts[k].words for k in new)) & support_names()
    own = "\n\n\n".join(parts[k].text for k in sorted(chosen))
    elementary = (_words(text) | _words(own)) & _elementary()
    functions = {re.sub(r"_float(32|64)$", "", name) for name in elementary - {"by_precision"}}
    return "\n\n\n".join([elementary_functions(sorted(functions)).strip(), own.strip()])


def _from(module: str, names: list[str]) -> list[str]:
    start = f"from {module} import "
    return [start + part.rstrip(",") for part in lines_of(tuple(names), 118 - len(start))]


def _words(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _elementary() -> frozenset[str]:
    return elementary_names() - {"f32", "w32", "w64"}


@dataclass(frozen=True)
class _Part:
    """A definition of a support module: names that it gives or completes, words that it reads, its text."""

    names: frozenset[str]
    words: frozenset[str]
    text: str


@functools.cache
def support_names() -> frozenset[str]:
    """Return the names that the support modules give."""
    return frozenset().union(*map(_names, _MODULES))


def _names(module: str) -> frozenset[str]:
    return frozenset().union(*(part.names for part in _parts(module)))


def _all_parts() -> list[_Part]:
    return [part for module in _MODULES for part in _parts(module)]


@functools.cache
def _parts(module: str) -> tuple[_Part, ...]:
    source = (importlib.resources.files(_PACKAGE) / f"{module}.py").read_text("utf-8")
    lines = source.splitlines()
    parts = []
    for node in ast.parse(source).body[1:]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)]) - 1
        text = "\n".join(lines[first : node.end_lineno])
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            # what compiles a function comes with it
            completed = [d.args[0] for d in decorators if isinstance(d, ast.Call) and d.args]
            names = {node.name, *(argument.id for argument in completed if isinstance(argument, ast.Name))}
        parts.append(_Part(frozenset(names), frozenset(_words(text)), text))
    return tuple(parts)

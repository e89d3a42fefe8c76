"""The targets that functions may be code for: attributes of Function, each with a check of its file."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from .identifiers import short


class UnusableError(Exception):
    """A file that cannot be used: a code of docs/errors.md and a message."""


def _check_cuda(text: str, symbol: str, count: int, file: str) -> None:
    """Look for a definition of the symbol; a compiler parses the text in a simulation alone."""
    if not re.search(rf"\b{symbol}\s*\(", text):
        message = f"'{short(file)}' defines no function '{symbol}'; name the one to call by symbol"
        raise UnusableError("E132", message)


def _check_python(text: str, symbol: str, count: int, file: str) -> None:
    """Parse Python's text; it runs only in a simulation."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UnusableError("E132", f"'{short(file)}' is no Python{line}") from None
    functions = {s.name: s for s in statements if isinstance(s, ast.FunctionDef)}
    if symbol not in functions:
        message = f"'{short(file)}' defines no function '{symbol}'; name the one to call by symbol"
        raise UnusableError("E132", message)
    formal = functions[symbol].args
    if (
        formal.vararg
        or formal.kwarg
        or formal.kwonlyargs
        or len(formal.posonlyargs) + len(formal.args) != count
    ):
        takes = len(formal.posonlyargs) + len(formal.args)
        message = f"'{symbol}' of '{short(file)}' and the Function differ in their arguments"
        raise UnusableError("E132", f"{message}: {takes} and {count}")
    if functions[symbol].decorator_list:
        message = f"'{symbol}' of '{short(file)}' has a decorator; leave it out, Numba compiles it as it is"
        raise UnusableError("E132", message)


CODE_TARGETS: Mapping[str, Callable[[str, str, int, str], None]] = {
    "cuda": _check_cuda,
    "numba": _check_python,
}
"""By target: what checks a file's text for a symbol with so many arguments, and raises `UnusableError`."""

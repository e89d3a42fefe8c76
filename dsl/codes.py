"""Functions that exist only as code: the pair of files that a model names, read but never run here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from . import limits
from .diagnostics import Diagnostic
from .identifiers import IDENTIFIER, short
from .model import Code
from .schema import label
from .tree import Element

# what can stand in a comment of generated code
_PLAIN = re.compile(r"[\w./ -]+")


class _UnusableError(Exception):
    """A file that cannot be used: a code of docs/errors.md and what is wrong."""


def read_codes(root: Element, folder: Path) -> tuple[dict[str, Code], tuple[Diagnostic, ...]]:
    """Read the files of the functions that are given as code.

    Parameters
    ----------
    root : Element
        The `Model` element.
    folder : Path
        The model's folder, which the files lie in or below.

    Returns
    -------
    dict of str to Code, tuple of Diagnostic
        The code of each such function, and what is wrong with the others'.
    """
    codes, errors = {}, []
    for element in root.children:
        if element.tag != "Function" or not {"cuda", "numba", "symbol"} & set(element.attributes):
            continue
        problems = list(_incomplete(element))
        errors += problems
        if not problems:
            try:
                codes[element.attributes.get("name", "").strip()] = _code(element, folder)
            except _UnusableError as problem:
                code, message = problem.args
                errors.append(Diagnostic(element.where, code, f"{label(element)}: {message}"))
    return codes, tuple(errors)


def _incomplete(function: Element) -> Iterator[Diagnostic]:
    """A pair is two files, and is differentiated by central differences."""
    for name in ("cuda", "numba"):
        if not function.attributes.get(name, "").strip():
            message = f'{label(function)} is code and lacks {name}="..."; it needs one file for each target'
            yield Diagnostic(function.where, "E130", message)
    if function.attributes.get("differentiation", "").strip() != "central":
        mend = 'add differentiation="central" and a step'
        message = f"{label(function)} is code, which has no exact derivatives; {mend}"
        yield Diagnostic(function.where, "E130", message)


def _code(function: Element, folder: Path) -> Code:
    given = {name: value.strip() for name, value in function.attributes.items()}
    symbol = given.get("symbol", given.get("name", ""))
    if not IDENTIFIER.match(symbol):
        raise _UnusableError("E130", f"'{short(symbol)}' is no name of a function")
    count = len(given.get("arguments", "").split(","))
    cuda, numba = _read(given["cuda"], folder), _read(given["numba"], folder)
    _check_cuda(cuda, symbol, given["cuda"])
    _check_numba(numba, symbol, count, given["numba"])
    return Code(symbol, cuda, numba, given["cuda"], given["numba"])


def _read(name: str, folder: Path) -> str:
    """Read a file in or below the model's folder: a model from somewhere else reads nothing else."""
    if not _PLAIN.fullmatch(name):
        raise _UnusableError("E131", f"'{short(name)}' is no plain name of a file")
    path = Path(name)
    base = folder.resolve()
    if path.is_absolute() or ".." in path.parts or not (base / path).resolve().is_relative_to(base):
        raise _UnusableError("E131", f"the file '{short(name)}' is not in the model's folder; put it there")
    try:
        with (base / path).open("rb") as stream:
            content = stream.read(limits.FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"cannot read '{short(name)}' beside the model: {reason}"
        raise _UnusableError("E131", message) from None
    if len(content) > limits.FILE_BYTES:
        raise _UnusableError("E131", f"'{short(name)}' has more than {limits.FILE_BYTES:,} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _UnusableError("E131", f"'{short(name)}' is no text in UTF-8") from None
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"


def _check_cuda(text: str, symbol: str, file: str) -> None:
    if not re.search(rf"\b{symbol}\s*\(", text):
        message = f"'{short(file)}' defines no function '{symbol}'; name the one to call by symbol"
        raise _UnusableError("E132", message)


def _check_numba(text: str, symbol: str, count: int, file: str) -> None:
    """Parse Python's text; it is not run before a simulation is."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise _UnusableError("E132", f"'{short(file)}' is no Python{line}") from None
    functions = {s.name: s for s in statements if isinstance(s, ast.FunctionDef)}
    if symbol not in functions:
        message = f"'{short(file)}' defines no function '{symbol}'; name the one to call by symbol"
        raise _UnusableError("E132", message)
    given = functions[symbol].args
    if given.vararg or given.kwarg or given.kwonlyargs or len(given.posonlyargs) + len(given.args) != count:
        takes = len(given.posonlyargs) + len(given.args)
        message = f"'{symbol}' of '{short(file)}' and the Function differ in their arguments"
        raise _UnusableError("E132", f"{message}: {takes} and {count}")
    if functions[symbol].decorator_list:
        message = f"'{symbol}' of '{short(file)}' has a decorator; leave it out, Numba compiles it as it is"
        raise _UnusableError("E132", message)

"""Functions that exist only as code: their pairs of files are read here, but never run."""

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

# characters that are safe in a comment of generated code
_PLAIN = re.compile(r"[\w./ -]+")


class _UnusableError(Exception):
    """A file that cannot be used: a code of docs/errors.md and a message."""


def read_codes(root: Element, folder: Path) -> tuple[dict[str, Code], tuple[Diagnostic, ...]]:
    """Read the files of the functions that exist only as code.

    Parameters
    ----------
    root : Element
        The `Model` element.
    folder : Path
        The model's folder; the files lie in it or below it.

    Returns
    -------
    dict of str to Code, tuple of Diagnostic
        The code of each such function, and the errors in the others.
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
    """Report a pair that lacks a file, or that is not differentiated by central differences."""
    for name in ("cuda", "numba"):
        if not function.attributes.get(name, "").strip():
            message = f'{label(function)} is code and lacks {name}="..."; it needs one file for each target'
            yield Diagnostic(function.where, "E130", message)
    if function.attributes.get("differentiation", "").strip() != "central":
        mend = 'add differentiation="central" and a step'
        message = f"{label(function)} is code, which has no exact derivatives; {mend}"
        yield Diagnostic(function.where, "E130", message)


def _code(function: Element, folder: Path) -> Code:
    attributes = {name: value.strip() for name, value in function.attributes.items()}
    symbol = attributes.get("symbol", attributes.get("name", ""))
    if not IDENTIFIER.match(symbol):
        raise _UnusableError("E130", f"'{short(symbol)}' is no name of a function")
    count = len(attributes.get("arguments", "").split(","))
    cuda, numba = _read(attributes["cuda"], folder), _read(attributes["numba"], folder)
    _check_cuda(cuda, symbol, attributes["cuda"])
    _check_numba(numba, symbol, count, attributes["numba"])
    return Code(symbol, cuda, numba, attributes["cuda"], attributes["numba"])


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
    """Parse Python's text; it runs only in a simulation."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise _UnusableError("E132", f"'{short(file)}' is no Python{line}") from None
    functions = {s.name: s for s in statements if isinstance(s, ast.FunctionDef)}
    if symbol not in functions:
        message = f"'{short(file)}' defines no function '{symbol}'; name the one to call by symbol"
        raise _UnusableError("E132", message)
    formal = functions[symbol].args
    if (
        formal.vararg
        or formal.kwarg
        or formal.kwonlyargs
        or len(formal.posonlyargs) + len(formal.args) != count
    ):
        takes = len(formal.posonlyargs) + len(formal.args)
        message = f"'{symbol}' of '{short(file)}' and the Function differ in their arguments"
        raise _UnusableError("E132", f"{message}: {takes} and {count}")
    if functions[symbol].decorator_list:
        message = f"'{symbol}' of '{short(file)}' has a decorator; leave it out, Numba compiles it as it is"
        raise _UnusableError("E132", message)

"""Functions that exist only as code: their files, one for each target, are read here, but never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from . import limits
from .code_targets import CODE_TARGETS, UnusableError
from .diagnostics import Diagnostic
from .files import content_of
from .identifiers import IDENTIFIER, short
from .model import Code, CodeFile
from .schema import label
from .tree import Element

# characters that are safe in a comment of generated code
_PLAIN = re.compile(r"[\w./ -]+")


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
        if element.tag != "Function" or not {*CODE_TARGETS, "symbol"} & set(element.attributes):
            continue
        problems = list(_incomplete(element))
        errors += problems
        if not problems:
            try:
                codes[element.attributes.get("name", "").strip()] = _code(element, folder)
            except UnusableError as problem:
                code, message = problem.args
                errors.append(Diagnostic(element.where, code, f"{label(element)}: {message}"))
    return codes, tuple(errors)


def _incomplete(function: Element) -> Iterator[Diagnostic]:
    """Report code that lacks a file, or that is not differentiated by central differences."""
    for name in CODE_TARGETS:
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
        raise UnusableError("E130", f"'{short(symbol)}' is no name of a function")
    count = len(attributes.get("arguments", "").split(","))
    files = tuple(
        CodeFile(target, _read(attributes[target], folder), attributes[target]) for target in CODE_TARGETS
    )
    for file in files:
        CODE_TARGETS[file.target](file.text, symbol, count, file.name)
    return Code(symbol, files)


def _read(name: str, folder: Path) -> str:
    """Read a file in or below the model's folder: a model from somewhere else reads nothing else."""
    if not _PLAIN.fullmatch(name):
        raise UnusableError("E131", f"'{short(name)}' is no plain name of a file")
    path = Path(name)
    base = folder.resolve()
    if path.is_absolute() or ".." in path.parts or not (base / path).resolve().is_relative_to(base):
        raise UnusableError("E131", f"the file '{short(name)}' is not in the model's folder; put it there")
    try:
        content = content_of(base / path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"cannot read '{short(name)}' beside the model: {reason}"
        raise UnusableError("E131", message) from None
    if len(content) > limits.FILE_BYTES:
        raise UnusableError("E131", f"'{short(name)}' has more than {limits.FILE_BYTES:,} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnusableError("E131", f"'{short(name)}' is no text in UTF-8") from None
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"

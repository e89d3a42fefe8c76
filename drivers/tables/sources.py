"""Places of arrays, ``[NAME=]FILE[:VARIABLE][:SLICE]``, and the arrays there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular

from .containers import mat_array, mat_variables, npz_array, npz_variables, read_parquet
from .npy import read_npy
from .table import Floats, Table, numeric
from .text_table import read_text_table

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SUFFIXES = (".npy", ".npz", *TEXT_SUFFIXES, ".mat", ".parquet")


@dataclass(frozen=True)
class Source:
    """The place of an array.

    Attributes
    ----------
    name : str
        Its name: given explicitly, or made of the file's name, the variable and the slice.
    variable : str, optional
        The variable of an ``.npz`` or ``.mat`` file, or the column of a table with a header.
    slice : int, optional
        Index of a matrix along the third dimension.
    """

    name: str
    path: Path
    variable: str | None = None
    slice: int | None = None

    @property
    def where(self) -> str:
        """Return the source as text, ``FILE[:VARIABLE][:SLICE]``."""
        parts = (self.variable, None if self.slice is None else str(self.slice))
        return ":".join([str(self.path), *(part for part in parts if part is not None)])


def parse_source(text: str, named: bool = True) -> Source:
    """Read ``[NAME=]FILE[:VARIABLE][:SLICE]``.

    Parameters
    ----------
    named : bool
        Whether a name may come first.

    Raises
    ------
    InputError
        If there is no such file, or its format is not read.
    """
    explicit_name, equals, location = text.partition("=")
    if not equals or not named:
        explicit_name, location = "", text
    elif not explicit_name:
        raise InputError(f"{text!r}: there is no name before the =; write NAME=FILE or FILE")
    words = location.split(":")
    # a path may hold colons
    length = next((n for n in range(len(words), 0, -1) if is_file(":".join(words[:n]))), None)
    if length is None and os.path.isdir(location):  # noqa: PTH112 - Path.is_dir raises for what is no path
        raise InputError(f"{location} is a folder; give a file in it")
    if length is None:
        form = "[NAME=]FILE[:VARIABLE][:SLICE]" if named else "FILE[:VARIABLE]"
        raise InputError(f"{location!r}: no such file; write {form}")
    path, selectors = Path(":".join(words[:length])), words[length:]
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: files that end in {', '.join(SUFFIXES)} are read")
    slices = [word for word in selectors if _is_index(word)]
    variables = [word for word in selectors if not _is_index(word)]
    if len(slices) > 1 or len(variables) > 1:
        raise InputError(f"{location!r}: one variable and one slice at most; write FILE:VARIABLE:SLICE")
    name = explicit_name or _name_of("_".join([path.stem, *selectors]))
    return Source(name, path, variables[0] if variables else None, int(slices[0]) if slices else None)


def read_source(source: Source) -> Table:
    """Read the array at a place, of one or two dimensions.

    Raises
    ------
    InputError
        If the file cannot be read, or the source does not select one of its arrays of numbers.
    """
    table = numeric(read_any(source))
    return replace(table, values=_chosen(table.values, source))


def read_array(source: Source) -> Floats:
    """Read the array at a place without the names of rows and columns; see `read_source`."""
    return read_source(source).values


def read_any(source: Source) -> Table:
    """Read what is at a place, numbers or texts, of any shape.

    Raises
    ------
    InputError
        If the file cannot be read, or the source does not select one of its arrays.
    """
    path, suffix = source.path, source.path.suffix.lower()
    try:
        if suffix == ".mat":
            return Table(source.where, mat_array(path, _variable(source, list(mat_variables(path)))))
        if suffix == ".npz":
            return Table(source.where, npz_array(path, _variable(source, npz_variables(path))))
        if suffix == ".parquet":
            return read_parquet(path, source.variable)
        if suffix == ".npy" and source.variable is not None:
            raise InputError(f"{path}: such a file has no variables; leave :{source.variable} out")
        with open_regular(path) as stream:
            if suffix == ".npy":
                return Table(str(path), read_npy(stream, str(path)))
            return read_text_table(stream, str(path), source.variable)
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror or problem})") from None


def is_file(text: str) -> bool:
    """Tell whether a text is the path of a file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _is_index(word: str) -> bool:
    # int() takes no other digits, and not thousands of them
    return word.isdecimal() and len(word) < 20


def _chosen(array: Floats, source: Source) -> Floats:
    if array.ndim > 2:
        array = array.reshape([size for size in array.shape if size > 1])
    if array.ndim == 3 and source.slice is not None:
        if source.slice >= array.shape[2]:
            raise InputError(f"{source.where}: it has {array.shape[2]} slices, counted from 0")
        return np.ascontiguousarray(array[:, :, source.slice])
    size = " x ".join(map(str, array.shape))
    if array.ndim == 3:
        last = array.shape[2] - 1
        raise InputError(f"{source.path}: {size} numbers; say which matrix with {source.where}:0 to :{last}")
    if array.ndim not in (1, 2):
        raise InputError(f"{source.where}: {size or 'a single'} numbers; give a matrix")
    if source.slice is not None:
        raise InputError(f"{source.where}: {size} numbers have no slices; leave :{source.slice} out")
    return array


def _variable(source: Source, names: Sequence[str]) -> str:
    """Return the name of the variable that a source selects in a file."""
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    if source.variable is None:
        if len(names) == 1:
            return names[0]
        contents = f"it holds {shown}; say which with" if names else "it is empty; give another, as"
        raise InputError(f"{source.path}: {contents} {source.path}:VARIABLE")
    if source.variable not in names:
        raise InputError(f"{source.path}: it has no variable {source.variable}; there are {shown}")
    return source.variable


def _name_of(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)

"""Numbers from text tables and ``.npy`` files, read in bounded time and memory: nobody vouches for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from math import prod
from typing import IO

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

# Room for 10,000 x 10,000 numbers of 25 characters; a compressed file that unpacks to more is a bomb.
MAX_BYTES = 3_000_000_000
MAX_LINE = 4_000_000
MAX_LINES = 10_000_000
_TIME = re.compile(r"t(?:ime)?(?:\s*[\[(]\s*(?P<unit>.*?)\s*[\])])?")


def read_table(stream: IO[bytes], where: str, square: bool = False) -> NDArray[np.float64]:
    """Rows of numbers separated by blanks or commas; ``#`` starts a comment.

    Parameters
    ----------
    stream : binary stream
        Read line by line, never whole.
    where : str
        The file's name, for messages.
    square : bool
        Stop with an error as soon as there are more rows than columns.

    Returns
    -------
    (row, column) array of float64

    Raises
    ------
    InputError
        If the table is empty, ragged, too large, or an entry is not a number.
    """
    return _rows(_lines(stream, where), where, square)


def read_series(stream: IO[bytes], where: str) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Times and rows of numbers, where a header says that the first column is ``time`` or ``t``, in ms.

    Parameters
    ----------
    stream, where
        As `read_table` takes them.

    Returns
    -------
    times : (row,) array, optional
        None if there is no header.
    values : (row, column) array

    Raises
    ------
    InputError
        As `read_table` does, and if the header does not fit the rows or names another unit.
    """
    lines = _lines(stream, where)
    number, first = next(lines, (0, b""))
    names = _header(first)
    time = _TIME.fullmatch(names[0])
    if time is None:
        return None, _rows(chain([(number, first)] if first else [], lines), where)
    if time["unit"] not in (None, "ms"):
        raise InputError(f"{where}:{number}: times are in ms, and the header says {time['unit'][:40]}")
    table = _rows(lines, where)
    if table.shape[1] < 2 or len(names) != table.shape[1]:
        raise InputError(
            f"{where}:{number}: the header names {len(names)} columns, and the rows have {table.shape[1]}; "
            "it takes the time and one column a node"
        )
    return table[:, 0], table[:, 1:]


def _header(line: bytes) -> list[str]:
    """Return the words of a line as the names of columns."""
    mark = next((mark for mark in (b",", b";") if mark in line), None)
    return [word.decode("utf-8", "replace").strip(" \t\"'").lower() for word in line.split(mark)] or [""]


def _rows(lines: Iterable[tuple[int, bytes]], where: str, square: bool = False) -> NDArray[np.float64]:
    """Return the rows of numbers of some lines."""
    rows: list[NDArray[np.float64]] = []
    for number, line in lines:
        row = _numbers(line, f"{where}:{number}", "" if rows else "; a header is to be left out")
        if rows and row.size != rows[0].size:
            raise InputError(
                f"{where}:{number}: {row.size} numbers, but the lines before have {rows[0].size}"
            )
        rows.append(row)
        if square and len(rows) > row.size:
            raise InputError(
                f"{where}:{number}: more rows than the {row.size} columns; it must be a square matrix"
            )
    if not rows:
        raise InputError(f"{where}: the file holds no numbers")
    return np.stack(rows)


def read_labels(stream: IO[bytes], where: str) -> tuple[tuple[str, ...] | None, NDArray[np.float64] | None]:
    """Labels and positions from lines of ``label x y z`` (what follows is ignored) or ``x y z``."""
    labels: list[str] = []
    centres: list[NDArray[np.float64]] = []
    for number, line in _lines(stream, where):
        words = [word.strip().strip(b"\"'") for word in line.split(b",")] if b"," in line else line.split()
        if len(words) > 3:
            labels.append(words.pop(0).decode("utf-8", errors="replace"))
        if len(words) < 3:
            raise InputError(f"{where}:{number}: expected a label and three coordinates")
        centres.append(_numbers(b" ".join(words[:3]), f"{where}:{number}"))
    if labels and len(labels) != len(centres):
        raise InputError(f"{where}: some lines have a label and some have none")
    return tuple(labels) or None, np.stack(centres) if centres else None


def read_npy(stream: IO[bytes], where: str) -> NDArray[np.generic]:
    """An array from an ``.npy`` stream; never unpickled, never larger than `MAX_BYTES`.

    Raises
    ------
    InputError
        If it is not such a file, holds Python objects, or its size differs from what its header says.
    """
    try:
        version = np.lib.format.read_magic(stream)
        header: Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype[np.generic]]] = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = header(stream)
    except (ValueError, KeyError):
        raise InputError(f"{where}: not an .npy file of numbers") from None
    if dtype.hasobject:
        raise InputError(f"{where}: holds Python objects, which are not read; save plain numbers")
    size = prod(shape) * dtype.itemsize
    if size > MAX_BYTES:
        raise InputError(f"{where}: {size} bytes of numbers; at most {MAX_BYTES} are read")
    data = stream.read(size)
    if len(data) != size or stream.read(1):
        raise InputError(f"{where}: its size is not what its header says; the file is damaged")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def number_of(text: str | bytes) -> float | None:
    """The number that a text is, or None."""
    try:
        return float(text)
    except ValueError:
        return None


def _numbers(line: bytes, where: str, hint: str = "") -> NDArray[np.float64]:
    words = line.replace(b",", b" ").replace(b";", b" ").split()
    try:
        return np.array([float(word) for word in words])
    except ValueError:
        wrong = next(word for word in words if number_of(word) is None)
        shown = wrong[:40].decode("utf-8", errors="replace")
        raise InputError(f"{where}: {shown!r} is not a number{hint}") from None


def _lines(stream: IO[bytes], where: str) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, without comments, blank lines and a byte order mark."""
    total = 0
    for number in range(1, MAX_LINES + 2):
        line = stream.readline(MAX_LINE + 1)
        if not line:
            return
        total += len(line)
        if len(line) > MAX_LINE:
            raise InputError(f"{where}:{number}: a line of more than {MAX_LINE} characters is not read")
        if total > MAX_BYTES or number > MAX_LINES:
            break
        content = line.removeprefix(b"\xef\xbb\xbf").split(b"#", 1)[0].strip()
        if content:
            yield number, content
    raise InputError(f"{where}: more than {min(MAX_BYTES, total)} bytes of text is not read")

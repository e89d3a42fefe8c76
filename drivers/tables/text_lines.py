"""Lines of text files and the cells in them, read in bounded time and memory: nobody vouches for them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from typing import IO

from rateloom.drivers.support.errors import InputError

# Room for 10,000 x 10,000 numbers of 25 characters; a compressed file that unpacks to more is a bomb.
MAX_BYTES = 3_000_000_000
MAX_LINE = 4_000_000
MAX_LINES = 10_000_000
_SEPARATORS = str.maketrans(",;\t", "   ")
# of pandas, R and BIDS
_ABSENT = {"", "na", "n/a"}

csv.field_size_limit(MAX_LINE)


def content_lines(stream: IO[bytes], where: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers, without comments, blank lines and a byte order mark.

    A comment begins with ``#``, or is a line that begins with ``%``.

    Raises
    ------
    InputError
        If a line or the file is too long, or it is no text.
    """
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
        content = line.removeprefix(b"\xef\xbb\xbf").split(b"#", 1)[0].rstrip(b"\r\n ").lstrip(b" ")
        if content.strip() and not content.startswith(b"%"):
            yield number, _decoded(content, f"{where}:{number}")
    raise InputError(f"{where}: more than {min(MAX_BYTES, total)} bytes of text is not read")


def delimiter_of(line: str) -> str | None:
    """Return what separates the cells of a line: a tab, a semicolon, a comma, or None for blanks."""
    delimiter = next((mark for mark in "\t;," if mark in line), None)
    if delimiter == "\t" and any(_is_numbers(cell) for cell in cells_of(line, delimiter)):
        return None  # tabs and blanks
    return delimiter


def cells_of(line: str, delimiter: str | None) -> list[str]:
    """Return the cells of a line; quotes around a cell are taken off.

    Without a delimiter, blanks, tabs, commas and semicolons separate, any number of them.
    """
    quote = next((mark for mark in "\"'" if mark in line), None)
    if quote is None:
        return _split(line, delimiter)
    text, separator = (line.translate(_SEPARATORS), " ") if delimiter is None else (line, delimiter)
    try:
        row = next(csv.reader([text], delimiter=separator, quotechar=quote, skipinitialspace=True), [])
    except csv.Error:
        return _split(line, delimiter)
    cells = [cell.strip() for cell in row]
    return [cell for cell in cells if cell] if delimiter is None else cells


def number_of(text: str | bytes) -> float | None:
    """Return the number that a text is, or None."""
    try:
        return None if "_" in str(text) else float(text)
    except ValueError:
        return None


def cell_value(cell: str) -> float | None:
    """Return the number in a cell, NaN for an empty one and for NA, or None."""
    return math.nan if cell.lower() in _ABSENT else number_of(cell)


def _split(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.translate(_SEPARATORS).split()
    return [cell.strip() for cell in line.split(delimiter)]


def _is_numbers(cell: str) -> bool:
    words = cell.split()
    return len(words) > 1 and all(number_of(word) is not None for word in words)


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        shown = content[:40].decode("utf-8", errors="replace")
        raise InputError(f"{where}: cannot be read ({shown!r} is not a number, nor text in UTF-8)") from None

"""Labels of regions from files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular

from .sources import is_file, parse_source, read_any
from .table import Names
from .text_lines import cells_of, content_lines, delimiter_of
from .text_table import OF_COUNTS, OF_NAMES

# Python reads no numbers of thousands of digits
_MOST_DIGITS = 20


def read_labels(file: str | Path) -> Names:
    """Read names of regions from ``FILE[:VARIABLE]``.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no names.
    """
    text = str(file)
    if Path(text).is_dir():
        raise InputError(f"{text}: cannot be read (Is a directory)")
    if not is_file(text) and not is_file(text.rpartition(":")[0]):
        raise InputError(f"{text!r}: no such file; give names of regions, one a line")
    path = Path(text)
    if is_file(text) and path.suffix.lower() not in (".npy", ".npz", ".mat", ".parquet"):
        try:
            with open_regular(path) as stream:
                return labels_in_text(stream, text)
        except OSError as problem:
            raise InputError(f"{path}: cannot be read ({problem.strerror or problem})") from None
    source = parse_source(text, named=False)
    table = read_any(source)
    return table.rows if table.rows is not None else labels_in_array(table.values, source.where)


def labels_in_text(stream: IO[bytes], where: str) -> Names:
    """Read names: one a line, the whole line, or a single line of them; a column that counts is left out.

    Of a table whose header has a column ``label``, ``name`` or ``region``, that column is read.

    Raises
    ------
    InputError
        If there are none, or one is empty.
    """
    numbered = list(content_lines(stream, where))
    if not numbered:
        raise InputError(f"{where}: no names of regions are in it; write one a line")
    lines = [line for _, line in numbered]
    delimiter = delimiter_of(lines[0])
    titles = [cell.lower() for cell in cells_of(lines[0], delimiter)]
    if (
        len(lines) > 1
        and set(titles) & OF_NAMES
        and (len(titles) == 1 or delimiter or OF_COUNTS & set(titles))
    ):
        column = next(k for k, title in enumerate(titles) if title in OF_NAMES)
        return _column(numbered[1:], delimiter, column, len(titles), where)
    if len(lines) == 1:
        return tuple(cell for cell in cells_of(lines[0], delimiter) if cell)
    rows = [_first_and_rest(line, delimiter) for line in lines]
    return tuple(_unquoted(name) for name in (_rests(rows) or [line.strip(" ,;\t") for line in lines]))


def labels_in_array(array: NDArray[Any], where: str) -> Names:
    """Return names from an array of texts, n, n x 1 or 1 x n.

    Raises
    ------
    InputError
        If it is none.
    """
    names = array.reshape(-1)
    if array.dtype.kind not in "US" or array.ndim < 1 or names.size != max(array.shape):
        raise InputError(f"{where}: labels must be a list of texts, one a node")
    try:
        return tuple(str(name).strip() for name in names.astype(str))
    except UnicodeDecodeError:
        raise InputError(f"{where}: labels must be text in ASCII or Unicode") from None


def _column(
    lines: Sequence[tuple[int, str]], delimiter: str | None, column: int, width: int, where: str
) -> Names:
    names = []
    for number, line in lines:
        cells = cells_of(line, delimiter) if width > 1 else [_unquoted(line.strip())]
        if len(cells) != width or not cells[column]:
            raise InputError(f"{where}:{number}: expected {width} cells, as in the header, and a name")
        names.append(cells[column])
    return tuple(names)


def _first_and_rest(line: str, delimiter: str | None) -> tuple[str, str]:
    first, *rest = line.strip().split(delimiter, 1)
    return first.strip(), rest[0].strip() if rest else ""


def _rests(rows: Sequence[tuple[str, str]]) -> list[str] | None:
    """Return the lines without their first words, if these are whole numbers that rise and no names."""
    if not all(first.isdecimal() and len(first) < _MOST_DIGITS and rest for first, rest in rows):
        return None
    numbers = [int(first) for first, _ in rows]
    rising = all(a < b for a, b in pairwise(numbers))
    return [rest for _, rest in rows] if rising else None


def _unquoted(text: str) -> str:
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text

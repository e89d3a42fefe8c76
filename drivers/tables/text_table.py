"""Tables of numbers in text files, with or without a header and a column of names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

import numpy as np

from rateloom.drivers.support.errors import InputError

from .table import Floats, Table, counted, names_of
from .text_lines import cell_value, cells_of, content_lines, delimiter_of, number_of

# Headers of a column of names, and of one that counts rows; pandas leaves the header of its index empty.
OF_NAMES = {"label", "labels", "name", "names", "region", "regions", "roi", "rois"}
OF_COUNTS = {"", "index", "id", "idx", "no", "nr", "number", "unnamed: 0"}
# numbers with a wrong letter or decimal commas, which are no names
_SPOILED = re.compile(r"[+-]?[0-9.,]+[^\W\d]?")
# a row of whole numbers 0, 1, 2, 3 above one with fractions counts the columns
_LEAST_COUNTED = 4
_OF_VALUES = {"value", "values"}


@dataclass(frozen=True)
class Form:
    """The form of a text table.

    Attributes
    ----------
    header : list of str, optional
        A name a column, those of `index` and `dropped` among them.
    index : int, optional
        The column of names of rows.
    dropped : frozenset of int
        Columns that are not read.
    closed : bool
        Whether lines end with a delimiter.
    """

    delimiter: str | None
    header: list[str] | None
    index: int | None
    dropped: frozenset[int]
    closed: bool

    @property
    def names(self) -> list[str]:
        """Names of the columns that are read as numbers."""
        return [t for k, t in enumerate(self.header or ()) if k != self.index and k not in self.dropped]

    def kept(self, cells: Sequence[str]) -> list[str]:
        """Return the cells of a line that are read as numbers."""
        return [cell for k, cell in enumerate(cells) if k != self.index and k not in self.dropped]


def read_text_table(stream: IO[bytes], where: str, column: str | None = None, square: bool = False) -> Table:
    """Read rows of numbers; see `rateloom.drivers.tables.text_lines` for what separates them.

    Parameters
    ----------
    stream : binary stream
        Read line by line, never whole.
    where : str
        The file's name, for messages.
    column : str, optional
        The header of the only column to read.
    square : bool
        Stop with an error as soon as there are more rows than columns.

    Returns
    -------
    Table
        (row, column); without the header and the column of names, whose contents are its names.

    Raises
    ------
    InputError
        If the table is empty, ragged, too large, or an entry is not a number; the message names the line.
    """
    lines = content_lines(stream, where)
    head = list(islice(lines, 2))
    if not head:
        raise InputError(f"{where}: the file holds no numbers")
    form = _form(head, where, column)
    names: list[str] = []
    rows: list[Floats] = []
    for number, line in chain(head[form.header is not None :], lines):
        cells = _row(line, form, f"{where}:{number}")
        if form.index is not None:
            names.append(cells[form.index])
        row = _numbers(form.kept(cells), f"{where}:{number}", form, first=not rows)
        if rows and row.size != rows[0].size:
            raise InputError(
                f"{where}:{number}: {row.size} numbers, but the lines before have {rows[0].size}"
            )
        rows.append(row)
        if square and len(rows) > row.size:
            raise InputError(
                f"{where}:{number}: more rows than the {row.size} columns; it must be a square matrix"
            )
    return Table(where, np.stack(rows), names_of(names) if names else None, _columns(form))


def form_of_header(line: str) -> Form:
    """Return the form of a table whose first line, this one, names all of its columns."""
    delimiter = delimiter_of(line)
    closed = _is_closed(line, delimiter)
    return Form(delimiter, _cells(line, delimiter, closed), None, frozenset(), closed)


def finite_rows(lines: Iterable[tuple[int, str]], form: Form, where: str) -> Floats:
    """Read the lines after a header that names all columns.

    Returns
    -------
    array (row, column)

    Raises
    ------
    InputError
        If a line has more or fewer cells than the header, or an entry is no finite number; the message names
        the line and the column.
    """
    names, rows = form.names, list[Floats]()
    for number, line in lines:
        cells = form.kept(_row(line, form, f"{where}:{number}"))
        values = [cell_value(cell) for cell in cells]
        row = np.array([math.nan if value is None else value for value in values])
        if not np.isfinite(row).all():
            k = int(np.argmin(np.isfinite(row)))
            raise InputError(f"{where}:{number}: {names[k][:40]} is {cells[k][:40]!r}, no finite number")
        rows.append(row)
    return np.array(rows).reshape(len(rows), len(names))


def _form(head: Sequence[tuple[int, str]], where: str, column: str | None) -> Form:
    """Tell a table's form by its first two lines."""
    delimiter = delimiter_of(head[0][1])
    closed = _is_closed(head[0][1], delimiter)
    first, *second = (_cells(line, delimiter, closed) for _, line in head)
    header = first if second and _is_header(first, second[0]) else None
    if header is None:
        if column is not None:
            raise InputError(f"{where}: it has no header that names its columns; leave :{column} out")
        has_name = cell_value(first[0]) is None and any(number_of(cell) is not None for cell in first[1:])
        if delimiter is None and second and cell_value(second[0][0]) is not None:
            has_name = False  # a line of words
        index = 0 if has_name else None
        return Form(delimiter, None, index, frozenset(), closed)
    if len(header) == len(second[0]) - 1 and cell_value(second[0][0]) is None:
        header = ["", *header]  # as R writes it
    titles = [title.lower() for title in header]
    counts = {k for k, title in enumerate(titles) if title in OF_COUNTS and (title or k == 0)}
    named = [k for k, title in enumerate(titles) if title in OF_NAMES]
    if not named and not counts and len(header) > 1 and cell_value(second[0][0]) is None:
        named = [0]
    index = named[0] if named else min(counts, default=None)
    dropped = (counts | set(named)) - {index}
    if column is None and named and len(header) - len(dropped) > 2:
        chosen = [k for k, title in enumerate(titles) if title in _OF_VALUES]
    else:
        chosen = _column(header, column, where)
    if chosen:
        dropped = set(range(len(header))) - {index, chosen[0]}
        index = None if index == chosen[0] else index
    return Form(delimiter, header, index, frozenset(dropped), closed)


def _column(header: Sequence[str], column: str | None, where: str) -> list[int]:
    if column is None:
        return []
    if column not in header:
        shown = ", ".join(header[:8]) + (", ..." if len(header) > 8 else "")
        raise InputError(f"{where}: it has no column {column}; there are {shown}")
    return [header.index(column)]


def _is_header(first: Sequence[str], second: Sequence[str]) -> bool:
    texts = [bool(cell) and cell_value(cell) is None for cell in first]
    if all(text or not cell for text, cell in zip(texts, first, strict=True)) and any(texts):
        if all(_SPOILED.fullmatch(cell) for cell in first if cell):
            return False
        return any(number_of(cell) is not None for cell in second)
    if counted(first) and len(first) >= _LEAST_COUNTED and any("." in cell for cell in second):
        return True  # pandas without its index
    title = first[0].lower()
    if title in OF_COUNTS or title in OF_NAMES:
        return any(texts[1:]) or (len(first) > 2 and counted(first[1:]))
    return False


def _is_closed(line: str, delimiter: str | None) -> bool:
    return delimiter is not None and line.rstrip().endswith(delimiter)


def _cells(line: str, delimiter: str | None, closed: bool) -> list[str]:
    cells = cells_of(line, delimiter) or [line]
    return cells[:-1] if closed and not cells[-1] else cells


def _row(line: str, form: Form, where: str) -> list[str]:
    """Return the cells of a line; where blanks separate, words that are no numbers are one name."""
    cells = _cells(line, form.delimiter, form.closed)
    if form.delimiter is None and form.index == 0:
        last = next((k for k, cell in enumerate(cells) if number_of(cell) is not None and k), len(cells))
        if form.header is not None:
            last = max(1, len(cells) - len(form.header) + 1)
        cells = [" ".join(cells[:last]), *cells[last:]]
    if form.header is not None and len(cells) != len(form.header):
        raise InputError(f"{where}: {len(cells)} cells, but the header has {len(form.header)}")
    return cells


def _numbers(cells: Sequence[str], where: str, form: Form, first: bool) -> Floats:
    if "_" not in "".join(cells):  # which Python reads in numbers
        try:
            return np.array([float(cell) for cell in cells])
        except ValueError:
            pass
    values = [cell_value(cell) for cell in cells]
    if None not in values:
        return np.array(values, np.float64)
    wrong = cells[values.index(None)]
    hint = ""
    if form.delimiter in (";", "\t") and number_of(wrong.replace(",", ".")) is not None:
        hint = "; write decimal points"
    elif form.header is not None and form.delimiter is not None:
        hint = "; a column is chosen with FILE:COLUMN"
    elif first:
        hint = "; a header has a name a column and no numbers"
    raise InputError(f"{where}: {wrong[:40]!r} is not a number{hint}")


def _columns(form: Form) -> tuple[str, ...] | None:
    return None if form.header is None else names_of(form.names)

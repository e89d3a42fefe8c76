"""Positions of regions from text files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

import numpy as np

from rateloom.drivers.support.errors import InputError

from .table import Floats, Names
from .text_lines import cell_value, cells_of, content_lines, delimiter_of, number_of
from .text_table import OF_NAMES

_AXES = ("x", "y", "z")


def read_centres(stream: IO[bytes], where: str) -> tuple[Names | None, Floats]:
    """Read positions from lines of a name and x, y, z, or of x, y, z alone.

    With a header, the columns ``x``, ``y`` and ``z`` are read. Where blanks separate, a name may have
    several words; words behind the numbers are left out.

    Raises
    ------
    InputError
        If a line is neither; the message names it.
    """
    lines = list(content_lines(stream, where))
    if not lines:
        raise InputError(f"{where}: the file holds no positions")
    delimiter = delimiter_of(lines[0][1])
    titles = [cell.lower() for cell in cells_of(lines[0][1], delimiter)]
    columns: list[int] | None = None
    named = None
    if set(_AXES) <= set(titles):
        columns = [titles.index(axis) for axis in _AXES]
        named = next((k for k, title in enumerate(titles) if title in OF_NAMES), None)
        lines = lines[1:]
    labels: list[str] = []
    centres: list[Sequence[float]] = []
    for number, line in lines:
        cells = cells_of(line, delimiter)
        if columns is None:
            name, numbers = _name_and_numbers(cells, delimiter)
        else:
            if len(cells) != len(titles):
                raise InputError(f"{where}:{number}: {len(cells)} cells, but the header has {len(titles)}")
            name, numbers = "" if named is None else cells[named], [cells[k] for k in columns]
        labels += [name] if name else []
        centres.append(_position(numbers, name, f"{where}:{number}"))
    if labels and len(labels) != len(centres):
        raise InputError(f"{where}: some lines have a label and some have none")
    return tuple(labels) or None, np.array(centres)


def _name_and_numbers(cells: Sequence[str], delimiter: str | None) -> tuple[str, Sequence[str]]:
    if delimiter is not None:
        return (cells[0], cells[1:]) if len(cells) > 3 else ("", cells)
    first = next((k for k, cell in enumerate(cells) if number_of(cell) is not None), len(cells))
    last = next((k for k in range(first, len(cells)) if number_of(cells[k]) is None), len(cells))
    if first == 0 and len(cells) > 3:
        first = 1  # a name that is a number
    return " ".join(cells[:first]), cells[first:last] or cells[first:]


def _position(numbers: Sequence[str], name: str, where: str) -> list[float]:
    if len(numbers) < 3:
        wrong = [word for word in numbers if number_of(word) is None]
        detail = f"; {wrong[0][:40]!r} is not a number" if wrong else ""
        raise InputError(f"{where}: expected a label and three coordinates{detail}")
    values = [cell_value(word) for word in numbers[:3]]
    if None in values:
        raise InputError(f"{where}: {numbers[values.index(None)][:40]!r} is not a number")
    if len(numbers) > 3 and len(name.split()) > 1 and number_of(numbers[3]) is not None:
        raise InputError(f"{where}: {len(numbers)} numbers behind the name; quote a name that has numbers")
    return [value for value in values if value is not None]

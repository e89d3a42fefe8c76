"""A table of numbers as a file has it, with the names of its rows and columns where it has any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

Names = tuple[str, ...]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """An array of a file.

    Attributes
    ----------
    where : str
        The file, and the variable of it, for messages.
    values : array
        Of any shape; a text table is (row, column). NaN where a cell is empty.
    rows, columns : tuple of str, optional
        Names of rows and columns; what only counts them is no name.
    """

    where: str
    values: NDArray[Any]
    rows: Names | None = None
    columns: Names | None = None


def numeric(table: Table) -> Table:
    """Return a table whose values are float64.

    Raises
    ------
    InputError
        If they are no real numbers.
    """
    if table.values.dtype.kind not in "biuf":
        raise InputError(f"{table.where}: it holds {table.values.dtype} and no real numbers")
    return replace(table, values=table.values.astype(np.float64))


def region_names(table: Table) -> Names | None:
    """Return the names of the regions of a square table, in its rows or its columns.

    Raises
    ------
    InputError
        If rows and columns have different names, or the same ones in another order.
    """
    if table.rows is None or table.columns is None:
        return table.columns if table.rows is None else table.rows
    for row, column in zip(table.rows, table.columns, strict=False):
        if row != column:
            raise InputError(
                f"{table.where}: row {row!r} and column {column!r} are at one place; rows and columns of a "
                "square matrix must be the same regions in the same order"
            )
    return table.rows


def counted(words: Sequence[str]) -> bool:
    """Tell whether words are the numbers 0, 1, 2, ... or 1, 2, 3, ..., which are no names."""
    numbers = [str(k) for k in range(len(words) + 1)]
    return list(words) in (numbers[:-1], numbers[1:])


def names_of(words: Sequence[str]) -> Names | None:
    """Return words as names, or None where they only count."""
    return None if counted(words) else tuple(words)

"""The layout of a study: its tables and arrays, and the names of their columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rateloom.drivers.observation.recipe import Column
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.support.errors import InputError

# SQLite's own limit, unless it was compiled with another
_MOST_COLUMNS = 2000
_OWN = ("item", "node", "label", "diverged_step", "rowid", "oid", "_rowid_")


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns of a study's tables.

    Attributes
    ----------
    columns : tuple of Column
        Every measure.
    named : dict of str to str
        The column of each axis and each measure. SQLite sees no difference between G and g, so that the
        second of two such names ends in ``_2``.
    """

    grid: Grid
    columns: tuple[Column, ...]
    n_node: int
    named: dict[str, str]

    @property
    def whole(self) -> tuple[Column, ...]:
        """Measures of a work item."""
        return tuple(c for c in self.columns if c.n_node == 0)

    @property
    def regional(self) -> tuple[Column, ...]:
        """Measures of each node of a work item."""
        return tuple(c for c in self.columns if c.n_node == 1)

    @property
    def matrices(self) -> tuple[Column, ...]:
        """Symmetric matrices (node, node) of a work item."""
        return tuple(c for c in self.columns if c.n_node == 2)


def layout_of(grid: Grid, columns: Sequence[Column], n_node: int) -> Layout:
    """Name the columns of a study.

    Raises
    ------
    InputError
        If there are more than a table can have.
    """
    layout = Layout(grid, tuple(columns), n_node, column_names([*grid.tabled, *(c.name for c in columns)]))
    most = max(len(layout.whole), len(layout.regional)) + len(grid.tabled) + len(_OWN)
    if most > _MOST_COLUMNS:
        raise InputError(
            f"the model has {len(columns)} measures, and a table at most {_MOST_COLUMNS} columns; "
            "take exposures out of the model, or keep averages"
        )
    return layout


def column_names(names: Sequence[str]) -> dict[str, str]:
    """The column of each axis and each measure, in this order; see `Layout`."""
    reserved = {name.lower() for name in _OWN}
    result = {}
    for name in names:
        column, number = name, 1
        while column.lower() in reserved:
            number += 1
            column = f"{name}_{number}"
        reserved.add(column.lower())
        result[name] = column
    return result


def block_shape(shape: Sequence[int], most: int) -> tuple[int, ...]:
    """Shape of the largest blocks of neighbouring work items: as many of the last axes as fit, whole."""
    sizes: list[int] = []
    for size in reversed(shape):
        length = max(1, min(size, most))
        sizes.append(length)
        most = most // size if length == size else 0
    return tuple(reversed(sizes))


def blocks(shape: Sequence[int], block: Sequence[int]) -> Iterator[tuple[tuple[slice, ...], int, int]]:
    """Yield each block's slices of the grid, its first work item, and the one after its last."""
    starts = (range(0, size, step) for size, step in zip(shape, block, strict=True))
    for corner in itertools.product(*starts):
        slices = tuple(
            slice(begin, min(begin + step, size))
            for begin, step, size in zip(corner, block, shape, strict=True)
        )
        first, count = 0, 1
        for part, size in zip(slices, shape, strict=True):
            first = first * size + part.start
            count *= part.stop - part.start
        yield slices, first, first + count

"""The arrays of a finished study, in Zarr: its tables once more, with an axis of the sweep a dimension."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from rateloom.drivers.results.dataset import DIVERGED
from rateloom.drivers.support.stores import open_store

from .item_tables import connected, read_matrices, read_regional, read_whole
from .layout import Layout, block_shape, blocks

ARRAYS = "measures.zarr"
# Values that are read at once, of each measure: some tens of MB of all of them.
_AT_ONCE = 1 << 16


def write_arrays(folder: Path, layout: Layout, coordinates: xr.Dataset) -> None:
    """Write the arrays of a study whose work items are all done.

    They are written beside their place and appear when they are complete.

    Parameters
    ----------
    coordinates : Dataset
        The sweep's axes and the nodes, with the study's attributes.

    Raises
    ------
    InputError
        If the tables cannot be read.
    OSError
        If the arrays cannot be written.
    """
    partial = folder / f".{ARRAYS}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        # Format 2: consolidated metadata and texts are part of it, so that a store opens without warnings.
        coordinates.to_zarr(partial, mode="w-", zarr_format=2, consolidated=False)
        group = zarr.open_group(partial, mode="r+")
        with connected(folder) as connection:
            _write_whole(group, connection, layout)
            _write_regional(group, connection, layout)
            _write_matrices(group, connection, layout)
        zarr.consolidate_metadata(partial, zarr_format=2)
        shutil.rmtree(folder / ARRAYS, ignore_errors=True)
        partial.replace(folder / ARRAYS)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def open_arrays(folder: Path, layout: Layout) -> xr.Dataset:
    """Open the arrays, with the measures in their order, which a store does not know."""
    opened: xr.Dataset = open_store(folder / ARRAYS)
    return opened[["diverged_step", *(c.name for c in layout.columns)]]


def _write_whole(group: zarr.Group, connection: sqlite3.Connection, layout: Layout) -> None:
    grid = layout.grid
    block = block_shape(grid.shape, _AT_ONCE)
    # A fill value would make xarray mask the numbers that equal it.
    step = _array(
        group, "diverged_step", grid.names, grid.shape, block, np.int64, None, {"description": DIVERGED}
    )
    arrays = [
        _array(group, c.name, grid.names, grid.shape, block, np.float64, np.nan, c.attributes)
        for c in layout.whole
    ]
    for slices, first, last in blocks(grid.shape, block):
        rows = read_whole(connection, layout, first, last)
        shape = tuple(part.stop - part.start for part in slices)
        step[slices] = rows[:, 0].astype(np.int64).reshape(shape)
        for k, array in enumerate(arrays, start=1):
            array[slices] = rows[:, k].reshape(shape)


def _write_regional(group: zarr.Group, connection: sqlite3.Connection, layout: Layout) -> None:
    grid, n_node = layout.grid, layout.n_node
    if not layout.regional:
        return
    block = block_shape(grid.shape, max(1, _AT_ONCE * 4 // n_node))
    dimensions, shape = (*grid.names, "node"), (*grid.shape, n_node)
    arrays = [
        _array(group, c.name, dimensions, shape, (*block, n_node), np.float64, np.nan, c.attributes)
        for c in layout.regional
    ]
    for slices, first, last in blocks(grid.shape, block):
        rows = read_regional(connection, layout, first, last)
        inner = tuple(part.stop - part.start for part in slices)
        for k, array in enumerate(arrays):
            array[slices] = rows[:, :, k].reshape(*inner, n_node)


def _write_matrices(group: zarr.Group, connection: sqlite3.Connection, layout: Layout) -> None:
    grid, square = layout.grid, (layout.n_node, layout.n_node)
    block = block_shape(grid.shape, max(1, _AT_ONCE * 4 // layout.n_node**2))
    dimensions, shape = (*grid.names, "node", "other_node"), (*grid.shape, *square)
    for c in layout.matrices:
        array = _array(group, c.name, dimensions, shape, (*block, *square), np.float32, np.nan, c.attributes)
        for slices, first, last in blocks(grid.shape, block):
            inner = tuple(part.stop - part.start for part in slices)
            array[slices] = read_matrices(connection, layout, c, first, last).reshape(*inner, *square)


def _array(
    group: zarr.Group,
    name: str,
    dimensions: tuple[str, ...],
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    dtype: Any,
    fill_value: Any,
    attributes: dict[str, str],
) -> zarr.Array[Any]:
    return group.create_array(
        name, shape=shape, chunks=chunks, dtype=dtype, fill_value=fill_value,
        attributes={"_ARRAY_DIMENSIONS": list(dimensions), **attributes},
    )  # fmt: skip

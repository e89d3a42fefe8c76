"""Results on disk: a Zarr store that is written chunk by chunk and appears under its name when complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr
import zarr
from numpy.typing import DTypeLike, NDArray

from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.support.attributes import Exposure, described, plain_attributes
from rateloom.drivers.support.destinations import check_target, make_folder
from rateloom.drivers.support.errors import InputError

from .dataset import DIVERGED, Frame, coordinates_of, dimensions

# Files of about this size: fewer would be rewritten too often, smaller ones are too many.
_CHUNK_BYTES = 1_000_000
_LARGEST_CHUNK = 64_000_000

# Takes items, their data by exposure, and the step at which each diverged (or -1).
Write = Callable[[NDArray[np.int64], Mapping[str, NDArray[Any]], NDArray[np.int64]], None]


@contextmanager
def result_store(
    target: str | Path,
    frame: Frame,
    n_node: int,
    dtype: DTypeLike,
    overwrite: bool = False,
    further: Mapping[str, xr.Variable] = MappingProxyType({}),
) -> Iterator[Write]:
    """A store at `target` that holds what `rateloom.drivers.results.dataset.dataset_of` would return.

    ``with result_store(...) as write:`` and then ``write(items, data, diverged_step)`` for the work items in
    any order, with ``data[name]`` of shape (k, time, node) and ``diverged_step`` of shape (k,). Until the
    block ends the store lies beside the target under a temporary name; if the block fails it is removed.
    ``xarray.open_zarr(target)`` opens it. What `further` holds by then is written at the end.

    Raises
    ------
    InputError
        If the target is there already and `overwrite` is not set, is not a store, or cannot be written. The
        folders that it lies in are made if they are not there.
    """
    path, grid = Path(target), frame.grid
    check_target(path, overwrite)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    diverged = np.full(grid.n_item, -1, dtype=np.int64)
    try:
        with _written(path):
            make_folder(path)
            arrays = _create(
                partial,
                grid,
                xr.Dataset(
                    coords=coordinates_of(grid, frame.times, frame.labels, n_node, frame.axis_units),
                    attrs=plain_attributes(frame.attributes),
                ),
                frame.exposures,
                np.dtype(dtype),
            )

        def write(
            items: NDArray[np.int64], data: Mapping[str, NDArray[Any]], diverged_step: NDArray[np.int64]
        ) -> None:
            with _written(path):
                for name, array in arrays.items():
                    _write_items(array, grid.shape, items, data[name])
            diverged[items] = diverged_step

        yield write
        with _written(path):
            if further:
                # attributes once more: they take the place of those that are there
                more = xr.Dataset(coords=further, attrs=plain_attributes(frame.attributes))
                more.to_zarr(partial, mode="a", zarr_format=2, consolidated=False)
            _finish(partial, grid, diverged)
            _move(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _create(
    partial: Path, grid: Grid, coordinates: xr.Dataset, exposures: Sequence[Exposure], dtype: np.dtype[Any]
) -> dict[str, zarr.Array[Any]]:
    """Coordinates, attributes, and an empty array for each exposure."""
    # Format 2: consolidated metadata and texts are part of it, so that a store opens without warnings.
    coordinates.to_zarr(partial, mode="w-", zarr_format=2, consolidated=False)
    group = zarr.open_group(partial, mode="r+")
    shape = (*grid.shape, coordinates.sizes["time"], coordinates.sizes["node"])
    return {
        name: group.create_array(
            name,
            shape=shape,
            chunks=_chunks(grid.shape, shape[-2:], dtype.itemsize),
            dtype=dtype,
            fill_value=np.nan,
            attributes={"_ARRAY_DIMENSIONS": list(dimensions(grid)), **described(unit, description)},
        )
        for name, unit, description in exposures
    }


def _chunks(grid_shape: tuple[int, ...], item_shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Small items are put together along the last axis, large ones are cut in time."""
    n_time, n_node = (max(1, size) for size in item_shape)
    item_bytes = n_time * n_node * itemsize
    time_chunk = max(1, min(n_time, _LARGEST_CHUNK // (n_node * itemsize)))
    together = max(1, _CHUNK_BYTES // item_bytes)
    axes = tuple(1 for _ in grid_shape[:-1]) + tuple(min(together, size) for size in grid_shape[-1:])
    return (*axes, time_chunk, n_node)


def _write_items(
    array: zarr.Array[Any], grid_shape: tuple[int, ...], items: NDArray[np.int64], data: NDArray[Any]
) -> None:
    """Neighbours along the last axis are written at once."""
    if not grid_shape:
        array[...] = data[0]
        return
    index = np.array(np.unravel_index(items, grid_shape))
    new_run = (np.diff(index[-1]) != 1) | (np.diff(index[:-1], axis=1) != 0).any(axis=0)
    starts = np.flatnonzero(np.concatenate(([True], new_run)))
    for start, stop in zip(starts, [*starts[1:], items.size], strict=True):
        *outer, last = (slice(int(i), int(i) + 1) for i in index[:, start])
        run = slice(last.start, last.start + int(stop - start))
        array[(*outer, run)] = data[start:stop].reshape(*(1 for _ in outer), -1, *data.shape[1:])


def _finish(partial: Path, grid: Grid, diverged: NDArray[np.int64]) -> None:
    group = zarr.open_group(partial, mode="r+")
    step = group.create_array(
        "diverged_step",
        shape=grid.shape,
        chunks=tuple(min(size, 1 << 16) for size in grid.shape),
        dtype=np.int64,
        # A fill value would make xarray mask the numbers that equal it.
        fill_value=None,
        attributes={"_ARRAY_DIMENSIONS": list(grid.names), "description": DIVERGED},
    )
    step[...] = diverged.reshape(grid.shape)
    zarr.consolidate_metadata(partial, zarr_format=2)


def _move(partial: Path, path: Path) -> None:
    """Put the store in its place; what was there before is removed only then."""
    old = path.with_name(f".{path.name}.old-{os.getpid()}")
    if path.exists():
        path.rename(old)
    partial.replace(path)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error

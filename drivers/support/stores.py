"""Zarr stores that are opened: folders of regular files whose arrays are no larger than they can be."""

from __future__ import annotations

import math
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .blosc_frames import check_frames
from .errors import InputError
from .memory import available_memory, format_bytes
from .regular_files import reason_of

if TYPE_CHECKING:
    import xarray as xr
    import zarr

_LIBRARIES = tuple(f"{os.sep}{name}{os.sep}" for name in ("zarr", "numcodecs"))


def open_store(path: Path) -> xr.Dataset:
    """Open a store; what is not an index is read when it is wanted.

    Raises
    ------
    InputError
        If it is damaged, or what is in it is no regular file or cannot be as large as it says.
    """
    import xarray as xr  # both take their time to import
    import zarr

    _check_files(path)
    try:
        most = available_memory() // 2
        for name, array in zarr.open_group(path, mode="r").arrays():
            _check_size(f"{path}: {name}", array, most)
            check_frames(path / name, array, most)
        dataset: xr.Dataset = xr.open_zarr(path)
    except InputError:
        raise
    except Exception as problem:  # what is damaged is found out anywhere in three libraries
        raise InputError(f"{path}: the store cannot be opened ({reason_of(problem)})") from None
    return dataset


@contextmanager
def reading_store(path: Path) -> Iterator[None]:
    """Turn what Zarr raises while it reads a damaged store into an `InputError`."""
    try:
        yield
    except InputError:
        raise
    except Exception as problem:
        files = [frame.filename for frame in traceback.extract_tb(problem.__traceback__)]
        if not any(library in file for file in files for library in _LIBRARIES):
            raise
        raise InputError(f"{path}: the store cannot be read ({reason_of(problem)})") from None


def _check_files(path: Path) -> None:
    """Raise InputError for a pipe or a device in a store, which reading would wait for."""
    folders = [path]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        # a link may lead back to where it lies
                        if entry.is_symlink():
                            raise InputError(f"{entry.path}: a link to a folder is not followed in a store")
                        folders.append(Path(entry.path))
                    elif not entry.is_file():
                        raise InputError(f"{entry.path}: it is no regular file, and belongs to no store")
        except OSError as problem:
            raise InputError(f"{path}: the store cannot be opened ({reason_of(problem)})") from None


def _check_size(subject: str, array: zarr.Array[Any], most: int) -> None:
    """Raise InputError if a chunk, or the values of an index, which are read at once, fill the memory."""
    index = array.ndim <= 1
    sizes = [math.prod(array.chunks), math.prod(array.shape) if index else 0]
    needed = max(sizes) * max(1, array.dtype.itemsize)
    if needed > most:
        raise InputError(f"{subject} takes {format_bytes(needed)} at once; the store is damaged")

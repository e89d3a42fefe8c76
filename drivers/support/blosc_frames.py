"""Frames of Blosc in a Zarr store: their headers are checked before the library believes them.

Blosc reads as far as a header says, beyond the end of a chunk that was cut or damaged, which ends the process
(https://github.com/zarr-developers/numcodecs/issues/228).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError
from .memory import format_bytes

if TYPE_CHECKING:
    import zarr

_HEADER = 16


def check_frames(folder: Path, array: zarr.Array[Any], most: int) -> None:
    """Raise InputError if a chunk of an array is not the frame that its header says.

    Parameters
    ----------
    folder : Path
        Where the array's chunks lie.
    most : int
        Bytes that a chunk may have when it is unpacked.
    """
    if not any(type(codec).__name__ in ("Blosc", "BloscCodec") for codec in array.compressors):
        return
    if array.shards is not None:
        raise InputError(f"{folder}: frames of Blosc within shards are not read; write it without")
    for place, _, names in os.walk(folder):
        for name in names:
            if not name.startswith(".") and name != "zarr.json":
                _check_frame(Path(place) / name, most)


def _check_frame(path: Path, most: int) -> None:
    """Raise InputError if a file has not the size in its header, or would fill the memory."""
    with path.open("rb") as stream:
        header = stream.read(_HEADER)
        size = os.fstat(stream.fileno()).st_size
    unpacked, packed = (int.from_bytes(header[k : k + 4], "little") for k in (4, 12))
    if len(header) < _HEADER or packed != size:
        raise InputError(f"{path}: it has {size} bytes, not those of its header; the store is damaged")
    if unpacked > most:
        raise InputError(f"{path}: it would take {format_bytes(unpacked)}; the store is damaged")

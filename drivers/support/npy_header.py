"""The header of an ``.npy`` file, which is believed in nothing that it does not prove."""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import prod
from typing import IO

import numpy as np
from numpy.lib import format as npy

from .errors import InputError

# Kinds of NumPy's types: real numbers, and texts.
NUMBERS, TEXTS = "biuf", "US"
_MAGIC = b"\x93NUMPY"
# NumPy writes some hundred bytes and reads no more than this itself
_MOST_HEADER = 10_000
_MOST_DIMENSIONS = 32


@dataclass(frozen=True)
class NpyHeader:
    """Shape, order and type of the array that follows."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]

    @property
    def size(self) -> int:
        """Return the number of bytes that follow."""
        return prod(self.shape) * self.dtype.itemsize


def read_npy_header(stream: IO[bytes], where: str) -> NpyHeader:
    """Read the header of an ``.npy`` stream.

    Raises
    ------
    InputError
        If it is none, or one of an array that is neither numbers nor texts.
    """
    start = stream.read(8)
    # one byte says the version; from the second one on, the length takes four bytes
    if len(start) < 8 or not start.startswith(_MAGIC) or start[6:] not in (b"\x01\x00", b"\x02\x00"):
        raise InputError(f"{where}: not an .npy file of numbers")
    length_bytes = stream.read(2 if start[6] == 1 else 4)
    length = int.from_bytes(length_bytes, "little")
    if length > _MOST_HEADER:
        raise InputError(f"{where}: its header has {length} bytes; the file is damaged")
    read = npy.read_array_header_1_0 if start[6] == 1 else npy.read_array_header_2_0
    try:
        shape, fortran, dtype = read(io.BytesIO(length_bytes + stream.read(length)))
    except Exception:  # NumPy hands the text to Python's parser, which raises what it likes
        raise InputError(f"{where}: not an .npy file of numbers") from None
    if dtype.hasobject:
        raise InputError(f"{where}: holds Python objects, which are not read; save plain numbers")
    if len(shape) > _MOST_DIMENSIONS or any(isinstance(n, bool) or n < 0 for n in shape):
        raise InputError(f"{where}: its header says that its shape is {shape}; the file is damaged")
    # neither records nor times; a text may have no letters
    if dtype.kind not in f"{NUMBERS}c{TEXTS}" or (dtype.kind not in TEXTS and not dtype.itemsize):
        raise InputError(f"{where}: holds {dtype}, and no real numbers; save plain numbers")
    return NpyHeader(shape, fortran, dtype)

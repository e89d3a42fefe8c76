"""Arrays from ``.npy`` streams; nothing is ever unpickled."""

from __future__ import annotations

from typing import IO

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.npy_header import read_npy_header
from rateloom.drivers.support.regular_files import read_exactly

from . import text_lines


def read_npy(stream: IO[bytes], where: str) -> NDArray[np.generic]:
    """An array from an ``.npy`` stream; never unpickled, never larger than `text_lines.MAX_BYTES`.

    Raises
    ------
    InputError
        If it is not such a file, holds Python objects, or its size differs from what its header says.
    """
    header = read_npy_header(stream, where)
    if header.size > text_lines.MAX_BYTES:
        raise InputError(f"{where}: {header.size} bytes of numbers; at most {text_lines.MAX_BYTES} are read")
    data = read_exactly(stream, header.size)
    if data is None or stream.read(1):
        raise InputError(f"{where}: its size is not what its header says; the file is damaged")
    if not header.size:
        return np.empty(header.shape, header.dtype)
    return np.frombuffer(data, header.dtype).reshape(header.shape, order="F" if header.fortran else "C")

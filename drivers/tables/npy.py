"""Arrays from ``.npy`` streams; nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import IO

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

from . import text_lines


def read_npy(stream: IO[bytes], where: str) -> NDArray[np.generic]:
    """An array from an ``.npy`` stream; never unpickled, never larger than `text_lines.MAX_BYTES`.

    Raises
    ------
    InputError
        If it is not such a file, holds Python objects, or its size differs from what its header says.
    """
    try:
        version = np.lib.format.read_magic(stream)
        header: Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype[np.generic]]] = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = header(stream)
    except (ValueError, KeyError):
        raise InputError(f"{where}: not an .npy file of numbers") from None
    if dtype.hasobject:
        raise InputError(f"{where}: holds Python objects, which are not read; save plain numbers")
    size = prod(shape) * dtype.itemsize
    if size > text_lines.MAX_BYTES:
        raise InputError(f"{where}: {size} bytes of numbers; at most {text_lines.MAX_BYTES} are read")
    data = stream.read(size)
    if len(data) != size or stream.read(1):
        raise InputError(f"{where}: its size is not what its header says; the file is damaged")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")

"""Arrays that a user gives as a file: values of nodes, time series of inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .regular_files import open_regular
from .tables import read_npy, read_table

_Floats = NDArray[np.float64]


def read_values(file: str | Path) -> _Floats:
    """Finite numbers from an ``.npy`` file or a text table.

    Returns
    -------
    (row, column) array of float64, or of whatever shape an ``.npy`` has

    Raises
    ------
    InputError
        If there is no such file, or what it holds is not finite numbers; the message names the place.
    """
    path = Path(file)
    try:
        with open_regular(path) as stream:
            array = read_npy(stream, str(path)) if path.suffix == ".npy" else read_table(stream, str(path))
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read ({reason})") from error
    if array.dtype.kind not in "iuf" or array.size == 0:
        raise InputError(f"{path}: holds no numbers")
    values = array.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        position = np.unravel_index(int(np.argmin(finite)), values.shape)
        index = ", ".join(str(int(i)) for i in position)
        raise InputError(
            f"{path}: entry [{index}] is {values[position]}; every value must be a finite number"
        )
    return values

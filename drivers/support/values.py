"""Arrays that a user gives as a file: values of nodes, time series of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .tables import read_npy, read_series, read_table

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
    with _readable(path) as stream:
        array = read_npy(stream, str(path)) if path.suffix == ".npy" else read_table(stream, str(path))
    return _finite(array, path)


def read_timed_values(file: str | Path) -> tuple[_Floats | None, _Floats]:
    """Times in ms, if a text table has them, and finite numbers; see `read_series` and `read_values`."""
    path = Path(file)
    if path.suffix == ".npy":
        return None, read_values(path)
    with _readable(path) as stream:
        times, values = read_series(stream, str(path))
    return None if times is None else _finite(times, path), _finite(values, path)


@contextmanager
def _readable(path: Path) -> Iterator[IO[bytes]]:
    """Open a file; what goes wrong with it is one line."""
    try:
        with path.open("rb") as stream:
            yield stream
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read ({reason})") from error


def _finite(array: NDArray[Any], path: Path) -> _Floats:
    """Return an array as finite numbers."""
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

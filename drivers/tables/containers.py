"""Variables of ``.npz`` and ``.mat`` files, and tables of ``.parquet`` files; nothing is ever unpickled."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import check_regular, open_regular, refusing

from . import text_lines
from .mat_tags import check_tags
from .npy import read_npy
from .table import Table, names_of

_HDF5 = b"\x89HDF"
_NO_ARRAYS = ("struct", "object", "function", "opaque", "unknown")


def npz_variables(path: Path) -> list[str]:
    """Return the names of the arrays of an ``.npz`` file.

    Raises
    ------
    InputError
        If it is none.
    """
    with (
        refusing(f"{path}: not an .npz file of numbers"),
        open_regular(path) as file,
        zipfile.ZipFile(file) as archive,
    ):
        return [name.removesuffix(".npy") for name in archive.namelist()]


def npz_array(path: Path, name: str) -> NDArray[Any]:
    """Read one array of an ``.npz`` file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    with (
        refusing(f"{path}: not an .npz file of numbers"),
        open_regular(path) as file,
        zipfile.ZipFile(file) as archive,
        archive.open(f"{name}.npy") as stream,
    ):
        return read_npy(stream, f"{path}:{name}")


def mat_variables(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return the shape and MATLAB's class of each variable of a ``.mat`` file.

    Raises
    ------
    InputError
        If it is none that SciPy reads.
    """
    with open_regular(path) as stream:
        head = stream.read(128)
        if head.startswith(_HDF5) or b"MATLAB 7.3" in head:
            raise InputError(
                f"{path}: a MATLAB 7.3 file (HDF5) is not read; in MATLAB, save('x.mat', 'x', '-v7') helps"
            )
    from scipy.io import whosmat  # takes its time to import

    try:
        with open_regular(path) as stream:
            check_tags(stream, str(path))
            return {name: (shape, kind) for name, shape, kind in whosmat(stream)}
    except InputError:
        raise
    except Exception as problem:
        raise InputError(f"{path}: not a .mat file that SciPy reads ({_first(problem)})") from None


def mat_array(path: Path, name: str) -> NDArray[Any]:
    """Read one variable of a ``.mat`` file: numbers, or texts from a cell or a matrix of characters.

    Raises
    ------
    InputError
        If it is neither, or too large.
    """
    shape, kind = mat_variables(path)[name]
    if kind in _NO_ARRAYS:
        raise InputError(f"{path}:{name}: a {kind} is no array of numbers; name another variable")
    if 8 * float(np.prod(shape, dtype=float)) > text_lines.MAX_BYTES:
        raise InputError(f"{path}:{name}: larger than {text_lines.MAX_BYTES} bytes, which are read at most")
    from scipy.io import loadmat

    try:
        with open_regular(path) as stream:
            array = loadmat(stream, variable_names=[name])[name]
    except Exception as problem:
        raise InputError(f"{path}:{name}: cannot be read ({_first(problem)})") from None
    if kind == "cell":
        return _texts(array, f"{path}:{name}")
    return np.asarray(array.todense() if hasattr(array, "todense") else array)


def read_parquet(path: Path, column: str | None = None) -> Table:
    """Read a ``.parquet`` file as a table, without columns of text but the one that names its rows.

    Raises
    ------
    InputError
        If it cannot be read, or pyarrow is not installed.
    """
    frame = parquet_frame(path)
    numbers = [name for name in frame.columns if frame[name].dtype.kind in "biuf"]
    texts = [name for name in frame.columns if name not in numbers]
    names = frame.index if frame.index.dtype.kind not in "biuf" else frame[texts[0]] if texts else None
    if column is not None:
        if column not in numbers:
            raise InputError(f"{path}: it has no column {column}; there are {', '.join(map(str, numbers))}")
        numbers = [column]
    if not numbers or not len(frame):
        raise InputError(f"{path}: the file holds no numbers")
    rows = None if names is None else names_of([str(name) for name in names])
    return Table(str(path), frame[numbers].to_numpy(np.float64), rows, names_of([str(n) for n in numbers]))


def parquet_frame(path: Path) -> Any:
    """Read a ``.parquet`` file as a `pandas.DataFrame`.

    Raises
    ------
    InputError
        If it cannot be read, or pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise InputError(f'{path}: .parquet files take pyarrow: pip install "rateloom[parquet]"') from None
    try:
        check_regular(path)
        size = parquet.read_metadata(path)
        if 8.0 * size.num_rows * size.num_columns > text_lines.MAX_BYTES:
            raise InputError(f"{path}: larger than {text_lines.MAX_BYTES} bytes, which are read at most")
        return parquet.read_table(path).to_pandas()
    except InputError:
        raise
    except Exception as problem:
        raise InputError(f"{path}: not a .parquet file that pyarrow reads ({_first(problem)})") from None


def _texts(cell: NDArray[Any], where: str) -> NDArray[Any]:
    """Return the texts of a cell array, each of which SciPy gives as an array."""
    texts = [np.asarray(entry).reshape(-1) for entry in cell.reshape(-1)]
    if not texts or any(text.size != 1 or text.dtype.kind != "U" for text in texts):
        raise InputError(f"{where}: a cell is no array of numbers; name another variable")
    return np.array([str(text[0]) for text in texts])


def _first(problem: Exception) -> str:
    return str(problem).partition("\n")[0] or type(problem).__name__

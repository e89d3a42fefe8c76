"""Arrays of functional connectivity and of series from files; nothing is ever unpickled."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular, refusing
from rateloom.drivers.support.tables import MAX_BYTES, read_npy, read_table

from .mat_tags import check_tags

_HDF5 = b"\x89HDF"
_SUFFIXES = (".npy", ".npz", ".csv", ".tsv", ".txt", ".mat")


@dataclass(frozen=True)
class Source:
    """The place of an array.

    Attributes
    ----------
    name : str
        Its name: given explicitly, or made of the file's name, the variable and the slice.
    variable : str, optional
        The variable of an ``.npz`` or ``.mat`` file.
    slice : int, optional
        Index of a matrix along the third dimension.
    """

    name: str
    path: Path
    variable: str | None = None
    slice: int | None = None

    @property
    def where(self) -> str:
        """Return the source as text, ``FILE[:VARIABLE][:SLICE]``."""
        parts = (self.variable, None if self.slice is None else str(self.slice))
        return ":".join([str(self.path), *(part for part in parts if part is not None)])


def parse_source(text: str) -> Source:
    """Read ``[NAME=]FILE[:VARIABLE][:SLICE]``.

    Raises
    ------
    InputError
        If there is no such file, or its format is not read.
    """
    explicit_name, equals, location = text.partition("=")
    if not equals:
        explicit_name, location = "", text
    elif not explicit_name:
        raise InputError(f"{text!r}: there is no name before the =; write NAME=FILE or FILE")
    words = location.split(":")
    # a path may hold colons
    length = next((n for n in range(len(words), 0, -1) if _is_file(":".join(words[:n]))), None)
    if length is None and os.path.isdir(location):  # noqa: PTH112 - Path.is_dir raises for what is no path
        raise InputError(f"{location} is a folder; give a file in it")
    if length is None:
        raise InputError(f"{location!r}: no such file; write [NAME=]FILE[:VARIABLE][:SLICE]")
    path, selectors = Path(":".join(words[:length])), words[length:]
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"{path}: files that end in {', '.join(_SUFFIXES)} are read")
    slices = [word for word in selectors if word.isdigit()]
    variables = [word for word in selectors if not word.isdigit()]
    if len(slices) > 1 or len(variables) > 1:
        raise InputError(f"{location!r}: one variable and one slice at most; write FILE:VARIABLE:SLICE")
    name = explicit_name or _name_of("_".join([path.stem, *selectors]))
    return Source(name, path, variables[0] if variables else None, int(slices[0]) if slices else None)


def read_array(source: Source) -> NDArray[np.float64]:
    """Read the array of a source; of more than two dimensions, those of size 1 are dropped.

    Raises
    ------
    InputError
        If the file cannot be read, or the source does not select one of its arrays.
    """
    suffix = source.path.suffix.lower()
    try:
        if suffix == ".mat":
            array = _from_mat(source)
        elif suffix == ".npz":
            array = _from_npz(source)
        else:
            _no_variable(source)
            with open_regular(source.path) as stream:
                array = (read_npy if suffix == ".npy" else read_table)(stream, str(source.path))
    except OSError as problem:
        raise InputError(f"{source.path}: cannot be read ({problem.strerror or problem})") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{source.where}: it holds {array.dtype} and no real numbers")
    return _chosen(np.asarray(array, np.float64), source)


def _chosen(array: NDArray[np.float64], source: Source) -> NDArray[np.float64]:
    if array.ndim > 2:
        array = array.reshape([size for size in array.shape if size > 1])
    if array.ndim == 3 and source.slice is not None:
        if source.slice >= array.shape[2]:
            raise InputError(f"{source.where}: it has {array.shape[2]} slices, counted from 0")
        return np.ascontiguousarray(array[:, :, source.slice])
    size = " x ".join(map(str, array.shape))
    if array.ndim == 3:
        last = array.shape[2] - 1
        raise InputError(f"{source.path}: {size} numbers; say which matrix with {source.where}:0 to :{last}")
    if array.ndim not in (1, 2):
        raise InputError(f"{source.where}: {size or 'a single'} numbers; give a matrix")
    if source.slice is not None:
        raise InputError(f"{source.where}: {size} numbers have no slices; leave :{source.slice} out")
    return array


def _from_npz(source: Source) -> NDArray[Any]:
    with (
        refusing(f"{source.path}: not an .npz file of numbers"),
        open_regular(source.path) as file,
        zipfile.ZipFile(file) as archive,
    ):
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        name = _variable(source, names)
        with archive.open(f"{name}.npy") as stream:
            return read_npy(stream, f"{source.path}:{name}")


def _from_mat(source: Source) -> NDArray[Any]:
    with open_regular(source.path) as stream:
        head = stream.read(128)
        if head.startswith(_HDF5) or b"MATLAB 7.3" in head:
            raise InputError(
                f"{source.path}: a MATLAB 7.3 file (HDF5) is not read; save it with -v7 or as .npy"
            )
    from scipy.io import loadmat, whosmat  # take their time to import

    try:
        with open_regular(source.path) as stream:
            check_tags(stream, str(source.path))
            variables = whosmat(stream)
    except InputError:
        raise
    except Exception as problem:
        raise InputError(f"{source.path}: not a .mat file that SciPy reads ({_first(problem)})") from None
    name = _variable(source, [name for name, _, _ in variables])
    shape, matlab_class = next(
        (shape, matlab_class) for variable, shape, matlab_class in variables if variable == name
    )
    if matlab_class in ("cell", "struct", "object", "char", "function", "opaque", "unknown"):
        raise InputError(
            f"{source.path}:{name}: a {matlab_class} is no array of numbers; name another variable"
        )
    if 8 * float(np.prod(shape, dtype=float)) > MAX_BYTES:
        raise InputError(f"{source.path}:{name}: larger than {MAX_BYTES} bytes, which are read at most")
    try:
        with open_regular(source.path) as stream:
            matrix = loadmat(stream, variable_names=[name])[name]
    except Exception as problem:
        raise InputError(f"{source.path}:{name}: cannot be read ({_first(problem)})") from None
    return np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix)


def _variable(source: Source, names: Sequence[str]) -> str:
    """Return the name of the variable that a source selects in a file."""
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    if source.variable is None:
        if len(names) == 1:
            return names[0]
        contents = f"it holds {shown}; say which with" if names else "it is empty; give another, as"
        raise InputError(f"{source.path}: {contents} {source.path}:VARIABLE")
    if source.variable not in names:
        raise InputError(f"{source.path}: it has no variable {source.variable}; there are {shown}")
    return source.variable


def _no_variable(source: Source) -> None:
    if source.variable is not None:
        raise InputError(f"{source.path}: such a file has no variables; leave :{source.variable} out")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _name_of(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)


def _first(problem: Exception) -> str:
    return str(problem).partition("\n")[0] or type(problem).__name__

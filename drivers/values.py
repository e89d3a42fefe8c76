"""Values given as text: a parameter's ``eta=-5`` or ``eta=@values.csv``, an input's ``stimulus=@s.npy``."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .tables import number_of, read_npy, read_table

_Floats = NDArray[np.float64]


def parse_setting(text: str, n_node: int) -> tuple[str, float | _Floats]:
    """A parameter's name and its value: one number, or one a node from a file.

    Parameters
    ----------
    text : str
        ``name=number`` or ``name=@file``; the file is an ``.npy`` or text with one value a line.
    n_node : int
        Number of values that a file must hold.

    Returns
    -------
    name : str
    value : float or (n_node,) array of float64

    Raises
    ------
    InputError
        If the text has neither form, the file is absent or malformed, or a value is not a finite number.
    """
    name, right = _split(text, "write it like eta=-5 or eta=@values.csv")
    if right.startswith("@"):
        values = read_values(right[1:])
        if values.size != n_node or max(values.shape) != n_node:
            raise InputError(f"{name}=@{right[1:]}: {values.size} values for {n_node} nodes; give one a node")
        return name, values.reshape(n_node)
    value = number_of(right)
    if value is None:
        raise InputError(f"{text}: {right!r} is not a number (a file's name is written @{right})")
    if not math.isfinite(value):
        raise InputError(f"{text}: {right} is not a finite number")
    return name, value


def parse_input(text: str, n_node: int) -> tuple[str, _Floats]:
    """An input's name and its time series, from ``name=@file`` with a line a sample and a column a node.

    Returns
    -------
    name : str
    values : (time, n_node) array of float64

    Raises
    ------
    InputError
        As for `parse_setting`.
    """
    name, right = _split(text, "write it like stimulus=@stimulus.csv")
    if not right.startswith("@"):
        raise InputError(f"{text}: an input comes from a file; write it like {name}=@stimulus.csv")
    values = read_values(right[1:])
    if values.ndim != 2 or values.shape[1] != n_node:
        sizes = " x ".join(str(size) for size in values.shape)
        raise InputError(f"{name}=@{right[1:]}: {sizes} values; give a line a sample and {n_node} columns")
    return name, values


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
        with path.open("rb") as stream:
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
        place = np.unravel_index(int(np.argmin(finite)), values.shape)
        index = ", ".join(str(int(i)) for i in place)
        raise InputError(f"{path}: entry [{index}] is {values[place]}; every value must be a finite number")
    return values


def _split(text: str, form: str) -> tuple[str, str]:
    name, _, right = (part.strip() for part in text.partition("="))
    if not (name and right and right != "@"):
        raise InputError(f"{text!r}: {form}")
    return name, right

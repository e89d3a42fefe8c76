"""Values that are given on the command line as text: ``eta=-5``, ``eta=@values.csv``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.errors import InputError
from rateloom.drivers.tables import read_npy, read_table

Value = float | NDArray[np.float64]


def parse_settings(option: str, texts: Sequence[str]) -> dict[str, Value]:
    """Read settings ``name=1.5``, ``name=1,2,3`` or ``name=@file``.

    Parameters
    ----------
    option : str
        The option that they were given with, for messages: ``"--set"``.
    texts : sequence of str
        One setting each.

    Returns
    -------
    dict
        A float for one number, an array of shape (n,) for several, and what the file holds (`read_array`).

    Raises
    ------
    InputError
        If a setting is malformed, given twice, not a finite number, or its file cannot be used.
    """
    settings: dict[str, Value] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"{option} {text}: write it like {option} eta=-5 or {option} eta=@values.csv")
        if name in settings:
            raise InputError(f"{option} {text}: {name} is set twice")
        if value.startswith("@"):
            settings[name] = read_array(Path(value[1:]))
        else:
            numbers = [_number(part, f"{option} {text}") for part in value.split(",")]
            settings[name] = numbers[0] if len(numbers) == 1 else np.array(numbers)
    return settings


def read_array(path: Path) -> NDArray[np.float64]:
    """Read numbers from a ``.npy`` file, or from text with columns separated by commas or blanks.

    Returns
    -------
    (n,) or (row, column) array of float64
        A single row or column becomes one-dimensional.

    Raises
    ------
    InputError
        If there is no such file, or it does not hold finite numbers alone.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    with path.open("rb") as stream:
        array = read_npy(stream, str(path)) if path.suffix == ".npy" else read_table(stream, str(path))
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2) or array.size == 0:
        raise InputError(
            f"{path}: expected numbers in one or two dimensions, not {array.dtype} {array.shape}"
        )
    numbers = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise InputError(f"{path}: holds NaN or infinite values")
    return numbers.reshape(-1) if 1 in numbers.shape else numbers


def _number(text: str, where: str) -> float:
    """Read one finite number."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{where}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{where}: must be a finite number")
    return value

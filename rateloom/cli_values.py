"""Values that are given on the command line as text: ``eta=-5``, ``eta=@values.csv``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.errors import InputError

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


def parse_settings(option: str, texts: Sequence[str]) -> dict[str, float | FloatArray]:
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
    settings: dict[str, float | FloatArray] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"{option} {text}: expected NAME=NUMBER or NAME=@FILE")
        if name in settings:
            raise InputError(f"{option} {text}: {name} is set twice")
        if value.startswith("@"):
            settings[name] = read_array(Path(value[1:]), f"{option} {text}")
            continue
        numbers = [_number(part, f"{option} {text}") for part in value.split(",")]
        settings[name] = numbers[0] if len(numbers) == 1 else np.array(numbers)
    return settings


def read_array(path: Path, asked_by: str) -> FloatArray:
    """Read numbers from a ``.npy`` file, or from text with columns separated by commas or blanks.

    Returns
    -------
    ndarray of float64
        A single row or column becomes one-dimensional; several keep their shape (row, column).

    Raises
    ------
    InputError
        If there is no such file, or it does not hold finite numbers alone.
    """
    if not path.is_file():
        raise InputError(f"{asked_by}: no such file: {path}")
    try:
        array = _load(path)
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{asked_by}: {path} does not hold a table of numbers: {_first_line(error)}"
        ) from None
    if array.size == 0:
        raise InputError(f"{asked_by}: {path} is empty")
    if not np.isfinite(array).all():
        raise InputError(f"{asked_by}: {path} holds NaN or infinite values")
    if array.ndim == 2 and 1 in array.shape:
        return array.reshape(-1)
    return array


def _number(text: str, asked_by: str) -> float:
    """Read one finite number."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{asked_by}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{asked_by}: must be a finite number")
    return value


def _load(path: Path) -> FloatArray:
    """Load a file's numbers as they lie in it."""
    if path.suffix == ".npy":
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
    text = path.read_text(encoding="utf-8-sig")
    lines = [line.replace(",", " ").replace(";", " ") for line in text.splitlines()]
    return np.loadtxt(lines, dtype=np.float64, ndmin=2) if text.strip() else np.empty(0)


def _first_line(error: Exception) -> str:
    """First line of an exception's text: messages are one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]

"""Values that are given on the command line as text: ``eta=-5``, ``eta=@values.csv``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.region_values import RegionValues, TableWarning, ordered
from rateloom.drivers.tables.values import read_values

Value = float | NDArray[np.float64]
Setting = Value | RegionValues  # before the regions are known


def parse_settings(option: str, texts: Sequence[str]) -> dict[str, Setting]:
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
        A float for one number, an array (n,) for several or for a file's single row or column, and an array
        (row, column) for a file's table; `RegionValues` for a file's values of regions by name.

    Raises
    ------
    InputError
        If a setting is malformed, given twice, not a finite number, or its file cannot be used.
    """
    settings: dict[str, Setting] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"{option} {text}: write it like {option} eta=-5 or {option} eta=@values.csv")
        if name in settings:
            raise InputError(f"{option} {text}: {name} is set twice")
        if value.startswith("@"):
            table = read_values(value[1:])
            settings[name] = table if isinstance(table, RegionValues) else flat(table)
        else:
            numbers = [_number(part, f"{option} {text}") for part in value.split(",")]
            settings[name] = numbers[0] if len(numbers) == 1 else np.array(numbers)
    return settings


def in_order(
    settings: Mapping[str, Setting], labels: Sequence[str] | None
) -> tuple[dict[str, Value], tuple[TableWarning, ...]]:
    """Put values of regions by name in the order of a connectome's labels.

    Raises
    ------
    InputError
        If a region of the connectome has no value, or two.
    """
    values: dict[str, Value] = {}
    warnings: tuple[TableWarning, ...] = ()
    for name, setting in settings.items():
        if isinstance(setting, RegionValues):
            array, assumed = ordered(setting, labels)
            values[name] = flat(array)
            warnings += assumed
        else:
            values[name] = setting
    return values, warnings


def flat(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a single row or column as a vector, and any other array as it is."""
    return table.reshape(-1) if 1 in table.shape else table


def _number(text: str, setting: str) -> float:
    """Read one finite number."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{setting}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{setting}: must be a finite number")
    return value

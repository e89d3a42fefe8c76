"""Values that are given on the command line as text: ``eta=-5``, ``eta=@values.csv``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.region_values import RegionValues, TableWarning, ordered
from rateloom.drivers.tables.timed_text import read_timed_text
from rateloom.drivers.tables.values import read_values

from .name_value import name_values

if TYPE_CHECKING:
    import xarray as xr

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
    for name, value, text in _assignments(option, texts):
        if value.startswith("@"):
            table = read_values(value[1:])
            settings[name] = table if isinstance(table, RegionValues) else flat(table)
        else:
            numbers = [_number(part, f"{option} {text}") for part in value.split(",")]
            settings[name] = numbers[0] if len(numbers) == 1 else np.array(numbers)
    return settings


def parse_inputs(texts: Sequence[str], step: float | None, spread: bool) -> dict[str, Setting | xr.DataArray]:
    """Read inputs ``name=1.5``, ``name=1,2,3`` or ``name=@file``, the last one with times.

    Parameters
    ----------
    texts : sequence of str
        What ``--input`` was given, one input each.
    step : float, optional
        Time between the rows of files without times (``--input-step``), ms.
    spread : bool
        Whether the rows of such files are spread evenly over the run (``--input-spread``).

    Returns
    -------
    dict
        As `parse_settings` does; rows with times are an array with dimensions time (ms) and node, or values
        of regions with times, and the table of a file that is spread stays a plain array.

    Raises
    ------
    InputError
        As `parse_settings` does; if rows of a file have no times, or there are none that need some.
    """
    if step is not None and spread:
        raise InputError("--input-step and --input-spread: leave one of them out")
    if step is not None and not (math.isfinite(step) and step > 0):
        raise InputError(f"--input-step {step:g}: it must be a time greater than 0")
    inputs: dict[str, Setting | xr.DataArray] = {}
    timeless = False
    for name, value, text in _assignments("--input", texts):
        with_times = read_timed_text(value[1:]) if value.startswith("@") else None
        if with_times is not None:
            inputs[name] = with_times
            continue
        setting = parse_settings("--input", [text])[name]
        table = setting.values if isinstance(setting, RegionValues) else np.asarray(setting)
        if table.ndim < 2:
            inputs[name] = setting
        else:
            timeless = True
            if not (spread or step):
                rows, columns = table.shape
                raise InputError(
                    f"--input {text}: {rows} rows of {columns} columns, and nothing says when they come; "
                    "give a header and a first column time (ms), --input-step 10ms (from the start), or "
                    "--input-spread (evenly over the run, whatever its duration)"
                )
            inputs[name] = (
                setting if step is None else _stepped(setting, np.arange(len(table), dtype=np.float64) * step)
            )
    if not timeless and (spread or step):
        flag = "--input-spread" if spread else "--input-step"
        raise InputError(f"{flag}: no --input is a file with a row a time and without times; leave it out")
    return inputs


def _stepped(setting: Setting, times: NDArray[np.float64]) -> RegionValues | xr.DataArray:
    """Return rows with their times."""
    return replace(setting, times=times) if isinstance(setting, RegionValues) else timed(setting, times)


def timed(rows: Value, times: NDArray[np.float64]) -> xr.DataArray:
    """Return rows (time, node) with their times, ms."""
    import xarray as xr  # takes its time to import

    return xr.DataArray(rows, {"time": times}, ("time", "node"))


def in_order(
    settings: Mapping[str, Setting | xr.DataArray], labels: Sequence[str] | None
) -> tuple[dict[str, Value | xr.DataArray], tuple[TableWarning, ...]]:
    """Put values of regions by name in the order of a connectome's labels.

    Raises
    ------
    InputError
        If a region of the connectome has no value, or two.
    """
    values: dict[str, Value | xr.DataArray] = {}
    warnings: tuple[TableWarning, ...] = ()
    for name, setting in settings.items():
        if isinstance(setting, RegionValues):
            array, assumed = ordered(setting, labels)
            values[name] = flat(array) if setting.times is None else timed(array, setting.times)
            warnings += assumed
        else:
            values[name] = setting
    return values, warnings


def flat(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a single row or column as a vector, and any other array as it is."""
    return table.reshape(-1) if 1 in table.shape else table


def _assignments(option: str, texts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return name_values(option, texts, f"{option} eta=-5 or {option} eta=@values.csv")


def _number(text: str, setting: str) -> float:
    """Read one finite number."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{setting}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{setting}: must be a finite number")
    return value

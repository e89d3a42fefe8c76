"""Data to fit from a user's files and arrays, and from time series."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.measures.comoments import blocks_of
from rateloom.drivers.measures.data_to_fit import (
    FC,
    FCD,
    PHASE,
    DataToFit,
    check_finite,
    check_targets,
    pairs_of,
    phase_dynamics,
)
from rateloom.drivers.measures.dynamics import block_length, connectivity_dynamics
from rateloom.drivers.measures.functional_connectivity import correlation
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.moments import moments, standardized
from rateloom.drivers.measures.transform import mean_power_and_hilbert
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.regions import positions_of
from rateloom.drivers.tables.sources import Source, parse_source, read_array

from .orientation import UNKNOWN, Regions, check_orientation, is_named

Items = NDArray[np.int64]
DataSource = Any  # a path, an array, a mapping of names to these, or a sequence of paths
_AS_ARRAY = "{}={}: give a file, an array, a list of files, or a mapping of names to these"


def targets_of(
    fc: DataSource = None,
    fcd: DataSource = None,
    phase_fcd: DataSource = None,
    series: DataSource = None,
    *,
    tr: float | None = None,
    settings: MeasureSettings | None = None,
    labels: Sequence[str] | None = None,
    regions: Regions = UNKNOWN,
) -> tuple[tuple[DataToFit, ...], tuple[SettingsWarning, ...]]:
    """Make data to fit of files and arrays, and warnings of them; see `rateloom.targets`.

    Parameters
    ----------
    labels : sequence of str, optional
        Names of the regions of `fc` and `series`.
    regions : Regions
        Those of the connectome, whose order the data get.
    """
    chosen_settings = settings or MeasureSettings()
    names = None if labels is None else list(labels)
    positions = None if names is None else positions_of("labels of targets", names, regions.labels)
    data = [
        DataToFit(name, FC, _in_order(name, array, names, positions, (0, 1)))
        for name, array, _ in _arrays("fc", fc)
    ]
    data += [DataToFit(name, FCD, array) for name, array, _ in _arrays("fcd", fcd)]
    data += [DataToFit(name, PHASE, array) for name, array, _ in _arrays("phase_fcd", phase_fcd)]
    warnings: list[SettingsWarning] = []
    count = regions.count if names is None else len(names)
    for name, array, named in _arrays("series", series):
        distance = _distance(tr)
        if names is None or count in array.shape:  # else `_in_order` says what the labels lack
            check_orientation(f"series {name}", array.shape, named, count)
        ordered = _in_order(name, array, names, positions, (1,))
        series_data, series_warnings = targets_of_series(name, ordered, distance, chosen_settings)
        data += series_data
        warnings += series_warnings
    check_targets(data)
    return tuple(data), tuple(warnings)


def targets_of_series(
    name: str, values: NDArray[np.float64], tr: float, settings: MeasureSettings
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return functional connectivity of series (time, node) sampled every `tr` ms, and dynamics if possible.

    The same functions with the same settings take the measures of simulations.

    Raises
    ------
    InputError
        If there are too few samples or regions, a sample is not finite, or a region is constant.
    """
    subject = f"series {name}"
    size = " x ".join(map(str, values.shape))
    if values.ndim != 2 or values.shape[0] < 3 or values.shape[1] < 3:
        raise InputError(
            f"{subject}: {size} numbers; give a row a time and a column a region, three at least"
        )
    check_finite(subject, values)
    warnings = []
    if tr > settings.fcd_step:
        warnings.append(
            SettingsWarning(
                f"{subject}: samples are {tr:g} ms apart, further than a step of the sliding window, "
                f"{settings.fcd_step:g} ms; "
                "its dynamics are those of windows that step by a sample: give --fcd-window and --fcd-step"
            )
        )
    rows = np.ascontiguousarray(values.T)
    statistics = moments(rows)
    constant = np.flatnonzero(~(statistics.deviation > 0))
    if constant.size:
        raise InputError(f"{subject}: column {constant[0]} (of {size}, a column a region) does not vary")
    unit = standardized(rows, statistics)
    step = block_length(settings, tr, rows.shape[1])
    blocks = blocks_of(unit, step)
    data = [DataToFit(name, FC, correlation(blocks))]
    _, hilbert = mean_power_and_hilbert(unit, statistics.deviation)
    dynamics = {
        FCD: connectivity_dynamics(blocks, round(settings.fcd_window / settings.fcd_step), "standard"),
        PHASE: phase_dynamics(unit, hilbert, step),
    }
    for kind, matrix in dynamics.items():
        pairs = pairs_of(matrix, settings.fcd_apart)
        if pairs.size > 1:
            data.append(DataToFit(name, kind, np.clip(pairs, -1.0, 1.0)))
    left_out = sorted(dynamics.keys() - {entry.kind for entry in data})
    if left_out:
        warnings.append(
            SettingsWarning(
                f"{subject}: {len(values) * tr:g} ms are too few windows for {' and '.join(left_out)}: "
                "left out; give a longer series, or shorter windows (--fcd-window, --fcd-step)"
            )
        )
    return data, warnings


def _in_order(
    name: str,
    array: NDArray[np.float64],
    labels: Sequence[str] | None,
    positions: Items | None,
    dimensions: tuple[int, ...],
) -> NDArray[np.float64]:
    """Return data with their regions in the connectome's order, along each of `dimensions`."""
    check_finite(f"target {name}", array)  # before its rows and columns are moved
    if labels is None or positions is None:
        return array
    if array.ndim != 2 or any(array.shape[dimension] != len(labels) for dimension in dimensions):
        size = " x ".join(map(str, array.shape)) or "a single"
        unit = "a row and a column" if len(dimensions) == 2 else "a column"
        raise InputError(
            f"target {name}: {size} numbers, and {len(labels)} labels of its regions; give {unit} a label"
        )
    for dimension in dimensions:
        array = array.take(positions, dimension)
    return array


def _arrays(keyword: str, data: DataSource) -> list[tuple[str, NDArray[np.float64], bool]]:
    """Return names and arrays of one kind of data to fit, and whether an array's dimensions have names."""
    if data is None:
        return []
    if isinstance(data, Mapping):
        return [
            (str(name), _array(f"{keyword} {name}", value), is_named(value)) for name, value in data.items()
        ]
    if isinstance(data, str | PathLike):
        data = [data]
    if isinstance(data, Sequence) and all(isinstance(path, str | PathLike) for path in data):
        sources = [_source(path) for path in data]
        return [(source.name, read_array(source), False) for source in sources]
    return [(keyword if keyword != "series" else "data", _array(keyword, data), is_named(data))]


def _array(keyword: str, value: Any) -> NDArray[np.float64]:
    if isinstance(value, str | PathLike):
        return read_array(_source(value))
    if is_named(value):
        value = value.transpose("time", ...)
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
    except (TypeError, ValueError):
        raise InputError(_AS_ARRAY.format(keyword, shown(value))) from None
    return array.astype(np.float64)


def _source(path: str | PathLike[str]) -> Source:
    return parse_source(path if isinstance(path, str) else str(Path(path)))


def _distance(tr: float | None) -> float:
    if tr is None:
        raise InputError("series: say how far apart its samples are, in ms (tr=, --tr)")
    if not isinstance(tr, int | float) or not (math.isfinite(tr) and tr > 0):
        raise InputError(f"tr={shown(tr)}: it must be a number of ms above 0")
    return float(tr)

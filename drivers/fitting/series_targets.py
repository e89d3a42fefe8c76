"""Data to fit that time series give: functional connectivity, and its dynamics if they last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.measures.comoments import blocks_of
from rateloom.drivers.measures.data_to_fit import (
    FC,
    FCD,
    PHASE,
    DataToFit,
    check_finite,
    pairs_of,
    phase_dynamics,
)
from rateloom.drivers.measures.dynamics import block_length, connectivity_dynamics
from rateloom.drivers.measures.functional_connectivity import correlation
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.moments import moments, standardized
from rateloom.drivers.measures.transform import mean_power_and_hilbert
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError


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
    check_series(name, values)
    absent = np.asarray(np.isnan(values).all(axis=0))
    if absent.any():
        return _of_some_regions(name, values, tr, settings, absent)
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


def check_series(name: str, values: NDArray[np.float64]) -> None:
    """Check that samples are finite, but for columns of NaN, which are regions without a series.

    Raises
    ------
    InputError
        If one is not; the message gives the place of the first.
    """
    absent = np.isnan(values).all(axis=0)
    if values.size and absent.all():
        absent = np.zeros_like(absent)
    check_finite(f"series {name}", np.where(absent, 0.0, values))


def _of_some_regions(
    name: str, values: NDArray[np.float64], tr: float, settings: MeasureSettings, absent: NDArray[np.bool_]
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return functional connectivity of the regions that have a series, NaN elsewhere.

    Its dynamics are left out: those of simulations are of all regions.
    """
    data, _ = targets_of_series(name, values[:, ~absent], tr, settings)
    matrix = np.full((absent.size, absent.size), np.nan)
    matrix[np.ix_(~absent, ~absent)] = data[0].values
    text = f"{int(absent.sum())} of {absent.size} regions are NaN: their pairs are left out of comparisons"
    warning = SettingsWarning(f"series {name}: {text}, and so are the dynamics, which are of all regions")
    return [DataToFit(name, FC, matrix)], [warning]

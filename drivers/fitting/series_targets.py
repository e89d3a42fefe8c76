"""Data to fit that time series give: functional connectivity, and its dynamics if they last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.measures.cleaning import check_cleaning, cleaned
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
from rateloom.drivers.tables.table import Floats

_FEWEST = 3


@dataclass(frozen=True, eq=False)
class RecordedSeries:
    """Time series of regions that were recorded.

    Attributes
    ----------
    name : str
    values : (time, region) array
        Finite but for columns of NaN, which are regions without a series.
    tr : float
        Time between samples, ms.
    kept : (time,) array of bool, optional
        The volumes that are not censored.
    """

    name: str
    values: Floats
    tr: float
    kept: NDArray[np.bool_] | None = None

    @property
    def subject(self) -> str:
        """What messages say that they are about."""
        return f"series {self.name}"


def targets_of_series(
    series: RecordedSeries, settings: MeasureSettings
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return functional connectivity of series, and its dynamics if possible.

    The same functions with the same settings take the measures of simulations. Dynamics are left out where
    regions have no series, since those of simulations are of all regions, and where volumes are censored,
    since windows would join what was apart.

    Raises
    ------
    InputError
        If there are too few samples or regions, a sample is not finite, a region is constant, or the series
        cannot be cleaned.
    """
    values, subject = series.values, series.subject
    size = " x ".join(map(str, values.shape))
    if values.ndim != 2 or values.shape[0] < _FEWEST or values.shape[1] < _FEWEST:
        raise InputError(
            f"{subject}: {size} numbers; give a row a time and a column a region, three at least"
        )
    check_series(series.name, values)
    absent = np.asarray(np.isnan(values).all(axis=0))
    if values.shape[1] - absent.sum() < _FEWEST:
        raise InputError(f"{subject}: {absent.sum()} of {absent.size} regions are NaN; three must not be")
    rows = _signals(series, settings, np.flatnonzero(~absent))
    if absent.any() or series.kept is not None:
        return _connectivity_alone(series, settings, rows, absent)
    return _with_dynamics(series, settings, rows)


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


def _signals(series: RecordedSeries, settings: MeasureSettings, columns: NDArray[np.intp]) -> Floats:
    """Return the series (region, time) of some columns, cleaned if that is asked for, without censored ones.

    Raises
    ------
    InputError
        If a region does not vary, or the series cannot be cleaned.
    """
    rows = np.ascontiguousarray(series.values.T[columns])
    kept, cleaning = series.kept, settings.cleaning
    signals = rows if kept is None else np.ascontiguousarray(rows[:, kept])
    _check_varies(series, signals, columns, "")
    if cleaning is None:
        return signals
    lasting = len(series.values) if kept is None else int(np.ptp(np.flatnonzero(kept))) + 1
    check_cleaning(series.subject, cleaning, series.tr, lasting)
    signals = np.ascontiguousarray(cleaned(rows, series.tr, cleaning, kept))
    _check_varies(series, signals, columns, " once it is cleaned")
    return signals


def _check_varies(series: RecordedSeries, rows: Floats, columns: NDArray[np.intp], when: str) -> None:
    constant = columns[~(moments(rows).deviation > 0)]
    if constant.size:
        size = " x ".join(map(str, series.values.shape))
        raise InputError(
            f"{series.subject}: column {constant[0]} (of {size}, a column a region) does not vary{when}"
        )


def _with_dynamics(
    series: RecordedSeries, settings: MeasureSettings, rows: Floats
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return functional connectivity, and dynamics of as many kinds as the series has windows for."""
    name, subject, tr, warnings = series.name, series.subject, series.tr, []
    if tr > settings.fcd_step:
        warnings.append(
            SettingsWarning(
                f"{subject}: samples are {tr:g} ms apart, further than a step of the sliding window, "
                f"{settings.fcd_step:g} ms; "
                "its dynamics are those of windows that step by a sample: give --fcd-window and --fcd-step"
            )
        )
    statistics = moments(rows)
    unit = standardized(rows, statistics)
    step = block_length(settings, tr, rows.shape[1])
    blocks = blocks_of(unit, step)
    data = [DataToFit(name, FC, correlation(blocks), settings)]
    _, hilbert = mean_power_and_hilbert(unit, statistics.deviation)
    dynamics = {
        FCD: connectivity_dynamics(blocks, round(settings.fcd_window / settings.fcd_step), "standard"),
        PHASE: phase_dynamics(unit, hilbert, step),
    }
    for kind, matrix in dynamics.items():
        pairs = pairs_of(matrix, settings.fcd_apart)
        if pairs.size > 1:
            data.append(DataToFit(name, kind, np.clip(pairs, -1.0, 1.0), settings))
    left_out = sorted(dynamics.keys() - {entry.kind for entry in data})
    if left_out:
        warnings.append(
            SettingsWarning(
                f"{subject}: {rows.shape[1] * tr:g} ms are too few windows for {' and '.join(left_out)}: "
                "left out; give a longer series, or shorter windows (--fcd-window, --fcd-step)"
            )
        )
    return data, warnings


def _connectivity_alone(
    series: RecordedSeries, settings: MeasureSettings, rows: Floats, absent: NDArray[np.bool_]
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return functional connectivity of the volumes that are kept and the regions that have a series."""
    unit = standardized(rows, moments(rows))
    matrix = np.full((absent.size, absent.size), np.nan)
    matrix[np.ix_(~absent, ~absent)] = correlation(
        blocks_of(unit, block_length(settings, series.tr, rows.shape[1]))
    )
    warnings = []
    if absent.any():
        text = f"{absent.sum()} of {absent.size} regions are NaN: their pairs are left out of comparisons"
        warnings.append(f"{text}, and so are the dynamics, which are of all regions")
    if absent.any() and settings.cleaning is not None and settings.cleaning.global_signal_regression:
        warnings.append("its global signal is that of the other regions, and that of simulations is of all")
    if series.kept is not None:
        n_kept = int(series.kept.sum())
        text = f"functional connectivity is that of {n_kept} of {series.kept.size} volumes"
        warnings.append(f"{text}; dynamics are left out, whose windows would join what was apart")
    messages = [SettingsWarning(f"{series.subject}: {text}") for text in warnings]
    return [DataToFit(series.name, FC, matrix, settings)], messages

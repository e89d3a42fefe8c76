"""Cleaning of signals before regions are compared: trend, band, standard deviations, global signal.

The order is that of nilearn's ``signal.clean``: what is regressed out is filtered as the regions are, so that
no step brings back what another took out (Lindquist et al. 2019, doi 10.1002/hbm.24528). Censored volumes are
bridged while signals are filtered and left out afterwards (Power et al. 2014, doi
10.1016/j.neuroimage.2013.08.048).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.arguments import edges, switch, whole_number
from rateloom.drivers.support.errors import InputError

Floats = NDArray[np.float64]
MAX_ORDER = 10
# What is left of a region's values is rounding below this part of their size.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class SignalCleaning:
    """What is done to signals before regions are compared; a straight line is always taken out first.

    Parameters
    ----------
    band_pass : (float, float), optional
        Edges in Hz of a Butterworth filter that is run forwards and backwards, so that phases stay.
    filter_order : int
        Order of this filter, from 1 to 10; as it is run twice, its gain at the edges is one half.
    zscore : bool
        Whether regions are divided by their standard deviation, so that all have one part in the global
        signal. What compares regions does not depend on it otherwise.
    global_signal_regression : bool
        Whether the mean over regions is regressed out of each of them (Fox et al. 2009, doi
        10.1152/jn.90777.2008).

    Raises
    ------
    InputError
        If a value cannot be used.
    """

    band_pass: tuple[float, float] | None = None
    filter_order: int = 2
    zscore: bool = False
    global_signal_regression: bool = False

    def __post_init__(self) -> None:
        if self.band_pass is not None:
            band = edges("band_pass", self.band_pass)
            if not band[0] > 0:
                raise InputError(f"band_pass from {band[0]:g} Hz: the lower edge must be above 0")
            object.__setattr__(self, "band_pass", band)
        order = whole_number("filter_order", self.filter_order, 1, MAX_ORDER)
        object.__setattr__(self, "filter_order", order)
        for name in ("zscore", "global_signal_regression"):
            object.__setattr__(self, name, switch(name, getattr(self, name)))


def check_cleaning(subject: str, cleaning: SignalCleaning, dt: float, n_time: int) -> None:
    """Check that series can be filtered.

    Parameters
    ----------
    subject : str
        What the message says that it is about.
    dt : float
        Time between samples, ms.
    n_time : int
        Number of samples.

    Raises
    ------
    InputError
        If the band does not lie below half the sampling frequency, or the series has no period of its lower
        edge, cannot resolve its width, or is shorter than the filter's padding.
    """
    if cleaning.band_pass is None:
        return
    low, high = cleaning.band_pass
    band = f"band_pass of {low:g} to {high:g} Hz"
    if not high < 500.0 / dt:
        raise InputError(
            f"{subject}: {band}: samples every {dt:g} ms have frequencies below {500.0 / dt:g} Hz; "
            "lower the band, or sample more often"
        )
    needed, lasts = 1000.0 / min(low, high - low), n_time * dt
    if lasts < needed * (1 - 1e-9):
        raise InputError(
            f"{subject}: {band} takes {needed:g} ms at least, a period of its lower edge and of its width, "
            f"and the series has {lasts:g} ms; give a longer one, or another band"
        )
    if n_time <= _padding(cleaning):
        raise InputError(
            f"{subject}: a filter of order {cleaning.filter_order} takes {_padding(cleaning) + 1} samples at "
            f"least, and the series has {n_time}; give a longer one, or a lower order"
        )


def cleaned(
    values: NDArray[Any], dt: float, cleaning: SignalCleaning, kept: NDArray[np.bool_] | None = None
) -> Floats:
    """Clean series (node, time).

    Parameters
    ----------
    values : (node, time) array
        Finite but for samples that are not kept; at least as many as `check_cleaning` wants.
    dt : float
        Time between samples, ms.
    kept : (time,) array of bool, optional
        The samples that are not censored, three at least; all by default.

    Returns
    -------
    (node, time) array of float64
        The samples that are kept, less their mean. A region of which nothing is left but rounding is 0.
    """
    # imported only when needed, since the import takes a second
    from scipy.signal import butter, detrend, sosfiltfilt

    rows = np.asarray(values, np.float64)
    if kept is not None:
        rows, kept = _bridged(rows, kept)
    with np.errstate(over="ignore", invalid="ignore"):
        result = detrend(rows, axis=1)
        if cleaning.band_pass is not None:
            sections = butter(
                cleaning.filter_order, cleaning.band_pass, "bandpass", output="sos", fs=1000.0 / dt
            )
            # a forecast of costs measures a few samples, which `check_cleaning` would refuse
            padding = min(_padding(cleaning), rows.shape[1] - 1)
            result = sosfiltfilt(sections, result, axis=1, padlen=padding)
        if kept is not None:
            result = result[:, kept]
        result = _without_rounding(result - result.mean(axis=1, keepdims=True), rows)
        if cleaning.zscore:
            deviation = result.std(axis=1, keepdims=True)
            result = np.divide(result, deviation, out=np.zeros_like(result), where=deviation > 0)
        return _without_global_signal(result) if cleaning.global_signal_regression else result


def _bridged(rows: Floats, kept: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return series from their first sample that is kept to the last, with cubic splines between these."""
    from scipy.interpolate import CubicSpline

    numbers = np.flatnonzero(kept)
    span = slice(numbers[0], numbers[-1] + 1)
    times = np.arange(span.start, span.stop)
    spline = CubicSpline(numbers, rows[:, numbers], axis=1)
    return np.where(kept[span], rows[:, span], spline(times)), kept[span]


def _without_global_signal(rows: Floats) -> Floats:
    """Return the residuals of series less their mean, regressed on the mean over regions."""
    signal = rows.mean(axis=0)
    power = float(signal @ signal)
    if not power > 0:
        return rows
    return _without_rounding(rows - np.outer(rows @ signal / power, signal), rows)


def _without_rounding(rows: Floats, origin: Floats) -> Floats:
    """Return series with 0 for those that are rounding alone beside what they were made of."""
    size, least = np.abs(rows).max(axis=1), _ROUNDING * np.abs(origin).max(axis=1)
    return np.where((size > least)[:, None] | np.isnan(size)[:, None], rows, 0.0)


def _padding(cleaning: SignalCleaning) -> int:
    """Return the samples that series are extended by at both ends while they are filtered: SciPy's number."""
    return 3 * (2 * cleaning.filter_order + 1)

"""Up and down states: a region is up while its smoothed rate exceeds a share of its maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import EXACT, SUMMED, kernel
from .measure_settings import MeasureSettings

Floats = NDArray[np.float64]
# radius of the Gaussian in standard deviations, unless the series is shorter
_CUT = 4.0


def state_durations(values: NDArray[Any], dt: float, settings: MeasureSettings) -> tuple[Floats, Floats]:
    """Return the mean duration in s of each region's up states and down states; NaN if it has none.

    Parameters
    ----------
    values : (node, time) array
        Rates in Hz.
    dt : float
        Time between samples, ms.

    Rates are smoothed with a Gaussian, reflected at the ends of the series. A state that is shorter than
    `up_shortest` belongs to the one before it; the first, to the one after it. States that the ends of the
    series cut off count with the length that is seen.
    """
    n_node, n_time = values.shape
    radius = int(min(_CUT * settings.up_smoothing / dt + 0.5, n_time))
    weights = _gaussian(radius, settings.up_smoothing / dt).astype(values.dtype)
    # the tolerance keeps dt's rounding from deciding
    shortest = int(min(np.ceil(settings.up_shortest / dt - 1e-9), n_time + 1))
    reflected = np.pad(np.arange(n_time), radius, mode="symmetric")
    up, down = np.empty(n_node), np.empty(n_node)
    scratch = np.empty((2, n_time + 2 * radius), values.dtype)
    threshold = (settings.up_ratio, settings.up_least)
    _measure(values, reflected, weights, threshold, shortest, scratch, (up, down))
    return up * (dt / 1000.0), down * (dt / 1000.0)


def mean_of_regions(durations: Floats) -> float:
    """Return the mean over the regions with such states; NaN if no region has one."""
    defined = durations[np.isfinite(durations)]
    return float(defined.mean()) if defined.size else float("nan")


def _gaussian(radius: int, width: float) -> Floats:
    """Return the weights at distances 0 to `radius`, in samples; with their mirror images they sum to 1."""
    if radius == 0:
        return np.ones(1)
    weights = np.exp(-0.5 * (np.arange(radius + 1) / width) ** 2)
    return np.asarray(weights / (2 * weights.sum() - weights[0]))


@kernel(SUMMED)
def _smooth(padded, weights, out):  # type: ignore[no-untyped-def]
    n_time, radius = len(out), len(weights) - 1
    for t in range(n_time):
        out[t] = weights[0] * padded[t + radius]
    # two distances at a time, since loads and stores of the sum take most of the time
    for k in range(1, radius, 2):
        before, after = padded[radius - k :], padded[radius + k :]
        before2, after2 = padded[radius - k - 1 :], padded[radius + k + 1 :]
        w, w2 = weights[k], weights[k + 1]
        for t in range(n_time):
            out[t] += w * (before[t] + after[t]) + w2 * (before2[t] + after2[t])
    if radius % 2:
        before, after, w = padded, padded[2 * radius :], weights[radius]
        for t in range(n_time):
            out[t] += w * (before[t] + after[t])


@kernel(EXACT)
def _mean_lengths(above, shortest):  # type: ignore[no-untyped-def]
    """Return the mean number of samples of the up states and of the down states."""
    n_time, totals, counts = len(above), np.zeros(2), np.zeros(2)
    state, length = -1, 0  # the current state and its length so far
    begin = 0
    for t in range(1, n_time + 1):
        if t < n_time and above[t] == above[begin]:
            continue
        run, run_state = t - begin, int(above[begin])
        if run >= shortest and run_state != state:
            if state >= 0:
                totals[state] += length
                counts[state] += 1.0
                length = 0
            state = run_state
        # a short one joins what goes on, or, at the beginning, what comes next
        length += run
        begin = t
    if state < 0:  # nothing but short ones
        state = int(above[0])
    totals[state] += length
    counts[state] += 1.0
    return (
        totals[1] / counts[1] if counts[1] else np.nan,
        totals[0] / counts[0] if counts[0] else np.nan,
    )


@kernel(EXACT)
def _measure(values, reflected, weights, threshold, shortest, scratch, lengths):  # type: ignore[no-untyped-def]
    (ratio, least), (up, down) = threshold, lengths
    n_time = values.shape[1]
    padded, smooth = scratch[0], scratch[1, :n_time]
    for i in range(len(values)):
        for t in range(len(reflected)):
            padded[t] = values[i, reflected[t]]
        _smooth(padded, weights, smooth)
        above = smooth > ratio * smooth.max() + least
        up[i], down[i] = _mean_lengths(above, shortest)

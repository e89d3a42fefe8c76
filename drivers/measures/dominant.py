"""Each region's dominant frequency, by Welch's method."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .jit_options import SUMMED, kernel

# regions that are transformed together, so that their segments stay in the cache
_TOGETHER = 8


def dominant_frequency(
    values: NDArray[Any], varies: NDArray[np.bool_], dt: float, resolution: float, convention: str
) -> NDArray[np.float64]:
    """Return the frequency (Hz) at which each region's spectrum is largest; NaN if the region does not vary.

    Welch 1967 (doi 10.1109/TAU.1967.1161901): segments of length 1 / `resolution` (or of the whole series,
    if shorter) that overlap by half, each less its mean, in a Hann window. Frequency 0 does not count
    (as published: it does).

    Parameters
    ----------
    values : (node, time) array
        Standardized series.
    dt : float
        ms between samples.
    """
    n_node, n_time = values.shape
    length = max(1, int(min(1000.0 / dt / resolution, n_time)))
    step = length - length // 2
    n_segment = (n_time - length) // step + 1
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(values.dtype)
    segments = np.empty((_TOGETHER, n_segment, length), values.dtype)
    n_frequency = length // 2 + 1
    # the spectrum is one-sided: all but its ends stand for two frequencies
    sides = np.full(n_frequency, 2.0)
    sides[0] = 1.0
    if length % 2 == 0:
        sides[-1] = 1.0
    lowest = 1 if convention == "standard" else 0
    if n_frequency <= lowest:
        return np.full(n_node, np.nan)
    peak_bins = np.empty(n_node)
    for first in range(0, n_node, _TOGETHER):
        rows = values[first : first + _TOGETHER]
        _cut(rows, window, step, segments)
        transform = scipy.fft.rfft(segments[: len(rows)], axis=2, overwrite_x=True)
        _largest(transform, sides, lowest, peak_bins[first : first + len(rows)])
    return np.where(varies | (convention == "published"), peak_bins * (1000.0 / (dt * length)), np.nan)


@kernel(SUMMED)
def _cut(values, window, step, segments):  # type: ignore[no-untyped-def]
    n_segment, length = segments.shape[1:]
    for i in range(len(values)):
        for s in range(n_segment):
            row, to = values[i, s * step : s * step + length], segments[i, s]
            total = 0.0
            for t in range(length):
                total += row[t]
            mean = total / length
            for t in range(length):
                to[t] = (row[t] - mean) * window[t]


@kernel(SUMMED)
def _largest(transform, sides, lowest, out):  # type: ignore[no-untyped-def]
    n_node, n_segment, n_frequency = transform.shape
    power = np.empty(n_frequency)
    for i in range(n_node):
        power[:] = 0.0
        for s in range(n_segment):
            row = transform[i, s]
            for k in range(n_frequency):
                power[k] += row[k].real * row[k].real + row[k].imag * row[k].imag
        best = lowest
        for k in range(lowest, n_frequency):
            if power[k] * sides[k] > power[best] * sides[best]:
                best = k
        out[i] = best

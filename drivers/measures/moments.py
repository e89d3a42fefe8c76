"""Moments of each region: mean, standard deviation, minimum, maximum; and standardized series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import SUMMED, kernel

Floats = NDArray[np.float64]
Series = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments of each region over time; arrays (node,) of float64.

    Attributes
    ----------
    mean, deviation, least, most : (node,) arrays
        Mean, standard deviation (of the population: divided by the number of samples), minimum and maximum.
    """

    mean: Floats
    deviation: Floats
    least: Floats
    most: Floats


def moments(values: Series) -> Moments:
    """Return the moments of the rows of finite series (node, time), summed in double precision."""
    mean, variance = np.empty(len(values)), np.empty(len(values))
    _mean_and_variance(values, mean, variance)
    least, most = values.min(axis=1).astype(np.float64), values.max(axis=1).astype(np.float64)
    # a constant row may have a deviation by rounding
    deviation = np.where(least < most, np.sqrt(variance), 0.0)
    return Moments(np.where(least < most, mean, least), deviation, least, most)


def pooled(statistics: Moments) -> tuple[float, float, float, float]:
    """Return mean, standard deviation, minimum and maximum over all regions and samples."""
    least, most = float(statistics.least.min()), float(statistics.most.max())
    # rounding may put the mean of equal numbers beside them
    mean = min(max(float(statistics.mean.mean()), least), most)
    variance = float((statistics.deviation**2 + (statistics.mean - mean) ** 2).mean())
    return mean, float(np.sqrt(variance)), least, most


def ratio(numerator: Any, denominator: Any) -> Any:
    """Return the quotient, NaN where it is undefined."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(np.equal(denominator, 0), np.nan, np.true_divide(numerator, denominator))


def standardized(values: Series, statistics: Moments, out: Series | None = None) -> Series:
    """Return rows less their mean, in units of their standard deviation, in the rows' precision.

    A constant row becomes 0. Correlations, phases and the shape of spectra do not change, and no computation
    on the result overflows. The result is written to `out` if given.
    """
    result = np.empty_like(values) if out is None else out
    with np.errstate(divide="ignore", over="ignore"):
        scale = np.where(statistics.deviation > 0, 1.0 / statistics.deviation, 0.0)
    _standardize(values, statistics.mean, scale, result)
    return result


@kernel(SUMMED)
def _mean_and_variance(values, mean, variance):  # type: ignore[no-untyped-def]
    n_node, n_time = values.shape
    for i in range(n_node):
        first = np.float64(values[i, 0])
        total = 0.0
        for t in range(n_time):
            total += np.float64(values[i, t]) - first
        mean[i] = first + total / n_time
        square = 0.0
        for t in range(n_time):
            off = np.float64(values[i, t]) - mean[i]
            square += off * off
        variance[i] = square / n_time


@kernel(SUMMED)
def _standardize(values, mean, scale, out):  # type: ignore[no-untyped-def]
    n_node, n_time = values.shape
    for i in range(n_node):
        row, to, middle, factor = values[i], out[i], mean[i], scale[i]
        for t in range(n_time):
            to[t] = (row[t] - middle) * factor

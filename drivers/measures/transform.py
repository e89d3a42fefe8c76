"""Fourier transforms of all regions, in groups that stay in the cache."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .jit_options import SUMMED, kernel

_TOGETHER = 8


def mean_power_and_hilbert(
    values: NDArray[Any], deviation: NDArray[np.float64], out: NDArray[Any] | None = None
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return the mean power spectrum of the regions, and each region's Hilbert transform.

    Parameters
    ----------
    values : (node, time) array
        Standardized series.
    deviation : (node,) array
        Standard deviations that the series were divided by.
    out : (node, time) array, optional
        Array that the Hilbert transform is written to.

    Returns
    -------
    power : (time // 2 + 1,) array
        Squares of the one-sided discrete Fourier transform of values * deviation, averaged over regions.
    hilbert : (node, time) array
        Imaginary part of the analytic signal of each row.
    """
    n_node, n_time = values.shape
    power = np.zeros(n_time // 2 + 1)
    hilbert = np.empty_like(values) if out is None else out
    for first in range(0, n_node, _TOGETHER):
        rows = slice(first, first + _TOGETHER)
        transform = scipy.fft.rfft(values[rows], axis=1)
        _add_power(transform, deviation[rows] ** 2 / n_node, power)
        _turn(transform)
        hilbert[rows] = scipy.fft.irfft(transform, n_time, axis=1, overwrite_x=True)
    return power, hilbert


@kernel(SUMMED)
def _add_power(transform, weights, power):  # type: ignore[no-untyped-def]
    n_node, n_frequency = transform.shape
    for i in range(n_node):
        for k in range(n_frequency):
            re, im = np.float64(transform[i, k].real), np.float64(transform[i, k].imag)
            power[k] += weights[i] * (re * re + im * im)


@kernel(SUMMED)
def _turn(transform):  # type: ignore[no-untyped-def]
    """Delay every frequency by a quarter of its period: multiply by -i."""
    n_node, n_frequency = transform.shape
    for i in range(n_node):
        for k in range(n_frequency):
            transform[i, k] = complex(transform[i, k].imag, -transform[i, k].real)

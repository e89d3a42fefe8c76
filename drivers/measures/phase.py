"""Phase-lag index: how consistently one region's phase is ahead of another's.

Stam, Nolte & Daffertshofer 2007, doi 10.1002/hbm.20346, equation 7: PLI = |<sign(sin(phase difference))>|,
with phases of the analytic signal of the series less its mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import COUNTED, kernel

Floats = NDArray[np.float64]
# samples of all regions that are counted together, so that they stay in the cache
_PORTION = 1024


def phase_lag_index(real: NDArray[Any], imaginary: NDArray[Any], varies: NDArray[np.bool_]) -> Floats:
    """Return the phase-lag index (node, node) of analytic signals (node, time).

    It is 0 if the lag is symmetric about zero, 1 if one region is always ahead, NaN if a region is constant.
    """
    n_node, n_time = real.shape
    result = np.zeros((n_node, n_node))
    for begin in range(0, n_time, _PORTION):
        _count_leads(real, imaginary, begin, min(begin + _PORTION, n_time), result)
    result = np.abs(result + result.T) / n_time
    result[~varies] = np.nan
    result[:, ~varies] = np.nan
    return np.asarray(result)


def published_phase_lag_index(values: NDArray[Any]) -> Floats:
    """Return the index as published, of series (node, time): from differences of unwrapped angles.

    A lead across the cut at 180 degrees counts as a lag, and the series keep their mean. Where two series are
    exactly 0 at once, the transform's rounding decides their lag, so the published transform is used.
    """
    # imported only when needed, since the import takes a second
    from scipy.signal import hilbert

    angles = np.angle(hilbert(values.astype(np.float64), axis=1))
    result = np.zeros((len(values), len(values)))
    _count_larger(angles, result)
    return np.asarray(np.abs(result + result.T) / values.shape[1])


@kernel(COUNTED)
def _count_leads(real, imaginary, begin, end, out):  # type: ignore[no-untyped-def]
    """Add, below the diagonal, the number of samples in which i leads j, less those in which it lags."""
    unit, zero = np.float32(1), np.float32(0)
    for i in range(len(real)):
        x, y = real[i, begin:end], imaginary[i, begin:end]
        for j in range(i):
            u, v = real[j, begin:end], imaginary[j, begin:end]
            ahead = zero
            for t in range(end - begin):
                left, right = y[t] * u[t], x[t] * v[t]
                ahead += unit if left > right else zero
                ahead -= unit if left < right else zero
            out[i, j] += ahead


@kernel(COUNTED)
def _count_larger(order, out):  # type: ignore[no-untyped-def]
    n_node, n_time = order.shape
    for i in range(n_node):
        for j in range(i):
            ahead = 0.0
            for t in range(n_time):
                ahead += 1.0 if order[i, t] > order[j, t] else 0.0
                ahead -= 1.0 if order[i, t] < order[j, t] else 0.0
            out[i, j] = ahead

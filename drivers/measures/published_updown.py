"""Up and down states as the published analysis finds them, with its faults.

Lengths in ms are multiplied by samples a second, so that smoothing and the shortest state are 1,000 times as
long as meant, and durations in s are divided by 1,000 once more. The Gaussian is not renormalised at the
ends. A state loses a sample, save the last. A short first state takes the value of the series' last sample.
Regions without such a state count with 0.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import EXACT, kernel
from .measure_settings import MeasureSettings

Floats = NDArray[np.float64]


def published_state_durations(
    values: NDArray[Any], dt: float, settings: MeasureSettings
) -> tuple[Floats, Floats]:
    """Return the published analysis's durations of up and down states; rates (node, time) are in Hz."""
    # imported only when needed, since the import takes a second
    from scipy.signal import fftconvolve

    n_node, n_time = values.shape
    per_second = 1000.0 / dt
    width = settings.up_smoothing * per_second
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.exp(-0.5 * ((np.arange(n_time) - n_time / 2.0) / width) ** 2)
        weights /= np.sqrt(2 * np.pi * width**2)
    smooth = fftconvolve(values, weights[None, :], axes=1)[:, int(n_time / 2.0) : int(3 * n_time / 2.0)]
    above = smooth - settings.up_ratio * smooth.max(axis=1, keepdims=True) - settings.up_least
    up, down = np.zeros(n_node), np.zeros(n_node)
    for i in range(n_node):
        states = _without_short(above[i], settings.up_shortest * per_second)
        up[i], down[i] = _mean_lengths(states)
    return up * (dt / 1e6), down * (dt / 1e6)


def _without_short(above: Floats, shortest: float) -> NDArray[np.bool_]:
    states = above > 0
    crossings = np.flatnonzero(above[1:] * above[:-1] < 0)
    edges = np.concatenate([[0], crossings, [above.size]])
    for begin, end in pairwise(edges):
        if end - begin < shortest:
            states[begin : end + 1] = states[begin - 1]
    return np.asarray(states)


@kernel(EXACT)
def _mean_lengths(states):  # type: ignore[no-untyped-def]
    totals, counts, length = np.zeros(2), np.zeros(2), 0.0
    n = len(states)
    for t in range(1, n + 1):
        state = int(states[t - 1])
        if t == n or states[t] != states[t - 1]:
            totals[state] += length + (1.0 if t == n and n > 1 else 0.0)
            counts[state] += 1.0
            length = 0.0
        else:
            length += 1.0
    up = totals[1] / counts[1] if counts[1] else 0.0
    down = totals[0] / counts[0] if counts[0] else 0.0
    return up, down

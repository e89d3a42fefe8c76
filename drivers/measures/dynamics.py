"""Functional-connectivity dynamics: the similarity of the connectivity of sliding windows, its variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .comoments import Blocks
from .functional_connectivity import correlation, pairs_of_windows
from .jit_options import SUMMED, kernel
from .measure_settings import MeasureSettings

Floats = NDArray[np.float64]


def block_length(settings: MeasureSettings, dt: float, n_time: int) -> int:
    """Return the number of samples in a step of the sliding window: from one to the series' length."""
    return max(1, round(min(settings.fcd_step / dt, n_time)))


def bytes_needed(settings: MeasureSettings, dt: float, n_time: int, n_node: int, convention: str) -> int:
    """Return the memory in bytes that the sliding windows of one work item need."""
    steps = n_time // block_length(settings, dt, n_time)
    matrices = 3 if convention == "published" else 1
    return 8 * steps * (matrices * n_node**2 + steps)


def connectivity_dynamics(blocks: Blocks, blocks_a_window: int, convention: str) -> Floats:
    """Return Pearson's correlation (window, window) of the functional connectivity of sliding windows.

    Windows are compared by their pairs of different regions (as published: by their whole matrices). Pairs
    with a region that does not vary in some window do not count (as published: the result is NaN). The window
    that ends with the series counts (as published: it does not).
    """
    whole_blocks = int((blocks.counts == blocks.counts[0]).sum())
    n_window = max(0, whole_blocks - blocks_a_window + 1)
    if convention == "published" and whole_blocks == len(blocks.counts):
        n_window = max(0, n_window - 1)
    if n_window == 0:
        return np.empty((0, 0))
    if convention == "published":
        matrices = [correlation(blocks, w, w + blocks_a_window).ravel() for w in range(n_window)]
        return _correlations(np.stack(matrices))
    vectors = pairs_of_windows(blocks, n_window, blocks_a_window)
    vectors = vectors[:, np.isfinite(vectors).all(axis=0)] if np.isnan(vectors).any() else vectors
    return _correlations(vectors) if vectors.shape[1] > 1 else np.full((n_window, n_window), np.nan)


def variance_of_dynamics(dynamics: Floats, apart: int, convention: str) -> float:
    """Return the variance over pairs of windows at least `apart` steps apart; NaN for fewer than two pairs.

    As published: over the whole matrix, in which all other entries are 0.
    """
    if convention == "published":
        return float(np.var(np.triu(dynamics, k=apart))) if dynamics.size else float("nan")
    pairs = dynamics[np.triu_indices(len(dynamics), apart)]
    pairs = pairs[np.isfinite(pairs)]
    return float(pairs.var()) if pairs.size > 1 else float("nan")


def _correlations(vectors: Floats) -> Floats:
    """Return the correlations of all pairs of rows, overwriting the rows; NaN for a row that is constant."""
    result = np.empty((len(vectors), len(vectors)))
    _correlate_rows(vectors, result)
    return result


@kernel(SUMMED)
def _correlate_rows(rows, out):  # type: ignore[no-untyped-def]
    n_row, n = rows.shape
    for i in range(n_row):
        u = rows[i]
        u -= u.sum() / n
        square = 0.0
        for k in range(n):
            square += u[k] * u[k]
        u /= np.sqrt(square)
        for j in range(i + 1):
            v = rows[j]
            total = 0.0
            for k in range(n):
                total += u[k] * v[k]
            out[i, j] = out[j, i] = total

"""Functional connectivity: Pearson's correlation of regions, from co-moments of blocks of samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .comoments import Blocks
from .jit_options import EXACT, SUMMED, kernel

Floats = NDArray[np.float64]

# Below this share of a region's variance, it does not vary in a window: that is what rounding leaves.
_NO_VARIANCE = 1e-12


def correlation(blocks: Blocks, first: int = 0, last: int | None = None) -> Floats:
    """Pearson's correlation (node, node) over blocks `first` to `last`; NaN where a region does not vary."""
    n_node = blocks.means.shape[1]
    result = np.empty((n_node, n_node))
    _correlate(blocks.counts, blocks.means, blocks.comoments, first, last or len(blocks.counts), result)
    return result


def pairs_of_windows(blocks: Blocks, n_window: int, blocks_a_window: int) -> Floats:
    """Correlations (window, pair) over windows that begin one block apart; see `correlation`."""
    n_node = blocks.means.shape[1]
    result = np.empty((n_window, n_node * (n_node - 1) // 2))
    _correlate_windows(blocks.counts, blocks.means, blocks.comoments, blocks_a_window, result)
    return result


def mean_of_pairs(matrix: Floats, convention: str) -> float:
    """Mean of a symmetric matrix over pairs of different regions, those that are NaN left out.

    As published: the sum over such pairs, divided by the number of all pairs, a region with itself included.
    """
    n = len(matrix)
    if convention == "published":
        return float((matrix.sum() - np.trace(matrix)) / n**2)
    pairs = matrix[np.tril_indices(n, -1)]
    pairs = pairs[np.isfinite(pairs)]
    return float(pairs.mean()) if pairs.size else float("nan")


def correlation_with(matrix: Floats, other: Floats, convention: str, zero_is_none: bool = False) -> float:
    """Pearson's correlation of functional connectivity with a matrix of the connectome.

    Parameters
    ----------
    matrix : (node, node) array
        Functional connectivity.
    other : (node, node) array
        Of the connectome; its two directions are averaged, since functional connectivity has none.
    convention : {"standard", "published"}
        Over the pairs of different regions, or over all entries of both matrices.
    zero_is_none : bool
        Whether a pair whose entry is 0 is left out (not as published).
    """
    if convention == "published":
        return _pearson(matrix.ravel(), other.ravel())
    lower = np.tril_indices(len(matrix), -1)
    x, y = matrix[lower], (0.5 * (other + other.T))[lower]
    use = np.isfinite(x) & ((y != 0) | (not zero_is_none))
    return _pearson(x[use], y[use])


def _pearson(x: Floats, y: Floats) -> float:
    if x.size < 2 or x.min() == x.max() or y.min() == y.max():
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()))


@kernel(SUMMED)
def _correlate(counts, means, comoments, first, last, out):  # type: ignore[no-untyped-def]
    """Write Pearson's correlation over the blocks from `first` to `last`, as `correlation` does."""
    n_node = means.shape[1]
    total = counts[first:last].sum()
    mean = np.zeros(n_node)
    for b in range(first, last):
        mean += counts[b] / total * means[b]
    out[:] = 0.0
    for b in range(first, last):
        for i in range(n_node):
            off, row = counts[b] * (means[b, i] - mean[i]), comoments[b, i * (i + 1) // 2 :]
            for j in range(i + 1):
                out[i, j] += row[j] + off * (means[b, j] - mean[j])
    scale = np.empty(n_node)
    for i in range(n_node):
        scale[i] = 1.0 / np.sqrt(out[i, i]) if out[i, i] > _NO_VARIANCE * total else np.nan
    for i in range(n_node):
        for j in range(i):
            r = min(max(out[i, j] * scale[i] * scale[j], -1.0), 1.0)
            if scale[i] != scale[i] or scale[j] != scale[j]:
                r = np.nan
            out[i, j] = out[j, i] = r
        out[i, i] = 1.0 if scale[i] == scale[i] else np.nan


@kernel(EXACT)
def _correlate_windows(counts, means, comoments, blocks_a_window, out):  # type: ignore[no-untyped-def]
    n_node = means.shape[1]
    matrix = np.empty((n_node, n_node))
    for w in range(len(out)):
        _correlate(counts, means, comoments, w, w + blocks_a_window, matrix)
        k = 0
        for i in range(1, n_node):
            out[w, k : k + i] = matrix[i, :i]
            k += i

"""Functional connectivity: Pearson's correlation of regions, from co-moments of blocks of samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .comoments import Blocks
from .jit_options import EXACT, SUMMED, kernel

Floats = NDArray[np.float64]

# A region whose variance in a window is below this share does not vary there: rounding leaves as much.
_NO_VARIANCE = 1e-12


def correlation(blocks: Blocks, first: int = 0, last: int | None = None) -> Floats:
    """Return Pearson's correlation (node, node) over blocks `first` to `last`; NaN for a constant region."""
    n_node = blocks.means.shape[1]
    result = np.empty((n_node, n_node))
    _correlate(blocks.counts, blocks.means, blocks.comoments, first, last or len(blocks.counts), result)
    return result


def pairs_of_windows(blocks: Blocks, n_window: int, blocks_a_window: int) -> Floats:
    """Return correlations (window, pair) over windows that begin one block apart; see `correlation`."""
    n_node = blocks.means.shape[1]
    result = np.empty((n_window, n_node * (n_node - 1) // 2))
    _correlate_windows(blocks.counts, blocks.means, blocks.comoments, blocks_a_window, result)
    return result


def mean_of_pairs(matrix: Floats, convention: str) -> float:
    """Return the mean of a symmetric matrix over pairs of different regions, without those that are NaN.

    As published: the sum over such pairs, divided by the number of all pairs, pairs of a region with itself
    included.
    """
    n = len(matrix)
    if convention == "published":
        return float((matrix.sum() - np.trace(matrix)) / n**2)
    pairs = matrix[np.tril_indices(n, -1)]
    pairs = pairs[np.isfinite(pairs)]
    return float(pairs.mean()) if pairs.size else float("nan")


def correlation_with(matrix: Floats, reference: Floats, convention: str, zero_is_none: bool = False) -> float:
    """Return Pearson's correlation of functional connectivity with a reference matrix.

    Parameters
    ----------
    matrix : (node, node) array
        Functional connectivity.
    reference : (node, node) array
        Of the connectome, or of data to fit; its two directions are averaged, since functional connectivity
        has none. Pairs without a value (NaN) do not count.
    convention : {"standard", "published"}
        Over the pairs of different regions, or over all entries of both matrices.
    zero_is_none : bool
        Whether pairs whose reference is 0 do not count (as published: they count).
    """
    if convention == "published":
        known = np.isfinite(reference)
        return _pearson(matrix[known], reference[known])
    lower = np.tril_indices(len(matrix), -1)
    x, y = matrix[lower], (0.5 * (reference + reference.T))[lower]
    use = np.isfinite(x) & np.isfinite(y) & ((y != 0) | (not zero_is_none))
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

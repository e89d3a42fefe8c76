"""Co-moments: sums of products of samples about their means, in blocks of a series and in running series.

The sliding windows of `dynamics` consist of the same blocks as functional connectivity, so that the products
of samples are summed once for both. Sums within a block are in the series' precision, about the block's own
mean; sums over blocks are in double precision (Chan, Golub & LeVeque 1983,
doi 10.1080/00031305.1983.10483115).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import SUMMED, kernel

Floats = NDArray[np.float64]

# Rows that one row is multiplied with at once, and samples that a vector loop takes at once: the regions and
# samples of a block are padded with zeros to multiples of these, so that loops have no remainder.
_TILE = 4
_VECTOR = 32
# Samples of a block of a running series.
BLOCK = 128


@dataclass(frozen=True, eq=False)
class Blocks:
    """Sums over blocks of consecutive samples.

    Attributes
    ----------
    counts : (block,) array
        Samples of each block; the last may have fewer.
    means : (block, node) array
        Mean of each region in each block.
    comoments : (block, node * (node + 1) / 2) array
        Sums of products of deviations from those means; the lower triangle with the diagonal, row by row.
    """

    counts: Floats
    means: Floats
    comoments: Floats


def blocks_of(values: NDArray[Any], length: int) -> Blocks:
    """Return the sums over blocks of `length` samples of standardized rows (node, time)."""
    n_node, n_time = values.shape
    n_block = -(-n_time // length)
    counts = np.full(n_block, float(length))
    counts[-1] = n_time - (n_block - 1) * length
    padded = _rounded_up(n_node, _TILE), _rounded_up(length, _VECTOR)
    means, comoments = np.empty((n_block, n_node)), np.empty((n_block, n_node * (n_node + 1) // 2))
    _sum_blocks(values, length, np.zeros(padded, values.dtype), means, comoments)
    return Blocks(counts, means, comoments)


def _rounded_up(number: int, unit: int) -> int:
    return -(-number // unit) * unit


@dataclass(frozen=True, eq=False)
class Running:
    """Running moments and co-moments of the series of some work items.

    Attributes
    ----------
    mean, square, least, most : (lane, node) arrays
        Mean, sum of squares of deviations from it, minimum and maximum.
    comoments : (lane, node * (node + 1) / 2) array
        Sums of products of deviations, as in `Blocks`; (lane, 0) if they are not kept.
    timed : (lane, node) array
        Sums of products of deviations and times, in samples; (lane, 0) likewise.
    centred : (node, BLOCK) array
        Scratch for the deviations of one block, rows padded with zeros.
    """

    mean: Floats
    square: Floats
    least: Floats
    most: Floats
    comoments: Floats
    timed: Floats
    centred: NDArray[Any]


def running(n_lane: int, n_node: int, dtype: Any, products: bool) -> Running:
    """Return empty moments, with co-moments if `products`, for samples in precision `dtype`."""
    mean, square = (np.zeros((n_lane, n_node)) for _ in range(2))
    least, most = (np.full((n_lane, n_node), end) for end in (np.inf, -np.inf))
    comoments = np.zeros((n_lane, n_node * (n_node + 1) // 2 if products else 0))
    centred = np.zeros((_rounded_up(n_node, _TILE), BLOCK), dtype)
    timed = np.zeros((n_lane, n_node if products else 0))
    return Running(mean, square, least, most, comoments, timed, centred)


def add_block(so_far: Running, before: int, values: NDArray[Any]) -> None:
    """Add a block of samples.

    Parameters
    ----------
    before : int
        Number of samples added before.
    values : (lane, node, n) array
        Samples, `BLOCK` at most. A sample that is not finite makes its region's moments not finite.
    """
    low, high = values.min(axis=2), values.max(axis=2)
    np.minimum(so_far.least, low, out=so_far.least)
    np.maximum(so_far.most, high, out=so_far.most)
    s = so_far
    _add_block(values, before, (low, high), s.centred, s.mean, s.square, s.comoments, s.timed)


def gather(samples: NDArray[Any], scale: np.floating[Any], values: NDArray[Any]) -> None:
    """Copy samples (time, node, lane), multiplied by `scale`, to an array (lane, node, time)."""
    _gather(samples, scale, values)


@kernel(SUMMED)
def _sum_blocks(values, length, centred, means, comoments):  # type: ignore[no-untyped-def]
    n_node, n_time = values.shape
    for b in range(len(means)):
        begin = b * length
        n = min(length, n_time - begin)
        for i in range(n_node):
            row = values[i, begin : begin + n]
            total = 0.0
            for t in range(n):
                total += row[t]
            mean = total / n
            means[b, i] = mean
            for t in range(n):
                centred[i, t] = row[t] - mean
            centred[i, n:] = 0
        _multiply_rows(centred, n_node, comoments[b])


@kernel(SUMMED)
def _multiply_rows(rows, n_node, products):  # type: ignore[no-untyped-def]
    """Write the sums of products of every two rows, the lower triangle with the diagonal."""
    for i in range(n_node):
        u = rows[i]
        for j in range(0, i + 1, 4):
            v0, v1, v2, v3 = rows[j], rows[j + 1], rows[j + 2], rows[j + 3]
            s0 = s1 = s2 = s3 = u[0] * np.float32(0)
            for t in range(len(u)):
                s0 += u[t] * v0[t]
                s1 += u[t] * v1[t]
                s2 += u[t] * v2[t]
                s3 += u[t] * v3[t]
            for k, s in enumerate((s0, s1, s2, s3)):
                if j + k < n_node:
                    products[i * (i + 1) // 2 + j + k] = s


@kernel(SUMMED)
def _gather(samples, scale, values):  # type: ignore[no-untyped-def]
    n_time, n_node, n_lane = samples.shape
    for i in range(n_node):
        for t in range(n_time):
            for lane in range(n_lane):
                values[lane, i, t] = samples[t, i, lane] * scale


@kernel(SUMMED)
def _add_block(values, before, extremes, centred, mean, square, comoments, timed):  # type: ignore[no-untyped-def]
    n_lane, n_node, n = values.shape
    low, high = extremes
    share, weight = before * n / (before + n), n / (before + n)
    off, unit, products = np.empty(n_node), np.empty(n_node), np.empty(comoments.shape[1])
    for lane in range(n_lane):
        for i in range(n_node):
            row = values[lane, i]
            first = np.float64(row[0])
            total = 0.0
            for t in range(n):
                total += np.float64(row[t]) - first
            middle = first + total / n
            # a power of two near the largest deviation, so that no product overflows or vanishes
            widest = max(high[lane, i] - middle, middle - low[lane, i])
            exponent = math.frexp(widest)[1] if 0.0 < widest < np.inf else 0
            unit[i] = math.ldexp(1.0, max(exponent, -1000))
            factor = 1.0 / unit[i]
            squares = 0.0
            for t in range(n):
                deviation = np.float64(row[t]) - middle
                squares += deviation * deviation
                centred[i, t] = deviation * factor
            centred[i, n:] = 0
            off[i] = middle - mean[lane, i]
            square[lane, i] += squares + off[i] * off[i] * share
            mean[lane, i] += off[i] * weight
        if comoments.shape[1] == 0:
            continue
        for i in range(n_node):
            total = 0.0
            for t in range(n):
                total += (t - 0.5 * (n - 1)) * np.float64(centred[i, t])
            # samples so far and those of the block are this far apart in time, on average
            timed[lane, i] += total * unit[i] + 0.5 * (before + n) * off[i] * share
        _multiply_rows(centred, n_node, products)
        k = 0
        for i in range(n_node):
            for j in range(i + 1):
                comoments[lane, k + j] += products[k + j] * (unit[i] * unit[j]) + off[i] * off[j] * share
            k += i + 1

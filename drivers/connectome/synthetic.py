"""Synthetic connectomes of any size: an exponential distance rule with log-normal weights.

Nodes lie uniformly in an ellipsoid of a human brain's size (semi-axes 60, 80 and 50 mm), tracts are
straight. With the distance d_ij,

    P(an edge into i from j) = min(1, c exp(-lambda d_ij))          for i != j
    w_ij                     = exp(-lambda d_ij + z_ij),  z_ij ~ N(0, 1)

so that both the chance of a connection and its weight fall exponentially with distance and weights are
log-normal around that, as in Ercsey-Ravasz et al. 2013, doi 10.1016/j.neuron.2013.07.036. Their decay rate
is 0.188 per mm in the macaque; a human brain is about 2.4 times as long each way: lambda = 0.08 per mm.
c is set for the mean number of edges into a node: a fifth of the nodes, but no fewer than 4 and no more
than 200.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root_scalar
from scipy.special import ndtri

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes

SEMI_AXES = (60.0, 80.0, 50.0)
DECAY = 0.08
# Rows at a time, so that they stay in the cache; the order of the draws, and so the result, depends on it.
_ROWS = 16
_SAMPLED_ROWS = 128

_Floats = NDArray[np.float64]


def synthetic_arrays(n_node: int, seed: int) -> tuple[_Floats, _Floats, tuple[str, ...], _Floats]:
    """Return weights, tract lengths (mm), labels and centres (mm) of a synthetic connectome.

    They are the same on every machine and NumPy version: only the bit generator's raw words are used, which
    NumPy keeps stable.

    Raises
    ------
    InputError
        If there are no nodes, or the two matrices would not fit in memory.
    """
    _check_size(n_node)
    if seed >= 2**64:
        raise InputError(f"synthetic:{n_node}:{seed}: the seed must be below 2**64")
    bits = np.random.PCG64(seed)
    centres = _positions(bits, n_node)
    scale = _probability_scale(centres)
    weights = np.zeros((n_node, n_node))
    lengths = np.empty((n_node, n_node))
    for start in range(0, n_node, _ROWS):
        rows = slice(start, min(start + _ROWS, n_node))
        distance = _distances(centres, rows)
        lengths[rows] = distance
        decay = np.exp(-DECAY * distance)
        decay[np.arange(decay.shape[0]), np.arange(rows.start, rows.stop)] = 0.0
        i, j = np.nonzero(_uniform(bits, decay.shape) < scale * decay)
        weights[i + start, j] = decay[i, j] * np.exp(ndtri(_uniform(bits, i.shape)))
    return weights, lengths, tuple(f"node_{i}" for i in range(n_node)), centres


def _check_size(n_node: int) -> None:
    if n_node < 1:
        raise InputError("synthetic:0 has no nodes; ask for at least one, as in synthetic:100")
    n_bytes, free = 3 * 8 * n_node**2, available_memory()
    if n_bytes > free:
        raise InputError(
            f"synthetic:{n_node} needs {format_bytes(n_bytes)} for its matrices, "
            f"and {format_bytes(free)} are free; ask for fewer nodes"
        )


def _uniform(bits: np.random.PCG64, shape: tuple[int, ...]) -> _Floats:
    """Return numbers strictly between 0 and 1, from the upper 52 bits of each raw word."""
    words = np.asarray(bits.random_raw(int(np.prod(shape))), dtype=np.uint64)
    return (((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52).reshape(shape)


def _positions(bits: np.random.PCG64, n_node: int) -> _Floats:
    u = _uniform(bits, (3, n_node))
    radius, height, turn = np.cbrt(u[0]), 2.0 * u[1] - 1.0, 2.0 * np.pi * u[2]
    across = np.sqrt(1.0 - height**2)
    ball = radius * np.stack((across * np.cos(turn), across * np.sin(turn), height))
    return np.ascontiguousarray(ball.T) * SEMI_AXES


def _distances(centres: _Floats, rows: slice) -> _Floats:
    squared = np.zeros((centres[rows].shape[0], centres.shape[0]))
    for axis in range(3):
        squared += (centres[rows, axis, None] - centres[None, :, axis]) ** 2
    return np.sqrt(squared)


def _probability_scale(centres: _Floats) -> float:
    """Return the c of the rule above, estimated from the first rows if there are many."""
    n_node = centres.shape[0]
    mean_degree = min(n_node - 1.0, max(4.0, min(0.2 * (n_node - 1), 200.0)))
    if mean_degree >= n_node - 1:
        return 1.0 / float(np.exp(-DECAY * 2 * max(SEMI_AXES)))
    # Nodes are in random order, so that the first rows are a sample; the diagonal does not count.
    sampled = slice(0, min(n_node, _SAMPLED_ROWS))
    decay = np.exp(-DECAY * _distances(centres, sampled))
    decay[np.arange(decay.shape[0]), np.arange(decay.shape[0])] = 0.0

    def excess(log_scale: float) -> float:
        return float(np.minimum(np.exp(log_scale) * decay, 1.0).sum() / decay.shape[0] - mean_degree)

    solution = root_scalar(excess, bracket=(-20.0, 60.0), xtol=1e-6)
    return float(np.exp(solution.root))

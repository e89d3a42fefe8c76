"""The vector instructions that generated modules use against what they mean in Python."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from rateloom.kernels import edge_sums
from rateloom.kernels.copies import copy
from rateloom.kernels.edge_sums import add_windows
from rateloom.kernels.elementary import exact_fma
from rateloom.kernels.lane_checks import any_above

N_NODE, HORIZON = 5, 40


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 4, 16, 32, 3])
def test_copy(real, count):
    @numba.njit
    def compiled(target, source):
        copy(target, 2, source, 7, count)

    source, target = np.arange(50, dtype=real), np.full(60, -1, real)
    expected = target.copy()
    expected[2 : 2 + count] = source[7 : 7 + count]
    compiled(target, source)
    assert np.array_equal(target, expected)
    plain = np.full(60, -1, real)
    copy(plain, 2, source, 7, count)
    assert np.array_equal(plain, expected)


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize(("keep", "delayed"), [(0, 1), (1, 1), (0, 0)])
@pytest.mark.parametrize(
    ("lanes", "block"),
    [
        (1, 1),
        (16, 16),
        *(pytest.param(*row, marks=pytest.mark.slow) for row in ((1, 16), (2, 1), (8, 32), (32, 16))),
    ],
)
def test_add_windows(real, keep, delayed, lanes, block):
    @numba.njit
    def compiled(total, weight, source, delay, begin, stop, history, row, at):
        window = (history, row, at, HORIZON, HORIZON + block, delayed)
        add_windows(total, 3, keep, (weight, source, delay), (begin, stop), window, lanes, block)

    random = np.random.default_rng(lanes * 100 + block)
    history = random.normal(size=2 * N_NODE * (HORIZON + block) * lanes).astype(real)
    source, delay = random.integers(0, N_NODE, 9), random.integers(block - 1, HORIZON, 9)
    weight = random.normal(size=9).astype(real)
    windows = history.reshape(2, N_NODE, HORIZON + block, lanes).astype(np.float64)
    # all edges, some, none; at places where windows begin before and after the ring's end
    for begin, stop, at in ((0, 9, 3), (2, 5, HORIZON - 1), (4, 4, 0)):
        slots = (at - delay * delayed) % HORIZON
        edges = range(begin, stop)
        expected = sum((weight[e] * windows[1, source[e], slots[e] : slots[e] + block] for e in edges), 0.0)
        expected = np.broadcast_to(expected, (block, lanes)).ravel()
        expected = np.concatenate([[7.0, 7.0, 7.0], 7.0 * keep + expected, [7.0]])
        total, plain = np.full(expected.size, 7.0, real), np.full(expected.size, 7.0, real)
        compiled(total, weight, source, delay, begin, stop, history, N_NODE, at)
        window = (history, N_NODE, at, HORIZON, HORIZON + block, delayed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(edge_sums, "fma", exact_fma)
            add_windows(plain, 3, keep, (weight, source, delay), (begin, stop), window, lanes, block)
        # nine products of normal numbers, and seven
        tolerance = 30 * np.finfo(real).eps
        np.testing.assert_allclose(total, expected, rtol=0, atol=tolerance)
        np.testing.assert_allclose(plain, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 8, 16, 32, 128])
def test_any_above(real, count):
    @numba.njit
    def compiled(values, limit):
        return any_above(values, 3, count, limit)

    # values outside of what is looked at do not matter, and what is no number is not above
    values = np.full(count + 6, 9.0, real)
    values[3 : 3 + count] = 1.0
    values[3] = np.nan
    for place in (None, 0, count // 2, count - 1):
        if place is not None:
            values[3 + place] = 2.0
        for limit in (real(1.0), real(2.0)):
            expected = place is not None and limit < 2.0
            assert compiled(values, limit) == any_above(values, 3, count, limit) == expected

"""Asynchronous irregular regions: the histogram of their rates has humps, none of them near 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import EXACT, kernel
from .peaks import two_most_prominent

_HIGHEST_RATE = 100.0  # Hz; rates above it are in no bin
_TOO_HIGH = 120.0  # Hz; a region that exceeds it is at the high-rate fixed point
_LOW = 5.0  # Hz; a hump below it is a down state's
_HUMP = 0.025  # share of the samples by which a hump must stand out


def asynchronous_irregular(values: NDArray[Any], convention: str) -> NDArray[np.bool_]:
    """Tell which regions (node,) are asynchronous and irregular, by rates (node, time) in Hz.

    The humps of the histogram are its two most prominent peaks with a prominence of at least 2.5 % of the
    samples. The region is asynchronous and irregular if there are humps, none below 5 Hz, and no rate exceeds
    120 Hz. As published: 101 bins up to 100 Hz, none of the lowest six may be a hump, humps have a prominence
    of at least 100 samples, and a region that exceeds 120 Hz counts as asynchronous and irregular.
    """
    published = convention == "published"
    n_bin = 101 if published else 100
    least = 100.0 if published else _HUMP * values.shape[1]
    # a bin on either side, so that a hump in the first or last bin is a peak
    bins = np.zeros((len(values), n_bin + 2))
    _count(values, n_bin / _HIGHEST_RATE, bins[:, 1:-1])
    bins[:, [0, -1]] = bins[:, 1:-1].min(axis=1, keepdims=True)
    humps = two_most_prominent(bins, least)
    lowest = 6 if published else int(_LOW)
    low = ((humps >= 0) & (humps - 1 < lowest)).any(axis=1)
    result = (humps[:, 0] >= 0) & ~low
    too_high = values.max(axis=1) > _TOO_HIGH
    return np.asarray(result | too_high if published else result & ~too_high)


@kernel(EXACT)
def _count(values, scale, bins):  # type: ignore[no-untyped-def]
    n_bin = bins.shape[1]
    for i in range(len(values)):
        for rate in values[i]:
            if 0.0 <= rate <= n_bin / scale:
                bins[i, min(int(rate * scale), n_bin - 1)] += 1.0

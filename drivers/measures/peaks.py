"""Local maxima and their prominences, as `scipy.signal.find_peaks` defines them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import EXACT, kernel


def peaks_of(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return indices and prominences of a vector's local maxima; a flat top counts at its lower middle."""
    indices = np.empty(len(values) // 2 + 1, np.int64)
    prominences = np.empty(len(indices))
    count = _find_peaks(values, indices, prominences)
    return indices[:count], prominences[:count]


def two_most_prominent(rows: NDArray[np.float64], least: float) -> NDArray[np.int64]:
    """Return the indices (row, 2) of the two most prominent peaks of each row; -1 for a missing peak.

    Only peaks with a prominence of at least `least` count.
    """
    result = np.full((len(rows), 2), -1, np.int64)
    _find_two(rows, least, result)
    return result


@kernel(EXACT)
def _find_peaks(values, indices, prominences):  # type: ignore[no-untyped-def]
    """Write the local maxima and their prominences, and return their number."""
    n, count, t = len(values), 0, 1
    while t < n - 1:
        if values[t - 1] < values[t]:
            end = t
            while end + 1 < n and values[end + 1] == values[t]:
                end += 1
            if end + 1 < n and values[end + 1] < values[t]:
                indices[count] = (t + end) // 2
                count += 1
            t = end
        t += 1
    for k in range(count):
        top = values[indices[k]]
        left = right = top
        at = indices[k]
        while at >= 0 and values[at] <= top:
            left = min(left, values[at])
            at -= 1
        at = indices[k]
        while at < n and values[at] <= top:
            right = min(right, values[at])
            at += 1
        prominences[k] = top - max(left, right)
    return count


@kernel(EXACT)
def _find_two(rows, least, out):  # type: ignore[no-untyped-def]
    indices = np.empty(rows.shape[1] // 2 + 1, np.int64)
    prominences = np.empty(len(indices))
    for i in range(len(rows)):
        first = second = -1
        for k in range(_find_peaks(rows[i], indices, prominences)):
            if prominences[k] < least:
                continue
            if first < 0 or prominences[k] > prominences[first]:
                first, second = k, first
            elif second < 0 or prominences[k] > prominences[second]:
                second = k
        if first >= 0:
            out[i, 0] = indices[first]
        if second >= 0:
            out[i, 1] = indices[second]

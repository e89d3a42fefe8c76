"""Visits to a fixed point at a high rate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def high_rate_visits(values: NDArray[Any], threshold: float, convention: str) -> NDArray[np.float64]:
    """Count how many times each region's rate (node, time) rises above `threshold`; a start above it counts.

    As published: 1 if the rate is ever above, else 0; the sum over a sweep is the published figure 7.
    """
    above = values > threshold
    if convention == "published":
        return np.asarray(above.any(axis=1), np.float64)
    return np.asarray(above[:, 0] + (above[:, 1:] & ~above[:, :-1]).sum(axis=1), np.float64)

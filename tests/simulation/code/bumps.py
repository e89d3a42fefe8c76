"""The Python side of bumps.cuh."""

from __future__ import annotations

import math


def bump(v, w):
    """A smooth bump of width w."""
    scale = 1.0
    return scale / (scale + math.pow(v / w, 2.0))


def hinge(v):
    total = 0.0
    for k in range(1, 4):
        if v > 0.1 * k:
            total += (v - 0.1 * k) / k
    return total

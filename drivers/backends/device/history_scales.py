"""Scales of a history in half precision: powers of two that bring factors into the middle of its range."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Steps after which factors are measured: as many whatever the block, so that scales do not depend on it.
TRIAL_STEPS = 16
# What scales follow from; results record it, since bits depend on it.
RULE = f"largest of each factor and work item, at the start and after {TRIAL_STEPS} steps, is made 1 to 2"
# Scales and their inverses, times any half, are normal numbers of single precision.
_FARTHEST = 100


def scales_of(largest: NDArray[np.floating]) -> NDArray[np.float64]:
    """Powers of two by which values are divided, so that the largest lies between one and two.

    Half precision has all of its eleven bits from 2^-14 to 2^16: values may grow and shrink by some four
    orders of magnitude. Scaling itself rounds nothing.

    Parameters
    ----------
    largest : array
        Greatest sizes; where one is zero, the scale is one.
    """
    _, exponent = np.frexp(np.asarray(largest, np.float64))
    scales = np.ldexp(1.0, np.clip(exponent - 1, -_FARTHEST, _FARTHEST))
    return np.where(largest > 0, scales, 1.0)


def with_inverses(scales: NDArray[np.float64], dtype: DTypeLike) -> NDArray[np.floating]:
    """Scales (..., factor, lane) as kernels take them: (..., factor, scale and its inverse, lane)."""
    return np.stack([scales, 1.0 / scales], axis=-2).astype(dtype)

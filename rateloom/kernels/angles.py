"""Angles without whole turns: a state's after a step, and the means of a window."""

import numpy as np
from numba import njit

from .compiling import OPTIONS, inlined
from .elementary import by_precision, f32, fma


def wrapped(angle, period):
    """Take whole turns off an angle: from 0 up to the period in the angle's precision."""
    real = type(angle)
    turn = real(period)
    left = fma(-np.floor(angle * real(1.0 / period)), turn, angle)
    left = left - turn if left >= turn else left
    # rounding may leave less than nothing, which `wrapping_error` carries
    return real(0.0) if left < real(0.0) else left


def turns_between(angle, left, period):
    """Whole turns that `wrapped` took off an angle."""
    real = type(angle)
    return np.floor(fma(angle - left, real(1.0 / period), real(0.5)))


wrapped, turns_between = inlined(wrapped), inlined(turns_between)


def wrapping_error_float32(angle, left, period):
    """Return what `wrapped` lost: by rounding, and because a turn in single precision is not the period."""
    turns, turn = turns_between(angle, left, period), f32(period)
    return fma(-turns, f32(period - float(turn)), angle - fma(turns, turn, left))


def wrapping_error_float64(angle, left, period):
    """Return what `wrapped` lost by rounding."""
    return angle - fma(turns_between(angle, left, period), period, left)


wrapping_error = by_precision(wrapping_error_float32, wrapping_error_float64, wrapping_error_float64)


@njit(inline="always", **OPTIONS)
def wrap_means(output, begin, count, period):
    """Take whole turns off the means of an angle."""
    for k in range(begin, begin + count):
        output[k] = wrapped(output[k], period)

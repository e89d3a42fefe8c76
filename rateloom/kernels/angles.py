"""Angles without whole turns: a state's after a step, and the means of a window."""

import numpy as np
from numba import njit

from .compiling import OPTIONS
from .elementary import by_precision, f32, fma


def wrapped_float32(angle, period):
    """Take whole turns off an angle: from 0 up to the period in single precision."""
    turn = f32(period)
    left = fma(-np.floor(angle * f32(1.0 / period)), turn, angle)
    left = left - turn if left >= turn else left
    # rounding may leave less than nothing, which `wrapping_error` carries
    return f32(0.0) if left < f32(0.0) else left


def wrapped_float64(angle, period):
    """Take whole turns off an angle: from 0 up to the period."""
    left = fma(-np.floor(angle * (1.0 / period)), period, angle)
    left = left - period if left >= period else left
    return 0.0 if left < 0.0 else left


wrapped = by_precision(wrapped_float32, wrapped_float64, wrapped_float64)


def turns_between_float32(angle, left, period):
    """Whole turns that `wrapped` took off an angle."""
    return np.floor(fma(angle - left, f32(1.0 / period), f32(0.5)))


def turns_between_float64(angle, left, period):
    """Whole turns that `wrapped` took off an angle."""
    return np.floor(fma(angle - left, 1.0 / period, 0.5))


turns_between = by_precision(turns_between_float32, turns_between_float64, turns_between_float64)


def wrapping_error_float32(angle, left, period):
    """What `wrapped` lost: by rounding, and because a turn in single precision is not the period."""
    turns, turn = turns_between(angle, left, period), f32(period)
    return fma(-turns, f32(period - float(turn)), angle - fma(turns, turn, left))


def wrapping_error_float64(angle, left, period):
    """What `wrapped` lost by rounding."""
    return angle - fma(turns_between(angle, left, period), period, left)


wrapping_error = by_precision(wrapping_error_float32, wrapping_error_float64, wrapping_error_float64)


@njit(inline="always", **OPTIONS)
def wrap_means(output, begin, count, period):
    """Take whole turns off the means of an angle."""
    for k in range(begin, begin + count):
        output[k] = wrapped(output[k], period)

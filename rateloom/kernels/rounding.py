"""Bounds of states, and what rounding loses where an increment is added to a state or a value to a sum."""

import math

import numpy as np

from .compiling import inlined
from .elementary import by_precision, f32

sqrt = math.sqrt


def at_least(value, limit):
    """Return the larger of two numbers; a value that is NaN stays so."""
    return limit if value < limit else value


def at_most(value, limit):
    """Return the smaller of two numbers; a value that is NaN stays so."""
    return limit if value > limit else value


at_least, at_most = inlined(at_least), inlined(at_most)


def rounding_error_float32(state, increment, following):
    """Return what is lost where a state and a smaller increment are added up."""
    return increment - (following - state)


def rounding_error_float64(state, increment, following):
    """Nothing: what double precision loses is left out."""
    return 0.0


def any_rounding_error(state, increment, following):
    """The same where Numba's compiler is switched off."""
    return increment - (following - state) if type(state) is np.float32 else 0.0


def added_up_float32(total, rest, value):
    """Return a sum with one value more, and what rounding left of it: nothing where the sum is not finite."""
    increment = value + rest
    following = total + increment
    lost = increment - (following - total)
    return following, lost if lost == lost else f32(0.0)


def added_up_float64(total, rest, value):
    """Return a sum with one value more; what double precision loses is left out."""
    return total + value, rest


def any_added_up(total, rest, value):
    """The same where Numba's compiler is switched off."""
    return (added_up_float32 if type(total) is np.float32 else added_up_float64)(total, rest, value)


rounding_error = by_precision(rounding_error_float32, rounding_error_float64, any_rounding_error)
added_up = by_precision(added_up_float32, added_up_float64, any_added_up)

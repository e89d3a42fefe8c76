"""Bounds of states, and what rounding loses where an increment is added."""

import math

import numpy as np

from .compiling import inlined
from .elementary import by_precision

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


rounding_error = by_precision(rounding_error_float32, rounding_error_float64, any_rounding_error)

"""The language's operations with mpmath's numbers, as many digits as are asked for."""

import operator
from typing import Any

import mpmath
import sympy

from rateloom.oracle.arithmetic import Arithmetic, by_class


def _mp_number(number: Any) -> Any:
    if number is sympy.pi:
        return +mpmath.pi
    if isinstance(number, sympy.Rational) and number.is_finite:
        return mpmath.mpf(number.p) / number.q
    return mpmath.mpf(float(number))


MPMATH = Arithmetic(
    _mp_number,
    lambda base, exponent: mpmath.mpf(base) ** exponent,
    by_class({
        "exp": mpmath.exp, "expm1": mpmath.expm1,
        "log": mpmath.log, "log1p": mpmath.log1p, "log10": mpmath.log10,
        "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan,
        "asin": mpmath.asin, "acos": mpmath.acos, "atan": mpmath.atan,
        "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
        "abs": abs, "floor": mpmath.floor, "ceil": mpmath.ceil, "sign": mpmath.sign,
        "heaviside": lambda x: mpmath.mpf(x >= 0),
        "erf": mpmath.erf, "erfc": mpmath.erfc, "min": min, "max": max,
        "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
        "==": operator.eq, "!=": operator.ne,
        "and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": operator.not_,
        "select": lambda condition, yes, no: yes if condition else no,
    }),
)  # fmt: skip

"""Exact derivatives by dual numbers: a number with a derivative, nested for higher orders.

A function evaluated at ``Dual(x, 1)`` gives its value and its derivative by x; parts that are duals
themselves give derivatives of derivatives (Griewank and Walther, doi 10.1137/1.9780898717761, chapter 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arithmetic import BY_NAME, Arithmetic, by_class
from .arithmetic import power as plain_power


@dataclass(frozen=True, eq=False)
class Dual:
    """A value and its derivative by one variable; both are arrays, or duals by another variable."""

    value: Any
    slope: Any

    # without this, NumPy would take sums and products of an array and a dual itself
    __array_ufunc__ = None

    def __add__(self, addend: Any) -> Dual:
        value, slope = parts(addend)
        return Dual(self.value + value, self.slope + slope)

    def __mul__(self, factor: Any) -> Dual:
        value, slope = parts(factor)
        return Dual(self.value * value, self.slope * value + self.value * slope)

    __radd__ = __add__
    __rmul__ = __mul__


def parts(x: Any) -> tuple[Any, Any]:
    """Return value and derivative; a constant's derivative is zero."""
    return (x.value, x.slope) if isinstance(x, Dual) else (x, 0.0)


def plain(x: Any) -> Any:
    """Return the value without derivatives."""
    return plain(x.value) if isinstance(x, Dual) else x


def power(base: Any, exponent: Any) -> Any:
    """Return the power of duals or arrays."""
    if isinstance(exponent, Dual):
        return _OF["exp"](exponent * _OF["log"](base))
    if isinstance(base, Dual):
        return Dual(power(base.value, exponent), exponent * power(base.value, exponent - 1.0) * base.slope)
    return plain_power(base, exponent)


def _inverse(x: Any) -> Any:
    return power(x, -1.0)


def _gauss(x: Any) -> Any:
    """Return the derivative of erf."""
    return 2 / math.sqrt(math.pi) * _OF["exp"](-1.0 * (x * x))


# derivative of each elementary function; those of steps are zero where they exist
_SLOPES: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: _OF["exp"](x),
    "expm1": lambda x: _OF["exp"](x),
    "log": _inverse,
    "log1p": lambda x: _inverse(1.0 + x),
    "log10": lambda x: _inverse(math.log(10) * x),
    "sin": lambda x: _OF["cos"](x),
    "cos": lambda x: -1.0 * _OF["sin"](x),
    "tan": lambda x: power(_OF["cos"](x), -2.0),
    "asin": lambda x: power(1.0 + -1.0 * (x * x), -0.5),
    "acos": lambda x: -1.0 * power(1.0 + -1.0 * (x * x), -0.5),
    "atan": lambda x: _inverse(1.0 + x * x),
    "sinh": lambda x: _OF["cosh"](x),
    "cosh": lambda x: _OF["sinh"](x),
    "tanh": lambda x: power(_OF["cosh"](x), -2.0),
    "abs": lambda x: _OF["sign"](x),
    "erf": _gauss,
    "erfc": lambda x: -1.0 * _gauss(x),
    **dict.fromkeys(("floor", "ceil", "sign", "heaviside"), lambda x: 0.0),
}


def _elementary(name: str) -> Callable[[Any], Any]:
    def extended(x: Any) -> Any:
        if isinstance(x, Dual):
            return Dual(extended(x.value), _SLOPES[name](x.value) * x.slope)
        return BY_NAME[name](x)

    return extended


def _select(condition: Any, yes: Any, no: Any) -> Any:
    """Choose element by element, in the value and in every derivative."""
    if isinstance(yes, Dual) or isinstance(no, Dual):
        chosen = zip(parts(yes), parts(no), strict=True)
        return Dual(*(_select(condition, a, b) for a, b in chosen))
    return np.where(condition, yes, no)


def _comparison(name: str) -> Callable[..., Any]:
    return lambda *arguments: BY_NAME[name](*map(plain, arguments))


_OF: dict[str, Callable[[Any], Any]] = {name: _elementary(name) for name in _SLOPES}

DUALS = Arithmetic(
    float,
    power,
    by_class(
        {
            **{name: _comparison(name) for name in ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")},
            **_OF,
            "min": lambda a, b: _select(plain(a) <= plain(b), a, b),
            "max": lambda a, b: _select(plain(a) >= plain(b), a, b),
            "select": _select,
        }
    ),
)

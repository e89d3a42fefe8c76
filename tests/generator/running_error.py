"""What an expression is, to 50 digits, and how far off double precision may be: a running error bound.

Each operation passes on what its arguments' errors can do to it and adds its own rounding. The bound, not a
fixed tolerance, is what a generated text is held to: trees drawn at random cancel as badly as they like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy
from oracle_digits import MPMATH

from rateloom.dsl.operations import Comparison

UNIT = mpmath.mpf(2) ** -52
# elementary functions of the C library are within a few units of the last place
_ULPS = 8
_SMALLEST, _LARGEST = mpmath.mpf("1e-30"), mpmath.mpf("1e30")


class UnsureError(Exception):
    """Rounding may send this expression elsewhere: across a branch, out of a domain, to overflow."""


def bounded(e: Any, values: Mapping[str, float]) -> tuple[Any, Any]:
    """Return the value of an expression and a bound of what double precision may make of it."""
    with mpmath.workdps(50):
        return _bounded(e, values)


def _bounded(e: Any, values: Mapping[str, float]) -> tuple[Any, Any]:
    if isinstance(e, sympy.Symbol):
        return mpmath.mpf(values[e.name]), mpmath.mpf(0)
    if isinstance(e, sympy.Number | sympy.NumberSymbol):
        number = MPMATH.number(e)
        return number, abs(number) * UNIT
    arguments = [_bounded(a, values) for a in e.args]
    numbers = [v for v, _ in arguments]
    value = _apply(e, numbers)
    spread = mpmath.mpf(0)
    for place, (centre, error) in enumerate(arguments):
        if error is None:
            continue
        for shifted in (centre - error, centre + error):
            other = _apply(e, [*numbers[:place], shifted, *numbers[place + 1 :]])
            if isinstance(value, bool | type(mpmath.mpf(0) > 0)):
                if bool(other) != bool(value):
                    raise UnsureError
            else:
                spread += abs(other - value)
    if isinstance(e, Comparison):
        return bool(value), None
    if abs(value) > _LARGEST or 0 < abs(value) < _SMALLEST or spread > abs(value) / 1000 + UNIT:
        raise UnsureError
    return value, 2 * spread + _rounding(e, numbers, value)


def _rounding(e: Any, numbers: list[Any], value: Any) -> Any:
    """What an operation itself may lose, in whatever order its operands are taken."""
    if isinstance(e, sympy.Add):
        return len(numbers) * UNIT * sum(abs(v) for v in numbers)
    if isinstance(e, sympy.Mul):
        return 3 * len(numbers) * UNIT * abs(value)
    if isinstance(e, sympy.Pow):
        return (_ULPS + 2 * abs(numbers[1])) * UNIT * abs(value)
    return _ULPS * UNIT * abs(value)


def _apply(e: Any, numbers: list[Any]) -> Any:
    if isinstance(e, sympy.Add):
        return mpmath.fsum(numbers)
    if isinstance(e, sympy.Mul):
        return mpmath.fprod(numbers)
    try:
        value = MPMATH.power(*numbers) if isinstance(e, sympy.Pow) else MPMATH.operations[type(e)](*numbers)
    except (ZeroDivisionError, ValueError):
        raise UnsureError from None
    if isinstance(value, mpmath.mpc) or (isinstance(value, mpmath.mpf) and not mpmath.isfinite(value)):
        raise UnsureError
    return value

"""Terms: SymPy expressions whose constants are folded within bounds.

SymPy folds every constant: ``9**9**9`` would fill the memory, ``sqrt(-1)`` becomes imaginary, ``1/0`` becomes
an infinity of SymPy's own. Here every intermediate constant stays a finite real number of double precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from . import limits
from .operations import OPERATIONS
from .tokens import ExpressionError


@dataclass(frozen=True)
class Term:
    """A part of an expression; ``constant`` is its number if it is constant."""

    expression: sympy.Expr
    constant: float | None = None


_EVALUATE: dict[str, Callable[..., float]] = {
    "exp": math.exp, "expm1": math.expm1, "log": math.log, "log1p": math.log1p, "log10": math.log10,
    "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "erf": math.erf, "erfc": math.erfc,
    "abs": abs, "min": min, "max": max,
    "floor": lambda x: float(math.floor(x)), "ceil": lambda x: float(math.ceil(x)),
    "sign": lambda x: float((x > 0) - (x < 0)), "heaviside": lambda x: float(x >= 0),
}  # fmt: skip


def number(value: float) -> sympy.Expr:
    """Return a Python number as a SymPy number."""
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Float(value)


def literal(text: str, column: int) -> Term:
    """Return the term of a number's text; whole numbers are exact up to 2**53."""
    value = float(text)
    if math.isinf(value) or (value == 0 and text.lower().split("e")[0].strip("0.")):
        raise ExpressionError(f"the number '{_short(text)}' does not fit in double precision", column, "E117")
    if text.isdigit() and value <= limits.EXACT_INTEGER and int(text) <= limits.EXACT_INTEGER:
        return Term(sympy.Integer(text), value)
    return Term(number(value), value)


def add(terms: Sequence[Term], column: int) -> Term:
    """Add terms."""
    value = _fold(terms, math.fsum, column)
    if value is not None and _has_float(terms):
        return Term(number(value), value)
    return _settle(sympy.Add(*(t.expression for t in terms)), value, column)


def negate(term: Term) -> Term:
    """Change the sign of a term."""
    return Term(-term.expression, None if term.constant is None else -term.constant)


def multiply(factors: Sequence[Term], inverses: Sequence[Term], column: int) -> Term:
    """Multiply `factors` and divide by `inverses`."""
    for divisor in inverses:
        if divisor.constant == 0 or divisor.expression.is_zero:
            raise ExpressionError("division by zero", column, "E116")
    terms = (*factors, *inverses)

    def quotient(values: Sequence[float]) -> float:
        above, below = values[: len(factors)], values[len(factors) :]
        result = math.prod(above)
        for divisor in below:
            result /= divisor
        return result

    value = _fold(terms, quotient, column)
    if value is not None and _has_float(terms):
        return Term(number(value), value)
    product = sympy.Mul(*(t.expression for t in factors), *(_inverse(t, column) for t in inverses))
    return _settle(product, value, column)


def power(base: Term, exponent: Term, column: int) -> Term:
    """Raise `base` to `exponent`; whole and half exponents are exact, others have double precision."""
    value = _power_value(base, exponent, column)
    exponent = _exact_exponent(exponent, column)
    if value is not None and base.expression.is_Number and exponent.expression.is_Number:
        return Term(_number_power(base.expression, exponent.expression, value), value)
    _check_exponents(exponent.expression, column)
    coefficient, rest = base.expression.as_coeff_Mul()
    if rest is not sympy.S.One and exponent.expression.is_Number and not exponent.expression.is_Integer:
        # Otherwise SymPy keeps roots of whole numbers and factorises them.
        scale = number(abs(float(coefficient)) ** float(exponent.expression))
        rest = -rest if coefficient < 0 else rest
        result: Any = rest**exponent.expression
        result = result if abs(coefficient) == 1 else scale * result
    else:
        result = base.expression**exponent.expression
    for part in (result, *(result.args if result.is_Mul else ())):
        if part.is_Pow:
            _check_exponents(part.exp, column)
    return _settle(result, value, column)


def elementary(name: str, arguments: Sequence[Term], column: int) -> Term:
    """Apply an elementary function of the language."""
    value = _fold(arguments, lambda values: _EVALUATE[name](*values), column)
    return _settle(OPERATIONS[name](*(a.expression for a in arguments)), value, column)


def _fold(terms: Sequence[Term], function: Callable[[Sequence[float]], float], column: int) -> float | None:
    """Compute a constant in double precision; return None if a term is not constant."""
    values = [t.constant for t in terms if t.constant is not None]
    if len(values) < len(terms):
        return None
    try:
        value = float(function(values))
    except OverflowError:
        value = math.inf
    except ValueError:
        raise ExpressionError("a constant here is not a real number", column, "E119") from None
    return _real(value, column, infinite=any(math.isinf(v) for v in values))


def _real(value: float, column: int, infinite: bool = False) -> float:
    if math.isnan(value):
        raise ExpressionError("a constant here is not a number", column, "E119")
    if math.isinf(value) and not infinite:
        raise ExpressionError("a constant here is too large for double precision", column, "E117")
    return value


def _has_float(terms: Sequence[Term]) -> bool:
    return all(t.expression.is_Number for t in terms) and any(t.expression.is_Float for t in terms)


def _settle(expression: sympy.Expr, value: float | None, column: int) -> Term:
    """Return an expression of SymPy's as a term: its numbers are bounded, its constant is noted."""
    if expression.has(sympy.nan, sympy.zoo, sympy.I):
        raise ExpressionError("a constant here is not a real number", column, "E119")
    expression = _bounded(expression, column)
    if value is None and expression.is_Number:
        value = float(expression)
    return Term(expression, value)


def _bounded(expression: Any, column: int) -> Any:
    """Turn numbers that double precision cannot hold exactly into floats, before they grow further."""
    if expression.is_Number:
        return _bounded_number(expression, column)
    if expression.is_Mul:
        coefficient, rest = expression.as_coeff_Mul()
        tamed = _bounded_number(coefficient, column)
        return expression if tamed is coefficient else tamed * rest
    if expression.is_Add:
        parts = [_bounded(part, column) for part in expression.args]
        if any(a is not b for a, b in zip(parts, expression.args, strict=True)):
            return sympy.Add(*parts)
    return expression


def _bounded_number(value: Any, column: int) -> Any:
    if value.is_infinite:
        return value
    if value.is_Rational:
        if max(abs(value.p), value.q) <= limits.EXACT_INTEGER:
            return value
        return number(_real(_quotient(value.p, value.q), column))
    double = _real(float(value), column)
    return value if value == double else number(double)


def _quotient(above: int, below: int) -> float:
    try:
        return above / below
    except OverflowError:
        return math.inf


def _inverse(term: Term, column: int) -> Any:
    if term.expression.is_Float:
        return number(_real(1 / float(term.expression), column))
    return _bounded(term.expression**-1, column)


def _power_value(base: Term, exponent: Term, column: int) -> float | None:
    if exponent.constant is not None and math.isinf(exponent.constant):
        raise ExpressionError("an exponent must be finite", column, "E117")
    if base.constant == 0 and exponent.constant is not None and exponent.constant < 0:
        raise ExpressionError("division by zero: a negative power of zero", column, "E116")
    return _fold((base, exponent), lambda values: math.pow(*values), column)


def _exact_exponent(exponent: Term, column: int) -> Term:
    """Make whole and half exponents exact, so that they can become products and roots."""
    value = exponent.expression
    if value.is_Float and (2 * float(value)).is_integer() and abs(value) <= limits.EXPONENT:
        return Term(sympy.Rational(int(2 * float(value)), 2), exponent.constant)
    return exponent


def _number_power(base: Any, exponent: Any, value: float) -> Any:
    """Raise a number to a number: exactly where the result is a small fraction, else in double precision."""
    if base.is_Rational and exponent.is_Integer:
        size = max(abs(base.p), base.q)
        if size == 1 or abs(exponent) * math.log2(size) <= 53:
            return base**exponent
    return number(value)


def _check_exponents(exponent: sympy.Expr, column: int) -> None:
    if exponent.is_Number and abs(exponent) > limits.EXPONENT:
        message = f"the exponent {_short(str(exponent))} is too large; at most {limits.EXPONENT} is allowed"
        raise ExpressionError(message, column, "E117")


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:17]}..."

"""The functions of the model language, for transfer functions that are built in Python.

They take and return SymPy expressions and stay as they are written; SymPy's own of the same names rewrite
themselves, ``erfc(-x)`` as ``2 - erfc(x)`` for instance, which changes what is lost in floating point.
Sums, products, powers and roots are SymPy's.
"""

from __future__ import annotations

from typing import Any

import sympy

from rateloom.dsl.operations import COMPARISONS, OPERATIONS, Select, symbol

__all__ = [
    "abs_",
    "acos",
    "all_of",
    "any_of",
    "asin",
    "atan",
    "ceil",
    "cos",
    "cosh",
    "equal",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "floor",
    "greater",
    "greater_equal",
    "heaviside",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log10",
    "max_",
    "min_",
    "not_",
    "select",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "symbol",
    "tan",
    "tanh",
]  # fmt: skip

exp, expm1 = OPERATIONS["exp"], OPERATIONS["expm1"]
log, log1p, log10 = OPERATIONS["log"], OPERATIONS["log1p"], OPERATIONS["log10"]
sin, cos, tan = OPERATIONS["sin"], OPERATIONS["cos"], OPERATIONS["tan"]
asin, acos, atan = OPERATIONS["asin"], OPERATIONS["acos"], OPERATIONS["atan"]
sinh, cosh, tanh = OPERATIONS["sinh"], OPERATIONS["cosh"], OPERATIONS["tanh"]
erf, erfc = OPERATIONS["erf"], OPERATIONS["erfc"]
floor, ceil = OPERATIONS["floor"], OPERATIONS["ceil"]
sign, heaviside = OPERATIONS["sign"], OPERATIONS["heaviside"]
abs_, min_, max_ = OPERATIONS["abs"], OPERATIONS["min"], OPERATIONS["max"]
sqrt = sympy.sqrt

less, less_equal = COMPARISONS["<"], COMPARISONS["<="]
greater, greater_equal = COMPARISONS[">"], COMPARISONS[">="]
equal, not_ = COMPARISONS["=="], COMPARISONS["not"]


def select(condition: Any, yes: Any, no: Any) -> sympy.Expr:
    """Return `yes` where the condition holds, `no` elsewhere; conditions are ``less(x, 0)`` and the like."""
    return Select(condition, yes, no)


def all_of(first: Any, *further: Any) -> sympy.Expr:
    """Join conditions that must all hold."""
    for condition in further:
        first = COMPARISONS["and"](first, condition)
    return first


def any_of(first: Any, *further: Any) -> sympy.Expr:
    """Join conditions of which one must hold."""
    for condition in further:
        first = COMPARISONS["or"](first, condition)
    return first

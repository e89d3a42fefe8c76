"""Separable coupling: `pre` as a sum of products of a target's factor and a source's factor.

What is computed from the source alone is computed once a node and kept in the history; the loop over edges
is then a multiply-add alone. ``sin(theta_j - theta)`` becomes ``sin(theta_j) cos(theta) - cos(theta_j)
sin(theta)``. Only polynomials of low degree and sines and cosines of sums are split: splitting
``exp(x_j - x)`` could overflow where the difference does not.
"""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass

import sympy

from rateloom.dsl.operations import OPERATIONS

# more products than this cost more than evaluating `pre` on every edge
_MOST_PRODUCTS = 8
_HIGHEST_DEGREE = 4
# before equal ones are put together; bounds the time that expanding takes
_MOST_TERMS = 256


@dataclass(frozen=True)
class Product:
    """One term of a separated `pre`: ``target`` (of the target's own states) times ``source``."""

    target: sympy.Expr
    source: sympy.Expr


def separate(pre: sympy.Expr, target_names: Set[str]) -> tuple[Product, ...] | None:
    """Split a coupling's `pre`.

    Parameters
    ----------
    pre : sympy.Expr
        Expression in the source's states (``x_j``), the target's states and parameters. Parameters belong
        to the source.
    target_names : set of str
        Names of the target's states, and of what is the same for every source.

    Returns
    -------
    tuple of Product, or None
        Terms whose sum is `pre`; None where it cannot be split.
    """
    if not _names(pre) & target_names:
        return (Product(sympy.Integer(1), pre),)
    by_source = _products(_split_angles(pre, target_names), target_names)
    if by_source is None or len(by_source) > _MOST_PRODUCTS:
        return None
    return tuple(Product(by_source[s], s) for s in sorted(by_source, key=sympy.default_sort_key))


_ONLY_POLYNOMIALS = {
    "mul": True,
    "multinomial": True,
    "power_base": False,
    "power_exp": False,
    "log": False,
    "basic": False,
}


def _names(expression: sympy.Expr) -> set[str]:
    return {s.name for s in expression.free_symbols}


def _products(expression: sympy.Expr, target_names: Set[str]) -> dict[sympy.Expr, sympy.Expr] | None:
    """Return the target's factor for each source's factor; None where the two cannot be told apart."""
    parts: dict[sympy.Symbol, sympy.Expr] = {}
    apart = _take_apart(expression, target_names, parts)
    if apart.free_symbols - parts.keys() or _count_terms(apart) > _MOST_TERMS:
        return None
    expanded = sympy.expand(apart, **_ONLY_POLYNOMIALS)
    by_source: dict[sympy.Expr, sympy.Expr] = {}
    for term in sympy.Add.make_args(expanded):
        factors = [f.xreplace(parts) for f in sympy.Mul.make_args(term)]
        target = sympy.Mul(*(f for f in factors if _names(f) & target_names))
        number, source = sympy.Mul(*(f for f in factors if not _names(f) & target_names)).as_coeff_Mul()
        by_source[source] = by_source.get(source, sympy.Integer(0)) + number * target
    return by_source


def _take_apart(
    expression: sympy.Expr, target_names: Set[str], parts: dict[sympy.Symbol, sympy.Expr]
) -> sympy.Expr:
    """Put symbols in the place of what belongs to one side alone, so that it is not expanded itself."""
    if not _is_mixed(expression, target_names):
        # no name of a model has a space
        part = sympy.Symbol(f"part {len(parts)}")
        parts[part] = expression
        return part
    if isinstance(expression, sympy.Add | sympy.Mul):
        mixed = [a for a in expression.args if _is_mixed(a, target_names)]
        own = [a for a in expression.args if a not in mixed and _names(a) & target_names]
        other = [a for a in expression.args if a not in mixed and a not in own]
        apart = [expression.func(*side) for side in (own, other) if side] + mixed
        return expression.func(*(_take_apart(a, target_names, parts) for a in apart))
    if _is_low_power(expression):
        return _take_apart(expression.base, target_names, parts) ** expression.exp
    return expression


def _count_terms(expression: sympy.Expr) -> int:
    """Terms of a polynomial when it is expanded."""
    if expression.is_Pow:
        return int(_count_terms(expression.base) ** expression.exp)
    counts = [_count_terms(a) for a in expression.args]
    return sum(counts) if expression.is_Add else math.prod(counts)


def _is_mixed(expression: sympy.Expr, target_names: Set[str]) -> bool:
    names = _names(expression)
    return bool(names & target_names and names - target_names)


def _is_low_power(expression: sympy.Expr) -> bool:
    return bool(expression.is_Pow and expression.exp.is_Integer and 0 < expression.exp <= _HIGHEST_DEGREE)


def _split_angles(expression: sympy.Expr, target_names: Set[str]) -> sympy.Expr:
    """Apply the addition theorems to sines and cosines whose argument mixes target and source."""
    sin, cos = OPERATIONS["sin"], OPERATIONS["cos"]
    if isinstance(expression, sympy.Add | sympy.Mul) or _is_low_power(expression):
        return expression.func(*(_split_angles(a, target_names) for a in expression.args))
    if not isinstance(expression, sin | cos) or not _is_mixed(expression, target_names):
        return expression
    by_source = _products(expression.args[0], target_names) or {}
    own = sympy.Add(*(t * s for s, t in by_source.items() if not _names(s)))
    other = sympy.Add(*(t * s for s, t in by_source.items() if not _names(t)))
    if own + other == 0 or any(_names(s) and _names(t) for s, t in by_source.items()):
        return expression
    if isinstance(expression, sin):
        return sin(other) * cos(own) + cos(other) * sin(own)
    return cos(other) * cos(own) - sin(other) * sin(own)

"""Separable coupling: `pre` as a sum of products of a target's factor and a source's factor.

What is computed from the source alone is computed once a node and kept in the history; the loop over edges
is then a multiply-add alone. ``sin(theta_j - theta)`` becomes ``sin(theta_j) cos(theta) - cos(theta_j)
sin(theta)``. Only polynomials of low degree and sines and cosines of sums are split: splitting
``exp(x_j - x)`` could overflow where the difference does not.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import sympy

from rateloom.dsl.functions import OPERATIONS

# more products than this cost more than evaluating `pre` on every edge
_MOST_PRODUCTS = 8
_HIGHEST_DEGREE = 4


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
    expanded = sympy.expand(_split_angles(pre, target_names), **_ONLY_POLYNOMIALS)
    by_source: dict[sympy.Expr, sympy.Expr] = {}
    for term in sympy.Add.make_args(expanded):
        target, source = sympy.Integer(1), sympy.Integer(1)
        for factor in sympy.Mul.make_args(term):
            names = _names(factor)
            if names & target_names:
                if names - target_names:
                    return None
                target *= factor
            elif names:
                source *= factor
            else:
                target *= factor
        by_source[source] = by_source.get(source, sympy.Integer(0)) + target
    if len(by_source) > _MOST_PRODUCTS:
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


def _split_angles(expression: sympy.Expr, target_names: Set[str]) -> sympy.Expr:
    """Apply the addition theorems to sines and cosines whose argument mixes target and source."""
    if not expression.args:
        return expression
    if expression.is_Pow and not (expression.exp.is_Integer and 0 < expression.exp <= _HIGHEST_DEGREE):
        return expression
    sin, cos = OPERATIONS["sin"], OPERATIONS["cos"]
    if isinstance(expression, sin | cos):
        terms = sympy.Add.make_args(sympy.expand(expression.args[0], **_ONLY_POLYNOMIALS))
        own = sympy.Add(*(t for t in terms if _names(t) & target_names))
        other = sympy.Add(*(t for t in terms if not _names(t) & target_names))
        if own == 0 or other == 0 or _names(own) - target_names:
            return expression
        if isinstance(expression, sin):
            return sin(other) * cos(own) + cos(other) * sin(own)
        return cos(other) * cos(own) - sin(other) * sin(own)
    if isinstance(expression, sympy.Add | sympy.Mul | sympy.Pow):
        return expression.func(*(_split_angles(a, target_names) for a in expression.args))
    return expression

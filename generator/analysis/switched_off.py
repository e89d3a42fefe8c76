"""Values of what is computed before the first step, for given parameters: which sums over edges they leave.

A coupling that a model has and a study does not use, since its strength is zero, costs nothing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping

from rateloom.generator.ir.nodes import FUSED, Node
from rateloom.generator.passes.schedule import is_hoisted

_OPERATORS: dict[str, Callable[..., float]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "neg": operator.neg, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne, "not": operator.not_, "abs": abs,
    "and": lambda a, b: a and b, "or": lambda a, b: a or b,
    "at_least": max, "at_most": min,
    "select": lambda condition, yes, no: yes if condition else no,
    "fma": lambda a, b, c: a * b + c, "fms": lambda a, b, c: a * b - c,
    "exp_plus": lambda x, c: math.exp(x) + c,
    "fnma": lambda a, b, c: c - a * b, "fnms": lambda a, b, c: -(a * b) - c,
}  # fmt: skip


def needed_leaves(roots: Iterable[Node], parameters: Mapping[str, float]) -> set[Node]:
    """Return the leaves of the time loop that matter: not those that reach results times zero alone.

    Parameters
    ----------
    roots : iterable of Node
        What is computed.
    parameters : mapping of str to float
        Values by name; what depends on one that is not given counts as not zero.
    """
    values: dict[Node, float] = {}
    needed: set[Node] = set()
    seen: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node in seen or node.is_constant or is_hoisted(node):
            continue
        seen.add(node)
        if node.op == "leaf":
            needed.add(node)
        if node.op != "mul" and node.op not in FUSED:
            waiting += node.args
            continue
        product, summand = node.args[:2], node.args[2:]
        waiting += summand
        if not any(value_of(f, parameters, values) == 0.0 for f in product if is_hoisted(f)):
            waiting += product
    return needed


def value_of(node: Node, parameters: Mapping[str, float], known: dict[Node, float]) -> float:
    """Evaluate a node that depends on parameters alone; NaN where it cannot be.

    Parameters
    ----------
    known : dict of Node to float
        What is known already; what is found is added.
    """
    waiting = [node]
    while waiting:
        one = waiting[-1]
        missing = [a for a in one.args if a not in known]
        if missing:
            waiting += missing
            continue
        known[one] = _evaluate(one, parameters, [known[a] for a in one.args])
        waiting.pop()
    return known[node]


def _evaluate(node: Node, parameters: Mapping[str, float], args: list[float]) -> float:
    if isinstance(node.value, float):
        return node.value
    if node.op == "leaf":
        return parameters.get(str(node.value), math.nan)
    function = _OPERATORS.get(node.op) or getattr(math, node.op, None)
    try:
        return float(function(*args)) if function else math.nan
    except (ArithmeticError, ValueError):
        return math.nan

"""Exact derivatives of functions, by forward propagation through their intermediate variables.

Differentiating the graph of a function's statements, rather than its closed form, keeps what the statements
share: the derivative of a node is made of the nodes themselves and of derivatives of their arguments, each
made once. Applied twice it is second-order forward mode (Griewank & Walther, 2008, doi
10.1137/1.9780898717761).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from rateloom.generator.errors import GeneratorError
from rateloom.generator.ir.nodes import EXTERNAL, Graph, Node

# None stands for a derivative that vanishes identically
Derivative = Node | None


def differentiate(
    graph: Graph, node: Node, by: Node, memo: dict[tuple[Node, Node], Derivative]
) -> Derivative:
    """Partial derivative of a node with respect to a leaf.

    Parameters
    ----------
    graph : Graph
        Where derivatives are made.
    node, by : Node
        What is differentiated, and the leaf by which.
    memo : dict
        Derivatives known already; kept from call to call so that they are shared.

    Raises
    ------
    GeneratorError
        For functions with integer values, whose derivative says nothing.
    """
    waiting: set[Node] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if one not in waiting and (one, by) not in memo:
            waiting.add(one)
            stack.extend(_differentiated(one))
    # a node is made after its arguments
    for one in sorted(waiting, key=lambda n: n.index):
        memo[one, by] = _derivative(graph, one, by, [memo[a, by] for a in _differentiated(one)])
    return memo[node, by]


def _differentiated(node: Node) -> tuple[Node, ...]:
    """Arguments that a derivative passes through: not a condition."""
    return node.args[1:] if node.op == "select" else node.args


def _derivative(graph: Graph, node: Node, by: Node, inner: list[Derivative]) -> Derivative:
    """Apply the rule of one operation to the derivatives of its arguments."""
    if node is by:
        return graph.constant(1.0)
    if not node.args:
        return None
    if all(d is None for d in inner):
        return None
    if node.op == "select":
        yes, no = inner
        zero = graph.constant(0.0)
        return graph.make("select", node.args[0], yes or zero, no or zero)
    if node.op in ("add", "sub"):
        return _sum_rule(graph, node.op, *inner)
    if node.op in ("mul", "div", "pow"):
        return _RULES_TWO[node.op](graph, node, *inner)
    if node.op.startswith(EXTERNAL):
        return _external_rule(graph, node, inner)
    (slope,) = inner
    assert slope is not None
    if node.op == "neg":
        return graph.negate(slope)
    if node.op == "plus_zero":
        return slope
    if node.op not in _RULES_ONE:
        raise GeneratorError(f"{node.op} has whole numbers as values: its derivative is zero where it exists")
    return graph.multiply(_RULES_ONE[node.op](graph, node, node.args[0]), slope)


def _sum_rule(graph: Graph, op: str, left: Derivative, right: Derivative) -> Derivative:
    if right is None:
        return left
    if left is None:
        return right if op == "add" else graph.negate(right)
    return graph.add(left, right) if op == "add" else graph.subtract(left, right)


def _product_rule(graph: Graph, node: Node, left: Derivative, right: Derivative) -> Derivative:
    a, b = node.args
    if a is b and left is not None:
        return graph.multiply(graph.multiply(graph.constant(2.0), a), left)
    first = None if left is None else graph.multiply(left, b)
    second = None if right is None else graph.multiply(a, right)
    return _sum_rule(graph, "add", first, second)


def _quotient_rule(graph: Graph, node: Node, left: Derivative, right: Derivative) -> Derivative:
    """Return (a' - (a / b) b') / b, with the quotient that is there already."""
    inverse = graph.divide(graph.constant(1.0), node.args[1])
    second = None if right is None else graph.multiply(node, right)
    above = _sum_rule(graph, "sub", left, second)
    assert above is not None
    return graph.multiply(above, inverse)


def _power_rule(graph: Graph, node: Node, left: Derivative, right: Derivative) -> Derivative:
    """Return a^b (b' log a + b a' / a), where a part that vanishes is left out."""
    base, exponent = node.args
    first = second = None
    if left is not None:
        lower = graph.make("pow", base, graph.subtract(exponent, graph.constant(1.0)))
        first = graph.multiply(graph.multiply(exponent, lower), left)
    if right is not None:
        second = graph.multiply(graph.multiply(node, graph.make("log", base)), right)
    return _sum_rule(graph, "add", first, second)


def _external_rule(graph: Graph, node: Node, inner: list[Derivative]) -> Derivative:
    """Return the chain rule with central differences: of code nothing else is known."""
    assert isinstance(node.value, float)
    h, twice = graph.constant(node.value), graph.constant(2.0 * node.value)
    total: Derivative = None
    for position, slope in enumerate(inner):
        if slope is None:
            continue
        above, below = list(node.args), list(node.args)
        above[position], below[position] = graph.add(above[position], h), graph.subtract(below[position], h)
        change = graph.subtract(*(graph.make(node.op, *args, value=node.value) for args in (above, below)))
        total = _sum_rule(graph, "add", total, graph.multiply(graph.divide(change, twice), slope))
    return total


_RULES_TWO: dict[str, Callable[[Graph, Node, Derivative, Derivative], Derivative]] = {
    "mul": _product_rule,
    "div": _quotient_rule,
    "pow": _power_rule,
}


def _inverse(graph: Graph, a: Node) -> Node:
    return graph.divide(graph.constant(1.0), a)


def _one_plus_square(graph: Graph, x: Node) -> Node:
    return graph.add(graph.constant(1.0), graph.multiply(x, x))


def _one_minus_square(graph: Graph, x: Node) -> Node:
    """Return (1 - x) (1 + x), which keeps its accuracy where x is near 1."""
    one = graph.constant(1.0)
    return graph.multiply(graph.subtract(one, x), graph.add(one, x))


def _gaussian(graph: Graph, x: Node, factor: float) -> Node:
    exponent = graph.negate(graph.multiply(x, x))
    return graph.multiply(graph.constant(factor * 2.0 / math.sqrt(math.pi)), graph.make("exp", exponent))


# derivative of each function at its argument x, given the node of its value f
_RULES_ONE: dict[str, Callable[[Graph, Node, Node], Node]] = {
    "sqrt": lambda g, f, x: g.divide(g.constant(0.5), f),
    "exp": lambda g, f, x: f,
    "expm1": lambda g, f, x: g.make("exp", x),
    "log": lambda g, f, x: _inverse(g, x),
    "log1p": lambda g, f, x: _inverse(g, g.add(g.constant(1.0), x)),
    "log10": lambda g, f, x: g.divide(g.constant(1.0 / math.log(10.0)), x),
    "sin": lambda g, f, x: g.make("cos", x),
    "cos": lambda g, f, x: g.negate(g.make("sin", x)),
    "tan": lambda g, f, x: _one_plus_square(g, f),
    "asin": lambda g, f, x: _inverse(g, g.sqrt(_one_minus_square(g, x))),
    "acos": lambda g, f, x: g.negate(_inverse(g, g.sqrt(_one_minus_square(g, x)))),
    "atan": lambda g, f, x: _inverse(g, _one_plus_square(g, x)),
    "sinh": lambda g, f, x: g.make("cosh", x),
    "cosh": lambda g, f, x: g.make("sinh", x),
    "tanh": lambda g, f, x: g.subtract(g.constant(1.0), g.multiply(f, f)),
    "abs": lambda g, f, x: g.make(
        "select", g.make("<", x, g.constant(0.0)), g.constant(-1.0), g.constant(1.0)
    ),
    "erf": lambda g, f, x: _gaussian(g, x, 1.0),
    "erfc": lambda g, f, x: _gaussian(g, x, -1.0),
}

"""From SymPy expressions to nodes: every arithmetic choice that all targets share is made here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

import sympy

from rateloom.dsl.model import DerivedVariable
from rateloom.dsl.operations import COMPARISONS, OPERATIONS, Call, External, Select
from rateloom.generator.ir.nodes import Depends, Graph, Node

from .errors import GeneratorError

Scope = Mapping[str, Node]


class Library(Protocol):
    """A library of functions, which expands calls of them."""

    def call(self, graph: Graph, name: str, actual: list[Node], wrt: tuple[str, ...]) -> Node:
        """Return the value of a call, or its derivative with respect to formal arguments."""

    def external(self, graph: Graph, name: str, actual: list[Node]) -> Node:
        """Return the value of a function that exists only as code."""


_OPERATION_NAMES = {cls: name for name, cls in OPERATIONS.items()}
_COMPARISON_NAMES = {cls: name for name, cls in COMPARISONS.items()}
_ODD = frozenset({"sin", "tan", "asin", "atan", "sinh", "tanh", "erf"})
_EVEN = frozenset({"cos", "cosh", "abs"})
# beyond this a power is not worth unrolling into products
_LARGEST_UNROLLED_POWER = 64


def lower(graph: Graph, expression: sympy.Expr, scope: Scope, library: Library) -> Node:
    """Turn an expression into a node of the graph.

    Parameters
    ----------
    graph : Graph
        Where the nodes are made.
    expression : sympy.Expr
        An expression of the language.
    scope : mapping of str to Node
        What each name in the expression stands for.
    library : Library
        Expands calls of the model's own functions.

    Raises
    ------
    GeneratorError
        Where a constant cannot be represented in double precision, or a derivative says nothing.
    """
    lowered: dict[sympy.Basic, Node] = {}

    def visit(e: sympy.Basic) -> Node:
        if e not in lowered:
            lowered[e] = _lower_one(graph, e, scope, library, visit)
        return lowered[e]

    return visit(expression)


def lower_variables(
    graph: Graph,
    variables: tuple[DerivedVariable, ...],
    scope: Scope,
    library: Library,
    suffix: str = "",
) -> dict[str, Node]:
    """Lower derived variables in their order; returns the scope with them in it.

    Their nodes get the variables' names and the suffix.
    """
    inner = dict(scope)
    for variable in variables:
        node = lower(graph, variable.value, inner, library)
        name = variable.name + suffix
        inner[variable.name] = graph.name(node, name, variable.description, variable.unit)
    return inner


def _lower_one(
    graph: Graph,
    e: sympy.Basic,
    scope: Scope,
    library: Library,
    visit: Callable[[sympy.Basic], Node],
) -> Node:
    if e.is_Symbol:
        return scope[e.name]
    if e.is_Number or e.is_NumberSymbol:
        return graph.constant(_double(e))
    if e.is_Add:
        return _sum(graph, [visit(a) for a in e.args])
    if e.is_Mul:
        return _product(graph, e, visit)
    if e.is_Pow:
        return _power(graph, visit(e.base), e.exp, visit)
    if isinstance(e, Call):
        return library.call(graph, e.function, [visit(a) for a in e.actual], e.wrt)
    if isinstance(e, External):
        return library.external(graph, e.function, [visit(a) for a in e.actual])
    args = [visit(a) for a in e.args]
    if isinstance(e, Select):
        return graph.make("select", *args)
    if type(e) in _COMPARISON_NAMES:
        return graph.make(_COMPARISON_NAMES[type(e)], *args)
    return elementary(graph, _OPERATION_NAMES[type(e)], args)


def _double(number: sympy.Expr) -> float:
    """Return a number of SymPy's in double precision."""
    value = float(number)
    if math.isinf(value) and number.is_finite:
        raise GeneratorError("a constant does not fit in double precision")
    return value


def _order(node: Node) -> int:
    """Sort key that brings together what leaves the time loop together."""
    return {Depends.CONSTANT: 0, Depends.ITEM: 1, Depends.STEP: 2}.get(node.depends, 3)


def _sum(graph: Graph, terms: list[Node]) -> Node:
    terms = sorted(terms, key=_order)
    # a sum that starts with a negative term costs a negation more
    lead = next((i for i, t in enumerate(terms) if t.op != "neg"), 0)
    if _order(terms[lead]) == _order(terms[0]):
        terms.insert(0, terms.pop(lead))
    total = terms[0]
    for term in terms[1:]:
        total = graph.add(total, term)
    return total


def _product(graph: Graph, e: sympy.Expr, visit: Callable[[sympy.Basic], Node]) -> Node:
    above, below = [], []
    for factor in e.args:
        if factor.is_Rational and not factor.is_Integer:
            above.append(graph.constant(_double(factor)))
        elif factor.is_Pow and factor.exp.is_Number and factor.exp < 0:
            below.append(_power(graph, visit(factor.base), -factor.exp, visit))
        else:
            above.append(visit(factor))
    numerator = _multiply_all(graph, above)
    return graph.divide(numerator, _multiply_all(graph, below)) if below else numerator


def _multiply_all(graph: Graph, factors: list[Node]) -> Node:
    total = graph.constant(1.0)
    for factor in sorted(factors, key=_order):
        total = graph.multiply(total, factor)
    return total


def _power(graph: Graph, base: Node, exponent: sympy.Expr, visit: Callable[[sympy.Basic], Node]) -> Node:
    """Integer and half-integer powers become products and roots."""
    twice = 2 * exponent
    if twice.is_Number and twice == int(twice) and abs(twice) <= 2 * _LARGEST_UNROLLED_POWER:
        n, half = divmod(abs(int(twice)), 2)
        base = graph.plus_zero(base) if half else base
        result = _integer_power(graph, base, n)
        if half:
            result = graph.multiply(result, graph.sqrt(base))
        return graph.divide(graph.constant(1.0), result) if exponent < 0 else result
    return graph.make("pow", base, visit(exponent))


def _integer_power(graph: Graph, base: Node, n: int) -> Node:
    result = graph.constant(1.0)
    square = base
    while n:
        if n & 1:
            result = graph.multiply(result, square)
        n >>= 1
        if n:
            square = graph.multiply(square, square)
    return result


def elementary(graph: Graph, name: str, args: list[Node]) -> Node:
    """Apply one of the language's functions; steps and signs become conditionals."""
    zero, one = graph.constant(0.0), graph.constant(1.0)
    x = args[0]
    if x.is_constant and len(args) == 1:
        folded = _fold(name, x.value)  # type: ignore[arg-type]
        if folded is not None:
            return graph.constant(folded)
    if x.op == "neg" and name in _ODD:
        return graph.negate(elementary(graph, name, [x.args[0]]))
    if x.op == "neg" and name in _EVEN:
        return elementary(graph, name, [x.args[0]])
    if name == "heaviside":
        return graph.make("select", graph.make(">=", x, zero), one, zero)
    if name == "sign":
        negative = graph.make("select", graph.make("<", x, zero), graph.constant(-1.0), zero)
        return graph.make("select", graph.make(">", x, zero), one, negative)
    if name in ("min", "max"):
        return graph.make("select", graph.make("<" if name == "min" else ">", *args), *args)
    return graph.make(name, *args)


def _fold(name: str, x: float) -> float | None:
    """Apply an elementary function to a constant; None leaves it to the target (a pole, an overflow)."""
    try:
        function: Callable[[float], float] | None = abs if name == "abs" else getattr(math, name, None)
        value = float(function(x)) if function else None
    except (ValueError, OverflowError):
        return None
    return value if value is not None and math.isfinite(value) else None

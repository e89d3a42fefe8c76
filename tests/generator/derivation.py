"""Functions made from SymPy expressions, their derivatives as generated, and the same with mpmath."""

import mpmath
from oracle_digits import MPMATH
from printing import python_value, scheduled

from rateloom.dsl.model import Case, DerivedVariable, Function
from rateloom.dsl.operations import OPERATIONS, call, symbol
from rateloom.generator.calls import Functions
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.lower import lower
from rateloom.generator.targets.expression_text import Language, expression
from rateloom.oracle.evaluator import Scope, evaluate

# What double precision may lose in a dozen nested functions whose values are near 1.
DOUBLE = 1e-10
# The same statements with 50 digits are only as wrong as their double constants, such as 2/sqrt(pi).
EXACT = 1e-13

ORDERS = [(), ("a",), ("b",), ("a", "a"), ("a", "b"), ("b", "b")]
A, B = symbol("a"), symbol("b")
XY = (symbol("x"), symbol("y"))

WITH_DIGITS = Language(
    functions={name: f"mp.{name}" for name in OPERATIONS}
    | {"abs": "abs", "sqrt": "mp.sqrt", "pow": "mp.power"},
    logic={"and": "and", "or": "or", "not": "not "},
    select=lambda condition, yes, no: f"{yes} if {condition} else {no}",
    infinity="mp.inf",
)


def function(result, variables=(), name="F", arguments=("a", "b"), **how):
    several = tuple(DerivedVariable(n, (Case(value),)) for n, value in variables)
    return Function(name, arguments, several, result, **how)


def derivatives(functions, name="F", arguments=XY, orders=ORDERS):
    """Nodes of the value and the derivatives of one call, made in one graph."""
    graph = Graph()
    scope = {n: graph.leaf(n, Depends.ITEM if n == "p" else Depends.NODE) for n in "pxyz"}
    library = Functions({f.name: f for f in functions}, {"p": scope["p"]})
    return graph, [lower(graph, call(name, arguments, wrt), scope, library) for wrt in orders]


def reference(functions, name, at, wrt, p=0.4):
    """The same with mpmath: by differences of 50 digits and more, never by a rule."""
    outer = functions[name]
    scope = Scope(functions, {"p": mpmath.mpf(p)})

    def value(*actual):
        values = dict(scope.parameters) | dict(zip(outer.arguments, actual, strict=True))
        for variable in outer.variables:
            values[variable.name] = evaluate(variable.value, values, scope, MPMATH)
        return evaluate(outer.result, values, scope, MPMATH)

    with mpmath.workdps(50):
        counts = tuple(wrt.count(a) for a in outer.arguments)
        numbers = tuple(mpmath.mpf(v) for v in at)
        return mpmath.diff(value, numbers, counts) if any(counts) else +value(*numbers)


def with_digits(roots, values):
    """Run the statements of generated code with 50 digits."""
    block = scheduled(roots)
    scope = {"mp": mpmath.mp, "real": mpmath.mpf, "abs": abs}
    with mpmath.workdps(50):
        scope |= {name: mpmath.mpf(value) for name, value in values.items()}
        for s in block.statements:
            scope[s.name] = eval(expression(s.value, block.names, WITH_DIGITS, whole=True), {}, scope)
        return [eval(expression(r, block.names, WITH_DIGITS), {}, scope) for r in block.results]


def check(functions, at, name="F", orders=ORDERS):
    """Hold a value and its derivatives against mpmath, in double precision and with 50 digits."""
    _, nodes = derivatives(functions, name, orders=orders)
    values = {"x": at[0], "y": at[1], "p": 0.4}
    rounded, exact = python_value(nodes, values), with_digits(nodes, values)
    by_name = {f.name: f for f in functions}
    for wrt, near, same in zip(orders, rounded, exact, strict=True):
        expected = reference(by_name, name, at, wrt)
        assert abs(same - expected) <= EXACT * (1 + abs(expected)), wrt
        assert abs(near - expected) <= DOUBLE * (1 + abs(expected)), wrt

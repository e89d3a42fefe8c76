"""Derivatives by dual numbers against mpmath's with 50 digits, and against what is known."""

import itertools

import mpmath
import numpy as np
import pytest
from oracle_digits import MPMATH

from rateloom import load
from rateloom.dsl.model import Case, DerivedVariable, Function
from rateloom.dsl.operations import call, symbol
from rateloom.dsl.parser import parse_condition, parse_expression
from rateloom.oracle.evaluator import Scope, evaluate

ORDERS = [("a",), ("b",), ("a", "a"), ("a", "b"), ("b", "b")]
A, B = np.array([0.3, 0.62, 0.9]), np.array([0.21, 0.5, 1.7])
TEXTS = [
    "exp(a * b) + expm1(a)", "log(a) * log1p(b) + log10(a + b)", "sin(a * b) * cos(b) + tan(a)",
    "asin(a) * b + acos(a) + atan(a * b)", "sinh(a) * cosh(b) + tanh(a * b)", "erf(a * b) + erfc(a - b)",
    "a^b + a^(-1.5) * b^2 + sqrt(a * b) / (a + b)", "abs(a - b) * b + floor(4 * a) * ceil(b) * sign(a) * a",
    "heaviside(a - 0.5) * a^2 + min(a, b) * max(a^2, b)", "a", "3 * pi", "2^a * b^0",
]  # fmt: skip


def exact(function, functions, parameters, point, order):
    """Derivative with 50 digits at one point."""
    with mpmath.workdps(50):
        numbers = {name: mpmath.mpf(float(value)) for name, value in parameters.items()}
        scope = Scope(functions, numbers)

        def value(*x):
            return evaluate(call(function.name, arguments), dict(zip(names, x, strict=True)), scope, MPMATH)

        names = function.arguments
        arguments = tuple(symbol(name) for name in names)
        orders = tuple(order.count(name) for name in names)
        return float(mpmath.diff(value, tuple(mpmath.mpf(float(x)) for x in point), orders))


@pytest.mark.parametrize("order", ORDERS, ids="".join)
@pytest.mark.parametrize("text", TEXTS)
def test_every_operation(text, order):
    function = Function("F", ("a", "b"), (), parse_expression(text))
    expression = call("F", (symbol("a"), symbol("b")), order)
    result = np.broadcast_to(evaluate(expression, {"a": A, "b": B}, Scope({"F": function}, {})), A.shape)
    expected = [exact(function, {"F": function}, {}, point, order) for point in zip(A, B, strict=True)]
    np.testing.assert_allclose(result, expected, rtol=1e-13, atol=1e-14)


def test_conditions_choose_derivatives_element_by_element():
    branch = DerivedVariable(
        "u", (Case(parse_expression("a^3"), parse_condition("a < b")), Case(symbol("b")))
    )
    scope = Scope({"F": Function("F", ("a", "b"), (branch,), parse_expression("u * a"))}, {})
    result = evaluate(parse_expression("diff(F(a, b), a)"), {"a": A, "b": B}, scope)
    np.testing.assert_allclose(result, np.where(A < B, 4 * A**3, B), rtol=1e-15)


def test_derivatives_inside_a_function_are_differentiated_in_turn():
    functions = {
        "F": Function("F", ("a", "b"), (), parse_expression("a^3 * sin(b)")),
        "H": Function("H", ("a", "b"), (), parse_expression("a * diff(F(a, a * b), b)")),
    }
    result = evaluate(parse_expression("diff(H(a, b), a, b)"), {"a": A, "b": B}, Scope(functions, {}))
    # H = a^4 cos(ab)
    expected = -5 * A**4 * np.sin(A * B) - A**5 * B * np.cos(A * B)
    np.testing.assert_allclose(result, expected, rtol=1e-14)


def test_differences_obey_the_chain_rule():
    """Of a parabola, central differences are exact, whatever their step."""
    functions = {
        "P": Function("P", ("a", "b"), (), parse_expression("a^2 * b"), "central", 0.25),
        "H": Function("H", ("a", "b"), (), parse_expression("P(a * b, b^2)")),
    }
    for order, expected in {
        ("a",): 2 * A * B**4,
        ("b",): 4 * A**2 * B**3,
        ("a", "b"): 8 * A * B**3,
    }.items():
        expression = call("H", (symbol("a"), symbol("b")), order)
        result = evaluate(expression, {"a": A, "b": B}, Scope(functions, {}))
        np.testing.assert_allclose(result, expected, rtol=1e-13)


@pytest.mark.parametrize("name", ["zerlaut_second_order", "adex_vast"])
def test_transfer_functions_of_the_shipped_models(name):
    model = load(name)
    parameters = {
        element: value for p in model.parameters for element, value in zip(p.elements, p.values, strict=True)
    }
    functions = {function.name: function for function in model.functions}
    scope = Scope(functions, {k: np.asarray(v) for k, v in parameters.items()})
    for derived in model.derived_parameters:
        parameters[derived.name] = scope.parameters[derived.name] = float(
            evaluate(derived.value, scope.parameters, scope)
        )
    expressions = [d.value for d in model.time_derivatives] + [d.value for d in model.derived_variables]
    called = {(c.function, c.wrt) for e in expressions for c in e.find(type(call("f", ()))) if c.wrt}
    assert called
    for function, order in sorted(called):
        names = functions[function].arguments
        # rates of both populations, of what comes from outside, and an adaptation current
        points = [(e, i, 0.001, 0.0, 50.0) for e, i in itertools.product([0.002, 0.03], repeat=2)]
        columns = dict(zip(names, np.array(points).T, strict=True))
        result = evaluate(call(function, tuple(map(symbol, names)), order), columns, scope)
        expected = [exact(functions[function], functions, parameters, point, order) for point in points]
        np.testing.assert_allclose(result, expected, rtol=1e-11)

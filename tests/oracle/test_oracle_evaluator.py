import math

import mpmath
import numpy as np
import pytest
import sympy
from oracle_digits import MPMATH

from rateloom.dsl.model import Case, DerivedVariable, Function
from rateloom.dsl.operations import COMPARISONS, ELEMENTARY, OPERATIONS, Select, symbol
from rateloom.dsl.parser import parse_condition, parse_expression
from rateloom.oracle.arithmetic import NUMPY
from rateloom.oracle.evaluator import Scope, evaluate

X = 0.37
EXPECTED = {
    "x + y * z": 0.37 + 2 * 5,
    "x^2 / y - z": 0.37**2 / 2 - 5,
    "sqrt(x) * x^(-1.5)": 0.37**-1.0,
    "2 * pi": 2 * math.pi,
    "min(x, y) + max(x, y)": 2.37,
    "exp(x) + expm1(x)": math.exp(X) + math.expm1(X),
    "log(x) + log1p(x) + log10(x)": math.log(X) + math.log1p(X) + math.log10(X),
    "sin(x) + cos(x) + tan(x)": math.sin(X) + math.cos(X) + math.tan(X),
    "asin(x) + acos(x) + atan(x)": math.pi / 2 + math.atan(X),
    "sinh(x) + cosh(x) + tanh(x)": math.exp(X) + math.tanh(X),
    "erf(x) + erfc(x)": 1.0,
    "erfc(z)": math.erfc(5.0),
    "abs(-x) + floor(-x) + ceil(x) + sign(-x)": 0.37 - 1 + 1 - 1,
    "heaviside(x) + heaviside(-x) + 2 * heaviside(0 * y)": 3.0,
    "1 / (x + 1e-3)": 1 / 0.371,
}
NOTHING = Scope({}, {})


@pytest.mark.parametrize("text", EXPECTED)
@pytest.mark.parametrize("arithmetic", [NUMPY, MPMATH], ids=["numpy", "mpmath"])
def test_expressions(text, arithmetic):
    number = float if arithmetic is NUMPY else mpmath.mpf
    values = {"x": number(X), "y": number(2), "z": number(5)}
    result = evaluate(parse_expression(text), values, NOTHING, arithmetic)
    assert float(result) == pytest.approx(EXPECTED[text], rel=4e-16 * 8)


@pytest.mark.parametrize("arithmetic", [NUMPY, MPMATH], ids=["numpy", "mpmath"])
def test_every_operation_of_the_language_is_known(arithmetic):
    assert set(arithmetic.operations) == {*OPERATIONS.values(), *COMPARISONS.values(), Select}
    assert set(OPERATIONS) == set(ELEMENTARY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x < 1 and y > 1", True),
        ("x >= 1 or not y == 2", False),
        ("x != 0.37", False),
        ("x <= 0.37", True),
    ],
)
@pytest.mark.parametrize("arithmetic", [NUMPY, MPMATH], ids=["numpy", "mpmath"])
def test_conditions(text, expected, arithmetic):
    condition = parse_condition(text)
    chosen = Select(condition, sympy.Integer(1), sympy.Integer(0))
    assert evaluate(chosen, {"x": X, "y": 2.0}, NOTHING, arithmetic) == expected


def test_selects_element_by_element():
    chosen = Select(parse_condition("x < 0"), symbol("x"), symbol("y"))
    x, y = np.array([-1.0, 1.0, np.nan]), np.array([5.0, 6.0, 7.0])
    np.testing.assert_array_equal(evaluate(chosen, {"x": x, "y": y}, NOTHING), [-1.0, 6.0, 7.0])


def function_scope(**parameters):
    """F(a, b) = k * u^2 * exp(-b) + g(b), with u = a * b for a > 0, else a; g(v) = sin(k * v)."""
    u = DerivedVariable(
        "u",
        (Case(parse_expression("a * b"), parse_condition("a > 0")), Case(parse_expression("a"))),
    )
    functions = {
        "F": Function("F", ("a", "b"), (u,), parse_expression("k * u^2 * exp(-b) + g(b)")),
        "g": Function("g", ("v",), (), parse_expression("sin(k * v)")),
    }
    return Scope(functions, parameters)


def test_functions_call_functions_and_see_parameters():
    scope = function_scope(k=3.0)
    a, b = np.array([2.0, -2.0]), np.array([0.5, 0.7])
    result = evaluate(parse_expression("F(a, b)"), {"a": a, "b": b}, scope)
    u = np.array([1.0, -2.0])
    np.testing.assert_allclose(result, 3 * u**2 * np.exp(-b) + np.sin(3 * b), rtol=1e-15)


def test_derivatives_are_exact_partial_derivatives():
    scope = function_scope(k=np.array([3.0, 4.0]))
    p, q, k = np.array([2.0, 1.5]), np.array([0.5, 0.7]), np.array([3.0, 4.0])
    values = {"p": p, "q": q}
    e = np.exp(-q)
    expected = {
        "diff(F(p, q), a)": 2 * k * p * q**2 * e,
        "diff(F(p, q), b)": k * p**2 * (2 * q - q**2) * e + k * np.cos(k * q),
        "diff(F(p, q), a, a)": 2 * k * q**2 * e,
        "diff(F(p, q), b, a)": 2 * k * p * (2 * q - q**2) * e,
        "diff(F(p, q), b, b)": k * p**2 * (2 - 4 * q + q**2) * e - k**2 * np.sin(k * q),
    }
    for text, value in expected.items():
        np.testing.assert_allclose(evaluate(parse_expression(text), values, scope), value, rtol=1e-14)

"""Values and first and second derivatives of generated functions, against 50 digits."""

import math

import mpmath
import pytest
import sympy
from derivation import A, B, check, derivatives, function
from hypothesis import given, settings
from hypothesis import strategies as st
from printing import python_value

from rateloom.dsl.model import Case, DerivedVariable, Function
from rateloom.dsl.operations import COMPARISONS, OPERATIONS, Select, call, symbol
from rateloom.dsl.operations import OPERATIONS as OP

# Every elementary function, of an argument that keeps it away from poles and from overflow.
TAMED = {
    "exp": lambda u: OP["exp"](-(u**2)),
    "expm1": lambda u: OP["expm1"](OP["sin"](u)),
    "log": lambda u: OP["log"](2 + u**2),
    "log1p": lambda u: OP["log1p"](u**2),
    "log10": lambda u: OP["log10"](3 + OP["cos"](u)),
    "sin": lambda u: OP["sin"](u),
    "cos": lambda u: OP["cos"](u),
    "tan": lambda u: OP["tan"](OP["sin"](u)),
    "asin": lambda u: OP["asin"](OP["sin"](u) / 2),
    "acos": lambda u: OP["acos"](OP["cos"](u) * sympy.Float(0.6)),
    "atan": lambda u: OP["atan"](u),
    "sinh": lambda u: OP["sinh"](OP["tanh"](u)),
    "cosh": lambda u: OP["cosh"](OP["sin"](u)),
    "tanh": lambda u: OP["tanh"](u),
    "abs": lambda u: OP["abs"](OP["tanh"](u)),
    "erf": lambda u: OP["erf"](u),
    "erfc": lambda u: OP["erfc"](u),
    "sqrt": lambda u: sympy.sqrt(1 + u**2),
    "square": lambda u: OP["sin"](u) ** 2,
    "cube": lambda u: (1 + OP["cos"](u)) ** 3,
    "root cubed": lambda u: (2 + OP["sin"](u)) ** sympy.Rational(-3, 2),
    "power": lambda u: (2 + OP["tanh"](u)) ** sympy.Float(1.3),
}
JOINED = {
    "sum": lambda u, v: u + v,
    "difference": lambda u, v: u - 2 * v,
    "product": lambda u, v: OP["tanh"](u) * OP["sin"](v),
    "quotient": lambda u, v: u / (2 + OP["cos"](v)),
    "inverse": lambda u, v: (1 + OP["sin"](u) ** 2) / (1 + v**2),
    "power": lambda u, v: (2 + OP["sin"](u)) ** OP["tanh"](v),
    "minimum": lambda u, v: OP["min"](u, v),
    "maximum": lambda u, v: OP["max"](u, 1 - v),
    "select": lambda u, v: Select(COMPARISONS["<"](u, v), OP["sin"](u), u * OP["tanh"](v)),
}

leaves = st.sampled_from([A, B, A * B, A - B / 2, symbol("p"), sympy.Float(0.7)])


def expressions_of(joined):
    """Draw expressions of elementary functions, joined in some ways."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(sorted(TAMED)), inner).map(lambda c: TAMED[c[0]](c[1])),
            st.tuples(st.sampled_from(sorted(joined)), inner, inner).map(lambda c: joined[c[0]](c[1], c[2])),
        ),
        max_leaves=5,
    )


expressions = expressions_of(JOINED)
# a function of a function may compare two numbers that are apart by less than double precision tells
smooth_expressions = expressions_of(
    {name: join for name, join in JOINED.items() if name not in ("minimum", "maximum", "select")}
)
# off the round numbers at which a minimum or a condition could tie
points = st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)).map(
    lambda at: (round(at[0], 3) + math.pi / 1e4, round(at[1], 3) - math.e / 1e4)
)


@pytest.mark.parametrize("name", sorted(TAMED))
@pytest.mark.parametrize("at", [(0.31, -0.7), (-1.2, 0.45)])
def test_the_rule_of_every_function(name, at):
    check([function(TAMED[name](A * B - B / 3))], at)


def test_every_function_has_a_rule_or_none():
    assert set(OPERATIONS) - set(TAMED) == {"floor", "ceil", "sign", "heaviside", "min", "max"}


@pytest.mark.parametrize("name", sorted(JOINED))
@pytest.mark.parametrize("at", [(0.31, -0.7), (-1.2, 0.45)])
def test_the_rule_of_every_join(name, at):
    check([function(JOINED[name](A * B, A - OP["exp"](B)))], at)


@given(expressions, expressions, expressions, points)
@settings(max_examples=60, deadline=None)
def test_nested_functions_through_intermediates(u, v, result, at):
    mixed = result.subs({A: symbol("v")}) + symbol("u") * A
    check([function(mixed, [("u", u), ("v", v.subs({B: symbol("u")}))])], at)


@given(smooth_expressions, smooth_expressions, points)
@settings(max_examples=25, deadline=None)
def test_functions_that_call_functions(inner, outer, at):
    first = function(inner, name="H")
    second = function(
        call("H", (outer, B)) + call("H", (B, symbol("u"))) * A, [("u", call("H", (A, A * B)))], name="F"
    )
    check([first, second], at)


@pytest.mark.parametrize("x", [-0.5, 0.25, 1.75])
def test_conditionals_follow_the_case_that_holds(x):
    cases = (
        Case(A**2 * B, COMPARISONS["<"](A, sympy.Integer(0))),
        Case(OP["sin"](A) * B, COMPARISONS["<"](A, sympy.Integer(1))),
        Case(B / A),
    )
    check([Function("F", ("a", "b"), (DerivedVariable("u", cases),), symbol("u") ** 2)], (x, 0.8))


@pytest.mark.parametrize(("x", "slope"), [(-2.0, -1.0), (0.0, 1.0), (3.0, 1.0)])
def test_where_there_is_no_derivative_it_is_that_of_a_case(x, slope):
    _, nodes = derivatives([function(OP["abs"](A))], orders=[("a",), ("a", "a")])
    assert python_value(nodes, {"x": x}) == [slope, 0.0]


def test_a_condition_and_whole_numbers_in_it_have_no_part_in_a_derivative():
    step = Select(COMPARISONS[">"](OP["floor"](A), sympy.Integer(1)), A * 3, A * B)
    _, nodes = derivatives([function(step)], orders=[("a",), ("b",)])
    assert python_value(nodes, {"x": 2.5, "y": 7.0}) == [3.0, 0.0]
    assert python_value(nodes, {"x": 1.5, "y": 7.0}) == [7.0, 1.5]


def test_derivatives_that_vanish_are_zero():
    _, nodes = derivatives([function(OP["exp"](A))], orders=[("b",), ("a", "b"), ("b", "b")])
    assert [n.value for n in nodes] == [0.0, 0.0, 0.0]


def test_the_inverse_sine_keeps_its_accuracy_at_the_end_of_its_range():
    _, nodes = derivatives([function(OP["asin"](A))], orders=[("a",)])
    x = 1 - 2**-40
    (found,) = python_value(nodes, {"x": x})
    with mpmath.workdps(50):
        assert found == pytest.approx(float(1 / mpmath.sqrt(1 - mpmath.mpf(x) ** 2)), rel=1e-15)

"""Calls of functions: what they share, and central differences."""

import math

import pytest
import sympy
from derivation import A, B, derivatives, function
from hypothesis import given, settings
from hypothesis import strategies as st
from printing import lowered, model_of, python_value, text

from rateloom.dsl.operations import OPERATIONS as OP
from rateloom.dsl.operations import call, symbol
from rateloom.generator.calls import Functions
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.lower import lower

# off the round numbers at which a minimum or a condition could tie
points = st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)).map(
    lambda at: (round(at[0], 3) + math.pi / 1e4, round(at[1], 3) - math.e / 1e4)
)


def test_arguments_that_are_expressions_count_as_formal_arguments():
    f = function(OP["exp"](A) * B**2)
    x, y = symbol("x"), symbol("y")
    _, nodes = derivatives([f], arguments=(x * y, x + 1), orders=[("a",), ("a", "b"), ("b", "b")])
    e = math.exp(0.3 * 0.7)
    assert python_value(nodes, {"x": 0.3, "y": 0.7}) == pytest.approx([e * 1.69, e * 2.6, e * 2], rel=1e-15)


def ops(nodes):
    """How often each operation is in a list of nodes, with all that is below them."""
    seen, stack, counts = set(), list(nodes), {}
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
            counts[node.op] = counts.get(node.op, 0) + 1
    return counts


def test_value_and_derivatives_share_their_functions():
    mu = [("m", A * 3 + B), ("s", sympy.sqrt(1 + A**2 + B**2))]
    f = function(OP["erfc"](symbol("m") / symbol("s")) / symbol("s"), mu)
    _, nodes = derivatives([f])
    counts = ops(nodes)
    assert (counts["erfc"], counts["exp"], counts["sqrt"]) == (1, 1, 1)


def test_two_populations_share_what_is_equal():
    """The conductance depends on the rates alone; only the adaptation differs."""
    g, v = ("g", OP["exp"](A) + A**2), ("v", (B - symbol("W")) / symbol("g"))
    f = function(OP["erfc"](symbol("v")), [g, v], arguments=("a", "b", "W"))
    x, y, z = (symbol(n) for n in "xyz")
    graph = Graph()
    scope = {n: graph.leaf(n, Depends.NODE) for n in "xyz"}
    library = Functions({"F": f}, {})
    several = [
        lower(graph, call("F", (x, y, w), wrt), scope, library)
        for w in (z, sympy.Integer(0))
        for wrt in [(), ("a",), ("b",), ("a", "a"), ("a", "b")]
    ]
    assert ops(several)["erfc"] == 2
    # one exp for the conductance, one for the derivative of each erfc
    assert ops(several)["exp"] == 3


def test_a_call_and_the_same_call_are_one_node():
    f = function(OP["exp"](A) / B)
    graph, (first, again) = derivatives([f], orders=[("a", "b"), ("a", "b")])
    assert first is again
    assert graph.hints[first] == "d2F_da_db"


@given(points, st.sampled_from([1e-2, 1e-3, 2.0**-20, 1e-7]))
@settings(max_examples=40, deadline=None)
def test_central_differences_are_the_plain_formula(at, h):
    def plain(a, b):
        return math.exp(-(a * a)) * math.sin(b) + a / b

    body = OP["exp"](-(A**2)) * OP["sin"](B) + A / B
    f = function(body, differentiation="central", step=h)
    _, nodes = derivatives([f])
    x, y = at
    expected = [
        plain(x, y),
        (plain(x + h, y) - plain(x - h, y)) / (2 * h),
        (plain(x, y + h) - plain(x, y - h)) / (2 * h),
        (plain(x + h, y) - 2 * plain(x, y) + plain(x - h, y)) / (h * h),
        (plain(x + h, y + h) - plain(x + h, y - h) - (plain(x - h, y + h) - plain(x - h, y - h)))
        / (4 * h * h),
        (plain(x, y + h) - 2 * plain(x, y) + plain(x, y - h)) / (h * h),
    ]
    found = python_value(nodes, {"x": x, "y": y})
    # the sum of two terms may be taken in either order, and a difference is divided by h or h^2
    value = 4 * 2.0**-52 * max(abs(plain(x + i * h, y + j * h)) for i in (-1, 0, 1) for j in (-1, 0, 1))
    lost = [value, value / h, value / h, 4 * value / h**2, value / h**2, 4 * value / h**2]
    for one, other, bound in zip(found, expected, lost, strict=True):
        assert abs(one - other) <= bound


def test_differences_of_a_parabola_are_its_derivatives():
    f = function(3 * A**2 + 5 * A * B, differentiation="central", step=0.25)
    _, nodes = derivatives([f])
    assert python_value(nodes, {"x": 2.0, "y": 1.0}) == [22.0, 17.0, 10.0, 6.0, 5.0, 0.0]


def test_a_function_that_calls_one_with_differences_is_exact():
    inner = function(A**3, name="H", arguments=("a",), differentiation="central", step=0.5)
    outer = function(call("H", (A,)) * B)
    _, nodes = derivatives([inner, outer], orders=[("a",)])
    assert python_value(nodes, {"x": 2.0, "y": 1.0}) == [12.0]
    _, nodes = derivatives([inner, outer], name="H", arguments=(symbol("x"),), orders=[("a",)])
    assert python_value(nodes, {"x": 2.0}) == [12.25]


def test_a_derivative_inside_a_function_is_differentiated_again():
    inner = function(A**4, name="H", arguments=("a",))
    outer = function(call("H", (A,), ("a", "a")) * B)
    _, nodes = derivatives([inner, outer], orders=[(), ("a",), ("a", "a")])
    assert python_value(nodes, {"x": 2.0, "y": 1.0}) == pytest.approx([48.0, 48.0, 24.0], rel=1e-15)


def test_the_names_of_the_language_reach_the_same_nodes():
    model = model_of(
        """<StateVariable name="x" initial="0"/><Function name="F" arguments="a, b">
        <Return value="exp(a) * b"/></Function>
        <Dynamics><TimeDerivative variable="x" value="diff(F(2 * x, 3), a, b)"/></Dynamics>"""
    )
    _, node = lowered(model.time_derivatives[0].value, model.functions)
    assert text(node) == "math.exp(real(2.0) * x)"

"""Any tree written down is read as what Python computes; any text at all is read or refused."""

import math
import re

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from rateloom.dsl.operations import OPERATIONS
from rateloom.dsl.parser import ExpressionError, parse, parse_condition, parse_expression

VALUES = {"a": 0.7, "b": -1.3, "lambda": 2.9, "x1": 11.0}
UNARY = {
    "exp": math.exp,
    "tanh": math.tanh,
    "erf": math.erf,
    "cos": math.cos,
    "abs": abs,
    "floor": math.floor,
}

numbers = st.one_of(
    st.integers(0, 50).map(str),
    st.floats(0.01, 50).map(lambda v: f"{v:.6g}"),
    st.sampled_from(["1e-3", "2.5E+1", ".5", "3."]),
)
leaves = st.one_of(numbers, st.sampled_from(list(VALUES)))


def grow(children):
    pair = st.tuples(children, children)
    return st.one_of(
        st.tuples(pair, st.sampled_from(["+", "-", "*", "/"])).map(lambda t: f"({t[0][0]} {t[1]} {t[0][1]})"),
        pair.map(lambda t: f"{t[0]} - {t[1]} * 2"),
        st.tuples(children, st.sampled_from(["2", "3", "-1", "0"])).map(lambda t: f"({t[0]})^{t[1]}"),
        children.map(lambda t: f"(-({t}))"),
        st.tuples(st.sampled_from(list(UNARY)), children).map(lambda t: f"{t[0]}({t[1]})"),
        pair.map(lambda t: f"max({t[0]}, {t[1]})"),
    )


expressions = st.recursive(leaves, grow, max_leaves=12)


def python_value(text, factor=1.0):
    """Evaluate with Python's own floats, every name's value times a factor."""
    values = {f"{name}_": value * factor for name, value in VALUES.items()}
    for name in VALUES:
        text = re.sub(rf"\b{name}\b", f"{name}_", text)
    return float(eval(text.replace("^", "**"), {"__builtins__": {}}, {**UNARY, "max": max, **values}))


def value_of(expression):
    """Evaluate what was parsed, by a reading of its own."""
    if expression.is_Symbol:
        return VALUES[str(expression)]
    if expression.is_Number or expression is sympy.pi:
        return float(expression)
    arguments = [value_of(argument) for argument in expression.args]
    if expression.is_Add:
        return math.fsum(arguments)
    if expression.is_Mul:
        return math.prod(arguments)
    if expression.is_Pow:
        return math.pow(*arguments)
    name = next(name for name, cls in OPERATIONS.items() if expression.func is cls)
    return float({**UNARY, "max": max}[name](*arguments))


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_reading_gives_what_python_computes(text):
    try:
        expected = python_value(text)
    except (ZeroDivisionError, OverflowError, ValueError):
        return
    try:
        parsed = parse(text)
        actual = value_of(parsed.expression)
    except (ExpressionError, ZeroDivisionError, OverflowError, ValueError):
        # x/(y - y) and the like are refused; a sum that cancels may be on either side of a pole.
        return
    if well_conditioned(text, expected):
        assert actual == pytest.approx(expected, rel=1e-6, abs=1e-6)


def well_conditioned(text, expected):
    """Tell whether a change of the values in the tenth digit leaves the result almost alone."""
    try:
        moved = [python_value(text, factor) for factor in (1 - 1e-10, 1 + 1e-10)]
    except (ZeroDivisionError, OverflowError, ValueError):
        return False
    return all(abs(m - expected) <= 1e-7 * max(1.0, abs(expected)) for m in moved)


@settings(max_examples=200, deadline=None)
@given(expressions.filter(lambda text: not any(name in text for name in VALUES)))
def test_constants_are_known(text):
    try:
        expected = python_value(text)
        parsed = parse(text)
    except (ZeroDivisionError, OverflowError, ValueError):
        return
    if abs(expected) < 1e12:
        assert parsed.constant is not None
        assert parsed.constant == pytest.approx(expected, rel=1e-6, abs=1e-6)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for read in (parse_expression, parse_condition):
        try:
            read(text)
        except ExpressionError as error:
            assert 1 <= error.column <= len(text) + 1
            assert "\n" not in error.message


PIECES = [
    "a", "lambda", "1", "2.5", "1e308", "0", "inf", "pi", "exp", "sqrt", "diff", "F", "P", "min", "log",
    "+", "-", "*", "/", "^", "**", "(", ")", "[", "]", ",", "<", "==", ".lt.", "and", "or", "not", " ",
]  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_sequence_of_tokens_is_read_or_refused(text):
    for read in (parse_expression, parse_condition):
        try:
            result = read(text)
        except ExpressionError as error:
            assert 1 <= error.column <= len(text) + 1
        else:
            assert not result.has(sympy.zoo, sympy.nan, sympy.I)

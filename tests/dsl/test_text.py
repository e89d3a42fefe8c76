"""Expressions written as text and read again."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rateloom.dsl.operations import OPERATIONS, Select, symbol
from rateloom.dsl.parser import ExpressionError, parse_condition, parse_expression
from rateloom.dsl.text import expression_text

_NAMES = st.sampled_from(["x", "y", "tau_E", "V_j", "pi", "P[3]", "lambda"])
_NUMBERS = st.sampled_from(["0", "1", "2", "3", "10", "0.1", "0.5", "1e-05", "2.5", "7.", "123456789"])
_POWERS = st.sampled_from(["2", "3", "0.5", "1.5", "-1", "(-2)", "0.3", "(1/3)", "y"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) * ({p[1]}) / ({p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) - ({p[1]}) * ({p[2]})"),
        st.tuples(inner, _POWERS).map(lambda p: f"({p[0]})^{p[1]}"),
        inner.map(lambda a: f"-({a})"),
        st.tuples(st.sampled_from(["exp", "sin", "sqrt", "abs", "erfc"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(st.sampled_from(["min", "max", "F"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        st.tuples(inner, inner).map(lambda p: f"diff(F({p[0]}, {p[1]}), x, y)"),
    )


_EXPRESSIONS = st.recursive(st.one_of(_NAMES, _NUMBERS), _grown, max_leaves=8)
_RELATIONS = st.tuples(_EXPRESSIONS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _EXPRESSIONS).map(
    lambda p: f"({p[0]}) {p[1]} ({p[2]})"
)
_CONDITIONS = st.recursive(
    _RELATIONS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        inner.map(lambda a: f"not ({a})"),
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(_EXPRESSIONS)
def test_reading_the_text_of_an_expression_gives_the_expression(text: str) -> None:
    try:
        expression = parse_expression(text)
    except ExpressionError:
        assume(False)
    assert parse_expression(expression_text(expression)) == expression


@settings(max_examples=50, deadline=None)
@given(_CONDITIONS)
def test_reading_the_text_of_a_condition_gives_the_condition(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ExpressionError:
        assume(False)
    assert parse_condition(expression_text(condition)) == condition


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Delta / (pi * tau) + 2 * V * r", "Delta/(pi*tau) + 2*V*r"),
        ("sin(theta_j - theta)", "sin(theta_j - theta)"),
        ("-x * (y + z)", "-x*(y + z)"),
        ("x / sqrt(2 * y)", None),
        ("sqrt(x)", "sqrt(x)"),
        ("1 / x^2", "1/x^2"),
        ("x^(-2.5)", "1/x^(5/2)"),
        ("(x^2)^y", "(x^2)^y"),
        ("(-2)^x", "(-2)^x"),
        ("2^(-x)", "2^(-x)"),
        ("1000 * r", "1000*r"),
        ("diff(F(a, b), x)", "diff(F(a, b), x)"),
        ("min(a, b)", "min(a, b)"),
        ("-inf", "-inf"),
    ],
)
def test_texts_are_as_one_would_write_them(text: str, written: str | None) -> None:
    expression = parse_expression(text)
    assert parse_expression(expression_text(expression)) == expression
    assert written is None or expression_text(expression) == written


def test_conditions_have_only_the_parentheses_that_they_need() -> None:
    text = "not x < 1 and (y > 2 or x + 1 == y) and x != 0"
    assert expression_text(parse_condition(text)) == text


def test_a_select_reads_as_a_sentence() -> None:
    condition = parse_condition("x < 0")
    e = Select(condition, symbol("a"), Select(parse_condition("x > 1"), symbol("b"), sympy.Integer(0)))
    assert expression_text(e) == "if x < 0 then a else if x > 1 then b else 0"


def test_what_the_language_cannot_say_is_refused() -> None:
    with pytest.raises(TypeError, match="no text for"):
        expression_text(sympy.Integral(symbol("x"), symbol("x")))
    assert OPERATIONS["exp"](symbol("x")) == parse_expression(expression_text(OPERATIONS["exp"](symbol("x"))))

"""Translating RateML's dialect: names, values, expressions, conditions and exposures, with every leniency."""

from __future__ import annotations

import math

import pytest
from dialect0_files import codes, file, load, refused

from rateloom.dsl.dialect0 import translate
from rateloom.dsl.load import load_model
from rateloom.dsl.text import expression_text
from rateloom.dsl.tree import Element, read_tree


def test_the_name_is_the_files() -> None:
    assert load().name == "one"
    assert load_model("a-b/my model.v2.xml", file()).name == "my_model_v2"
    assert load_model("2d.xml", file()).name == "model_2d"
    assert load_model("time.xml", file()).name == "model_time"


def test_a_single_component_type_is_a_file() -> None:
    text = file().removeprefix("<Lems>").removesuffix("</Lems>")
    assert load_model("one.xml", text) == load()


@pytest.mark.parametrize(
    ("state", "initial", "bounds", "warned"),
    [
        ('dimension="0, 1" exposure="None"', (0, 1), (None, None), []),
        ('dimension="0, 1"', (0, 1), (None, None), []),
        ('dimension="2.5, 2.5" exposure="-inf, inf"', (2.5,), (None, None), []),
        ('dimension="2.5" exposure="none, 3"', (2.5,), (None, 3), []),
        ('dimension="0, 2*pi" exposure="0.0, None"', (0, 2 * math.pi), (0, None), []),
        ('dimension="1, -1" exposure=""', (-1, 1), (None, None), ["W302"]),
        ('dimension="-1, 3" exposure="0, 2"', (0, 2), (0, 2), ["W303"]),
        ('dimension="0.0, -2.0" exposure="0.0, inf"', (0,), (0, None), ["W302", "W303"]),
        ('dimension="5, 6" exposure="0, 1"', (1,), (0, 1), ["W303"]),
    ],
)
def test_initial_range_and_bounds(
    state: str, initial: tuple[float, ...], bounds: tuple[float | None, ...], warned: list[str]
) -> None:
    model = load(state=state)
    (x,) = model.state_variables
    assert x.initial == initial
    assert (x.lower, x.upper) == bounds
    assert codes(model) == warned


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<Constant name="k" value="1.0f"/>', (1.0, None, None)),
        ('<Constant name="k" value=".5f" dimension="None"/>', (0.5, None, None)),
        ('<Constant name="k" value="1e-3f" dimension=""/>', (1e-3, None, None)),
        ('<Constant name="k" value="60.0 * 2.0 / 1e3" dimension="lo=0, hi=1, step=.1"/>', (0.12, 0, 1)),
        ('<Constant name="k" value="0.5" dimension="lo=1, hi=0, step=0.1"/>', (0.5, 0, 1)),
        ('<Constant name="k" value="{2^3}" dimension="none"/>', (8.0, None, None)),
        ('<Constant name="k" value="exp(0)" dimension="none"/>', (1.0, None, None)),
        ('<Parameter name="k" dimension="0.25, 2"/>', (0.25, 0.25, 2)),
        ('<Parameter name="k" dimension="2, 0.25"/>', (0.25, 0.25, 2)),
        ('<Parameter name="k" dimension="1.0, 1.0"/>', (1.0, None, None)),
    ],
)
def test_values_and_ranges(value: str, expected: tuple[float | None, ...]) -> None:
    (k,) = load(values=value, derivative="-k*x").parameters
    assert (k.values[0], k.minimum, k.maximum) == expected


def test_a_constant_computed_from_another_is_derived() -> None:
    model = load(values='<Constant name="a" value="2"/><Constant name="b" value="3*a"/>', derivative="-b*x")
    assert [p.name for p in model.parameters] == ["a"]
    assert [(p.name, expression_text(p.value)) for p in model.derived_parameters] == [("b", "3*a")]


def test_warnings_about_values() -> None:
    assert codes(load(values='<Parameter name="k" dimension="0, 1"/>')) == ["W308"]
    twice = '<Constant name="k" value="2.0"/><Constant name="k" value="2"/>'
    model = load(values=twice)
    assert codes(model) == ["W301"]
    assert len(model.parameters) == 1


def test_a_constant_with_two_values_is_refused() -> None:
    assert refused(file(values='<Constant name="k" value="2"/><Constant name="k" value="3"/>')) == ["E105"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{x^2}", "x^2"),
        ("-{x^2}", "-x^2"),
        ("1/{x^2}", "1/x^2"),
        ("{x + 1^2}", "(x + 1)^2"),
        ("{x^-1}", "1/x"),
        ("{{x^2}^3}", "x^6"),
        ("{2^{x^3}}", "2^(x^3)"),
        ("{(x^2 + 1)^3}", "(x^2 + 1)^3"),
        ("{exp(x)^2}", "exp(x)^2"),
        ("{x^(1/2)}", "sqrt(x)"),
        ("2.0f * x", "2.0*x"),
        ("x\n  + 1", "x + 1"),
    ],
)
def test_expressions(text: str, meant: str) -> None:
    (derivative,) = load(derivative=text).time_derivatives
    assert expression_text(derivative.value) == meant


def conditional(*cases: str) -> str:
    return f'<ConditionalDerivedVariable name="y">{"".join(cases)}</ConditionalDerivedVariable>'


@pytest.mark.parametrize(
    ("condition", "meant", "warned"),
    [
        ("x &lt; 0.5f", "x < 0.5", []),
        ("x .gt. 1 .and. x .leq. 3", "x > 1 and x <= 3", []),
        ("x &gt; 1 || x &lt; 0 &amp;&amp; x != 2", "x > 1 or x < 0 and x != 2", []),
        ("k", "k != 0", ["W306"]),
        ("k + 1", "k + 1 != 0", ["W306"]),
    ],
)
def test_conditions(condition: str, meant: str, warned: list[str]) -> None:
    cases = conditional(f'<Case condition="{condition}" value="1"/>', '<Case condition="else" value="0"/>')
    model = load(values='<Constant name="k" value="1"/>', members=cases, derivative="y")
    first, last = model.derived_variables[0].cases
    assert expression_text(first.condition) == meant
    assert last.condition is None
    assert codes(model) == warned


def test_the_last_of_several_cases_is_otherwise() -> None:
    model = load(
        members=conditional('<Case condition="x&lt;0" value="1"/>', '<Case condition="x>=0" value="2"/>'),
        derivative="y",
    )
    assert model.derived_variables[0].cases[1].condition is None
    assert codes(model) == ["W314"]


def test_a_conditional_without_otherwise_case_is_refused() -> None:
    cases = conditional('<Case condition="x&lt;0" value="1"/>')
    assert len(refused(file(members=cases, derivative="y"))) == 1
    early = conditional('<Case value="1"/>', '<Case condition="x&lt;0" value="1"/>', '<Case value="2"/>')
    assert refused(file(members=early, derivative="y")) == ["E409"]


def test_one_over_n_node_is_no_whole_number() -> None:
    values = '<DerivedParameter name="rec_n" value="1 / n_node"/>'
    assert [
        expression_text(p.value) for p in load(values=values, derivative="rec_n*x").derived_parameters
    ] == ["1/n_node"]
    assert codes(load(values=values)) == ["W316"]


@pytest.mark.parametrize(
    ("exposure", "name", "value", "warned"),
    [
        ('<Exposure name="x" dimension="x"/>', "x", "x", []),
        ('<Exposure name="x" dimension="None"/>', "x", "x", []),
        ('<Exposure name="x" dimension="{x^2}"/>', "x", "x", ["W317"]),
        ('<Exposure name="square" dimension="{x^2}"/>', "square", "x^2", ["W317"]),
        ('<Exposure name="x - 1.0f" dimension=""/>', "exposure_0", "x - 1.0", ["W317"]),
    ],
)
def test_exposures(exposure: str, name: str, value: str, warned: list[str]) -> None:
    model = load(exposure=exposure)
    assert [(e.name, expression_text(e.value)) for e in model.exposures] == [(name, value)]
    assert codes(model) == warned


def test_derivatives_pair_by_name() -> None:
    more = '<StateVariable name="dx" dimension="0, 0"/><TimeDerivative variable="ddx" value="2 - dx"/>'
    model = load(members=more)
    assert {d.variable: expression_text(d.value) for d in model.time_derivatives} == {
        "x": "-x",
        "dx": "2 - dx",
    }


def test_the_tree_is_plain_and_keeps_places() -> None:
    tree, _ = translate(read_tree("one.xml", file()))
    assert isinstance(tree, Element)
    assert tree.tag == "Model"
    assert all(child.where.file == "one.xml" for child in tree.children)

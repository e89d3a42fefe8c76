"""Translating RateML's dialect: every leniency, and what is bad in a file."""

from __future__ import annotations

import math
import time

import pytest

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.dialect0 import translate
from rateloom.dsl.dialect0_leniencies import LENIENCIES
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model
from rateloom.dsl.text import expression_text
from rateloom.dsl.tree import Element, read_tree


def file(
    values: str = "",
    state: str = 'dimension="0, 1" exposure=""',
    members: str = "",
    derivative: str = "-x",
    coupling: str = "",
    more: str = "",
    exposure: str = '<Exposure name="x" dimension=""/>',
) -> str:
    """A small file with parts put in; ``x`` is its state."""
    component = f'<ComponentType name="coupling_one">{coupling}</ComponentType>' if coupling else ""
    return (
        f'<Lems><ComponentType name="derivatives">{values}{exposure}<Dynamics>'
        f'<StateVariable name="x" {state}/>{members}<TimeDerivative variable="dx" value="{derivative}"/>'
        "</Dynamics></ComponentType>"
        f"{component}{more}</Lems>"
    )


def load(**parts: str) -> Model:
    return load_model("some/one.xml", file(**parts))


def codes(model: Model) -> list[str]:
    return [w.code for w in model.warnings if w.code in LENIENCIES]


def refused(text: str) -> list[str]:
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", text)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.diagnostics)
    return [d.code for d in caught.value.diagnostics]


SPEED = '<DerivedParameter name="rec_speed_dt" value="1 / 2.0f / dt"/>'
NOISE = '<ComponentType name="noise"/>'
COUPLING = (
    '<Parameter name="x_j" dimension="x"/><DerivedParameter name="c" value="{factor}"/>'
    '<Dynamics><DerivedVariable name="pre" value="{pre}"/>'
    '<DerivedVariable name="post" value="{post}"/></Dynamics>'
)


def coupled(pre: str = "x_j", post: str = "1.0", factor: str = "None", **parts: str) -> Model:
    text = COUPLING.replace("{factor}", factor).replace("{pre}", pre).replace("{post}", post)
    parts["values"] = parts.get("values", "") + SPEED
    return load(coupling=parts.pop("before", "") + text, derivative="c - x", **parts)


def sum_of(model: Model) -> tuple[str, str]:
    (coupling,) = model.couplings
    return expression_text(coupling.pre), expression_text(coupling.post)


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


@pytest.mark.parametrize(
    ("parts", "pre", "post", "warned"),
    [
        ({}, "x_j", "gx", []),
        ({"factor": "k"}, "x_j", "gx*k", []),
        ({"factor": "k", "post": "k + 1"}, "x_j", "gx*k*(k + 1)", []),
        ({"pre": "x_j - x", "post": "None"}, "x_j - x", "gx", []),
        ({"factor": "x"}, "x_j", "gx*x", ["W305"]),
        ({"post": "x_j + 1", "pre": "x"}, "x*(x_j + 1)", "gx", []),
    ],
)
def test_couplings(parts: dict[str, str], pre: str, post: str, warned: list[str]) -> None:
    model = coupled(**parts, values='<Constant name="k" value="3"/>')
    assert sum_of(model) == (pre, post)
    assert [c for c in codes(model) if c != "W309"] == warned


def test_a_coupling_parameter_by_index_under_any_name() -> None:
    coupling = COUPLING.format(factor="1", pre="sin(q - x)", post="1").replace(
        'name="x_j" dimension="x"', 'name="q" dimension="0"'
    )
    model = load(values=SPEED, coupling=coupling, derivative="c")
    assert expression_text(model.couplings[0].pre) == "sin(x_j - x)"
    assert set(codes(model)) == {"W309", "W304"}


def test_a_coupling_without_pre_is_its_factor() -> None:
    model = load(coupling='<DerivedParameter name="c" value="2 * x"/>', derivative="-c")
    assert model.couplings == ()
    assert [(v.name, expression_text(v.value)) for v in model.derived_variables] == [("c", "2*x")]
    assert codes(model) == ["W312"]


def test_a_coupling_without_delays() -> None:
    text = COUPLING.format(factor="1", pre="x_j", post="1")
    for values in ("", '<DerivedParameter name="rec_speed_dt" value="0"/>'):
        model = load(values=values, coupling=text, derivative="c")
        assert not model.couplings[0].delays
        assert "W315" in codes(model)
    assert coupled().couplings[0].delays


def test_constants_of_a_coupling() -> None:
    def constant(value: str) -> str:
        return f'<Constant name="k" value="{value}"/>'

    alone = coupled(before=constant("2"), post="k")
    assert [(p.name, p.values) for p in alone.parameters] == [("k", (2.0,))]
    same = coupled(before=constant("2"), values=constant("2.0"), post="k")
    assert ([p.name for p in same.parameters], codes(same)) == (["k"], ["W301", "W309"])
    other = coupled(before=constant("3"), values=constant("2"), post="k * k", factor="k")
    assert [(p.name, p.values) for p in other.parameters] == [("k", (2.0,)), ("k_coupling_one", (3.0,))]
    assert expression_text(other.couplings[0].post) == "gx*k_coupling_one^3"
    assert "W313" in codes(other)


@pytest.mark.parametrize(
    ("holder", "warned", "says"),
    [
        ('<Parameter name="global_speed" dimension="0.0, 2.0"/>', {"W307", "W309"}, "speed=0 … 2 "),
        ('<Parameter name="global_speed" dimension="1.0, 2.0"/>', {"W309"}, "speed=1 … 2 "),
        ('<Parameter name="global_speed" dimension="4, 4"/>', {"W309"}, "speed=4 "),
        ('<Constant name="global_speed" value="4"/>', {"W309"}, "speed=4 "),
    ],
)
def test_speed_is_left_to_the_run(holder: str, warned: set[str], says: str) -> None:
    values = holder + '<DerivedParameter name="rec_speed_dt" value="1.0f / global_speed / (dt)"/>'
    model = load(values=values)
    assert model.parameters == model.derived_parameters == ()
    assert set(codes(model)) == warned
    assert says in next(w.message for w in model.warnings if w.code == "W309")


def test_a_speed_that_equations_use_stays() -> None:
    values = '<Constant name="v" value="4"/><DerivedParameter name="rec_speed_dt" value="1 / v / dt"/>'
    assert [p.name for p in load(values=values, derivative="-v*x").parameters] == ["v"]


@pytest.mark.parametrize(
    ("nsig", "sigma", "warned"),
    [
        ("sqrt(dt) * sqrt(2.0 * 1e-5)", math.sqrt(2e-5), []),
        ("sqrt(2 * 0.08 * dt)", 0.4, []),
        ("0.01", 0.01, ["W310"]),
        ("0.01f", 0.01, ["W310"]),
    ],
)
def test_a_constant_nsig_is_a_parameter(nsig: str, sigma: float, warned: list[str]) -> None:
    model = load(values=f'<DerivedParameter name="nsig" value="{nsig}"/>', more=NOISE)
    (parameter,) = model.parameters
    assert parameter.name == "nsig"
    assert parameter.values[0] == pytest.approx(sigma, rel=1e-14)
    assert [(n.variable, str(n.sigma)) for n in model.noises] == [("x", "nsig")]
    assert codes(model) == warned


@pytest.mark.parametrize(
    ("nsig", "sigma", "warned"),
    [
        ("sqrt(dt) * D", "D", []),
        ("sqrt(dt * D)", "sqrt(D)", []),
        ("{D^2}", "D^2", ["W310"]),
        ("D * dt", "D*sqrt(dt)", ["W318"]),
    ],
)
def test_a_computed_nsig_is_derived(nsig: str, sigma: str, warned: list[str]) -> None:
    values = f'<Constant name="D" value="0.1"/><DerivedParameter name="nsig" value="{nsig}"/>'
    model = load(values=values, more=NOISE)
    assert [expression_text(p.value) for p in model.derived_parameters] == [sigma]
    assert codes(model) == warned


def test_noise_without_nsig_and_nsig_without_noise() -> None:
    model = load(more=NOISE)
    assert [str(n.sigma) for n in model.noises] == ["1"]
    assert codes(model) == ["W311"]
    swept = load(values='<Parameter name="nsig" dimension="0.01, 0.05"/>', more=NOISE)
    assert [p.name for p in swept.parameters] == ["nsig"]
    assert set(codes(swept)) == {"W308", "W310"}
    quiet = load(values='<DerivedParameter name="nsig" value="0.1"/>')
    assert (quiet.noises, quiet.parameters, codes(quiet)) == ((), (), ["W316"])


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


_BAD = {
    "no derivatives": ('<Lems><ComponentType name="noise"/></Lems>', {"E401"}),
    "empty": ("<Lems/>", {"E401"}),
    "twice": (file(more='<ComponentType name="derivatives"/>'), {"E401"}),
    "stray component": (file(more='<ComponentType name="plasticity"/>'), {"E401"}),
    "component without a name": (file(more="<ComponentType/>"), {"E401", "E403"}),
    "include": (file().replace("<Lems>", '<Lems><Include file="/etc/passwd"/>'), {"E402"}),
    "events": (file(members="<OnStart/>"), {"E402"}),
    "value missing": (file(values='<Constant name="k"/>'), {"E403"}),
    "name missing": (file(values='<Constant value="1"/>'), {"E403"}),
    "unknown attribute": (file(values='<Constant name="k" value="1" unit="ms"/>'), {"E403"}),
    "range not a number": (file(values='<Parameter name="k" dimension="0, a"/>'), {"E404"}),
    "range infinite": (file(values='<Parameter name="k" dimension="0, inf"/>'), {"E404"}),
    "range of three": (file(values='<Parameter name="k" dimension="0, 1, 2"/>'), {"E404"}),
    "range missing": (file(values='<Parameter name="k"/>'), {"E404"}),
    "range huge": (file(values='<Parameter name="k" dimension="0, 1e999"/>'), {"E404"}),
    "domain": (file(values='<Constant name="k" value="1" dimension="from 0"/>'), {"E404"}),
    "no such state": (file(members='<TimeDerivative variable="dy" value="1"/>'), {"E405"}),
    "initial missing": (file(state=""), {"E403", "E406"}),
    "initial nan": (file(state='dimension="nan, 1"'), {"E406"}),
    "bounds": (file(state='dimension="0, 1" exposure="PI"'), {"E406"}),
    "index": (file(coupling=COUPLING.replace('n="x"', 'n="1"')), {"E407"}),
    "negative index": (file(coupling=COUPLING.replace('n="x"', 'n="-1"')), {"E407"}),
    "no result": (file(coupling='<Parameter name="x_j" dimension="0"/>'), {"E408"}),
    "post alone": (
        file(
            coupling='<DerivedParameter name="c" value="1"/><Dynamics>'
            '<DerivedVariable name="post" value="2"/></Dynamics>'
        ),
        {"E408"},
    ),
}


@pytest.mark.parametrize(("text", "expected"), _BAD.values(), ids=list(_BAD))
def test_bad_files(text: str, expected: set[str]) -> None:
    assert set(refused(text)) == expected


def test_all_errors_come_at_once_with_their_lines() -> None:
    text = file(values='\n<Parameter name="k" dimension="?"/>\n<Text/>').replace('"dx"', '"dy"')
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", text)
    assert [(d.where.line, d.code) for d in caught.value.diagnostics] == [
        (2, "E404"),
        (3, "E402"),
        (3, "E405"),
    ]


def test_errors_of_expressions_have_the_lines_of_the_file() -> None:
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", file(members='\n\n<DerivedVariable name="y" value="2 * q"/>', derivative="y"))
    (error,) = caught.value.diagnostics
    assert (error.where.line, error.code) == (3, "E101")


@pytest.mark.parametrize(
    "text",
    [
        file(derivative="{" * 9000 + "x" + "}" * 900),
        file(derivative="{" * 200_000 + "x"),
        file(derivative="1" * 200_000 + "f"),
        file(derivative="{x^" * 3000 + "x" + "}" * 3000),
        file(values='<Constant name="k" value="{9^{9^{9^9}}}"/>', derivative="k"),
        file(values='<Constant name="k" value="1"/><Constant name="k" value="2"/>' * 4000),
        file(members='<TimeDerivative variable="dq" value="1"/>' * 5000),
        file(more='<ComponentType name="coupling"/>' * 9000),
        file(values='<DerivedParameter name="nsig" value="1"/>' * 9000, more=NOISE),
        file(state='dimension="' + "1," * 100_000 + '1"'),
    ],
    ids=range(10),
)
def test_what_is_huge_is_refused_in_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", text)
    assert time.process_time() - start < 30
    assert max(map(len, str(caught.value).splitlines())) < 300


def test_the_tree_is_plain_and_keeps_places() -> None:
    tree, _ = translate(read_tree("one.xml", file()))
    assert isinstance(tree, Element)
    assert tree.tag == "Model"
    assert all(child.where.file == "one.xml" for child in tree.children)

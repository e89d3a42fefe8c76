"""Translating RateML's dialect: couplings, speed and noise."""

from __future__ import annotations

import math

import pytest
from dialect0_files import COUPLING, NOISE, SPEED, codes, coupled, load

from rateloom.dsl.model import Model
from rateloom.dsl.text import expression_text


def sum_of(model: Model) -> tuple[str, str]:
    (coupling,) = model.couplings
    return expression_text(coupling.pre), expression_text(coupling.post)


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

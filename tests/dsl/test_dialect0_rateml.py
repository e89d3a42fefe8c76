"""RateML's own files, unmodified: what they load to, held against formulae written by hand."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
import sympy

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.dialect0 import translate
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model
from rateloom.dsl.tree import read_tree
from rateloom.dsl.writer import write_tree

RATEML = Path(__file__).parents[3] / "shared" / "rateml"
LOADABLE = ("epileptor", "kuramoto", "montbrio", "oscillator", "rwongwang", "rwongwang_deco")
pytestmark = pytest.mark.skipif(not RATEML.is_dir(), reason="RateML's files are not at ../shared/rateml")

Values = dict[str, np.ndarray]
_OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "exp": np.exp, "sin": np.sin, "less": np.less, "not_equal": np.not_equal,
    "Select": lambda c, a, b: np.where(c, a, b),
}  # fmt: skip


def evaluate(e: sympy.Basic, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Value of an expression of the model language."""
    if isinstance(e, sympy.Symbol):
        return values[e.name]
    if not e.args:
        return np.float64(float(e))
    arguments = [evaluate(a, values) for a in e.args]
    if isinstance(e, sympy.Add):
        return reduce(operator.add, arguments)
    if isinstance(e, sympy.Mul):
        return reduce(operator.mul, arguments)
    return (
        arguments[0] ** arguments[1]
        if isinstance(e, sympy.Pow)
        else _OPERATIONS[type(e).__name__](*arguments)
    )


def at_random_states(name: str, **ranges: tuple[float, float]) -> tuple[Values, Values]:
    """Values of everything at fifty random states, and the derivatives there; ``gx`` is random too."""
    model, rng = load_model(RATEML / f"{name}.xml"), np.random.default_rng(7)
    v: Values = {p.name: np.float64(p.values[0]) for p in model.parameters}
    for state in model.state_variables:
        v[state.name] = rng.uniform(*ranges.get(state.name, (-2.0, 2.0)), 50)
    v["gx"] = rng.uniform(-1.0, 1.0, 50)
    for derived in model.derived_parameters:
        v[derived.name] = evaluate(derived.value, v)
    for coupling in model.couplings:
        v[coupling.name] = evaluate(coupling.post, v)
    for variable in model.derived_variables:
        v[variable.name] = evaluate(variable.value, v)
    return v, {d.variable: evaluate(d.value, v) for d in model.time_derivatives}


def assert_equal(got: Values, expected: Values) -> None:
    assert list(got) == list(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, rtol=1e-12, atol=1e-12, err_msg=name)


def load(name: str) -> Model:
    return load_model(RATEML / f"{name}.xml")


def codes(model: Model) -> list[tuple[int, str]]:
    return [(w.where.line, w.code) for w in model.warnings if w.code.startswith("W3")]


def test_montbrio() -> None:
    v, got = at_random_states("montbrio", r=(0, 2))
    r, V, c = v["r"], v["V"], 0.33 * v["gx"]
    # Montbrió, Pazó, Roxin 2015 (doi 10.1103/PhysRevX.5.021028), equation 12, with tau = 1.
    expected = {"r": 0.7 / np.pi + 2 * V * r, "V": V**2 - (np.pi * r) ** 2 - 4.6 + 14.5 * r + c}
    assert_equal(got, expected)


def test_montbrio_initial_range_noise_and_warnings() -> None:
    model = load("montbrio")
    assert model.name == "montbrio"
    assert model.description.startswith("2D model describing the Ott-Antonsen reduction")
    r, V = model.state_variables
    assert (r.initial, r.lower, r.upper) == ((0.0,), 0.0, None)
    assert (V.initial, V.lower, V.upper) == ((-2.0, 1.5), None, None)
    assert [(n.variable, str(n.sigma)) for n in model.noises] == [("r", "nsig"), ("V", "nsig")]
    parameters = {p.name: p for p in model.parameters}
    assert parameters["nsig"].values == (0.01,)
    G = parameters["global_coupling"]
    assert (G.values, G.minimum, G.maximum) == ((0.33,), 0.33, 0.5)
    assert (parameters["Delta"].minimum, parameters["Delta"].maximum) == (0.0, 10.0)
    assert "rec_speed_dt" not in {p.name for p in model.derived_parameters}
    expected = [
        (8, "W308"),
        (10, "W316"),
        (13, "W309"),
        (15, "W310"),
        (39, "W302"),
        (39, "W303"),
        (59, "W304"),
    ]
    assert codes(model) == expected
    assert "speed=1.0 " in next(w.message for w in model.warnings if w.code == "W309")


def test_kuramoto() -> None:
    v, got = at_random_states("kuramoto")
    assert_equal(got, {"V": np.full(50, 60.0 * 2.0 * 3.1415927 / 1e3) + v["gx"]})
    model = load("kuramoto")
    source, target = np.linspace(-3, 3, 7), np.linspace(1, 2, 7)
    got_pre = evaluate(model.couplings[0].pre, {"V_j": source, "V": target})
    np.testing.assert_allclose(got_pre, np.sin(source - target), rtol=1e-15)
    assert model.couplings[0].delays
    assert (model.state_variables[0].lower, model.state_variables[0].upper) == (-2.0, 1.0)
    assert [(n.variable, str(n.sigma)) for n in model.noises] == [("V", "nsig")]
    nsig = next(p for p in model.parameters if p.name == "nsig")
    # sqrt(dt) * sqrt(2e-5) a step is sqrt(2e-5) dW.
    np.testing.assert_allclose(nsig.values[0], math.sqrt(2e-5), rtol=1e-14)
    assert codes(model) == [(9, "W316"), (10, "W309"), (31, "W304")]


def test_oscillator() -> None:
    v, got = at_random_states("oscillator")
    V, W, c = v["V"], v["W"], v["gx"]
    # Sanz-Leon et al. 2015 (doi 10.1016/j.neuroimage.2015.01.002), with this file's coupling c * V.
    expected = {"V": 0.02 * (W - V**3 + 3 * V**2 + 0.1 + c * V), "W": 0.02 * (0.5 + 0.4 * V - 4 * V**2 - W)}
    assert_equal(got, expected)
    model = load("oscillator")
    assert model.noises == ()
    assert "c_a" in {p.name for p in model.parameters}


def _rate(x: np.ndarray, a: float, b: float, d: float) -> np.ndarray:
    """Transfer function of the dynamic mean-field model."""
    return (a * x - b) / (1 - np.exp(-d * (a * x - b)))


def test_rwongwang() -> None:
    v, got = at_random_states("rwongwang", V=(0, 1), W=(0, 1))
    V, W, c = v["V"], v["W"], v["gx"]
    # Deco et al. 2014 (doi 10.1523/JNEUROSCI.5068-13.2014), equations 5 to 10.
    excitatory = _rate(0.382 + 1.4 * 0.15 * V + c - W, 310.0, 125.0, 0.16)
    inhibitory = _rate(0.7 * 0.382 + 0.15 * V - W, 615.0, 177.0, 0.087)
    expected = {"V": -V / 100 + (1 - V) * 0.641e-3 * excitatory, "W": -W / 10 + 1e-3 * inhibitory}
    assert_equal(got, expected)
    model = load("rwongwang")
    assert [(s.initial, s.lower, s.upper) for s in model.state_variables] == [((0.0, 1.0), 0.0, 1.0)] * 2
    assert codes(model) == [(13, "W309"), (39, "W301"), (73, "W304")]


def test_rwongwang_deco() -> None:
    v, got = at_random_states("rwongwang_deco", S_e=(0, 1), S_i=(0, 1))
    S_e, S_i, c = v["S_e"], v["S_i"], v["gx"]
    current = 310.0 * (0.382 + 1.4 * 0.15 * S_e + c - S_i) - 125.0
    rate = current / (1 - np.exp(-0.16 * current))
    inhibitory = _rate(0.7 * 0.382 + 0.15 * S_e - S_i, 615.0, 177.0, 0.087)
    expected = {
        "S_e": -S_e / 100 + rate * (1 - S_e) * 0.641e-3,
        "S_i": -S_i / 10 + inhibitory * 1e-3,
        "H_e": rate - v["H_e"],
        "I_e": current - v["I_e"],
    }
    assert_equal(got, expected)
    model = load("rwongwang_deco")
    # Its coupling parameter is called V_j and there is no V: dimension 0 is S_e.
    assert str(model.couplings[0].pre) == "S_e_j"
    assert [e.name for e in model.exposures] == ["S_e", "S_i", "H_e", "I_e"]
    assert codes(model) == [(13, "W309"), (73, "W304")]


def test_epileptor() -> None:
    v, got = at_random_states("epileptor", z=(-1, 5))
    x1, y1, z, x2, y2, g, c = (v[n] for n in ("x1", "y1", "z", "x2", "y2", "g", "gx"))
    c = 1.6 * c
    # Jirsa et al. 2014 (doi 10.1093/brain/awu133), but with this file's first equation, whose last term
    # lacks the factor x1.
    fast = np.where(x1 < 0, -(x1**2) + 3 * x1, -x2 + 0.6 * (z - 4) ** 2)
    slow = 4 * (x1 + 1.6) + np.where(z < 0, -0.1 * z**7, 0)
    second = np.where(x2 < -0.25, 0, 6 * (x2 + 0.25))
    expected = {
        "x1": y1 - z + 3.1 + 0.0 * c + fast,
        "y1": 1 - 5 * x1**2 - y1,
        "z": 0.00035 * (slow - z + 0.0 * c),
        "x2": -y2 + x2 - x2**3 + 0.45 + 2 * g - 0.3 * (z - 3.5) + 0.0 * g,
        "y2": (-y2 + second) / 10,
        "g": -0.01 * (g - 0.1 * x1),
    }
    assert_equal(got, expected)


def test_epileptor_couplings_and_warnings() -> None:
    model = load("epileptor")
    v, _ = at_random_states("epileptor")
    np.testing.assert_array_equal(v["c_pop1"], v["g"])
    assert [c.name for c in model.couplings] == ["c_pop0"]
    np.testing.assert_allclose(evaluate(model.couplings[0].pre, {"x1_j": 0.3, "x1": 1.0}), np.sin(-0.7))
    h = next(d for d in model.derived_variables if d.name == "h")
    on = evaluate(h.value, {**v, "modification": np.float64(1)})
    np.testing.assert_allclose(on, -1.6 + 3 / (1 + np.exp(-(v["x1"] + 0.5) / 0.1)), rtol=1e-13)
    expected = [(8, "W307"), (9, "W308"), (11, "W316"), (13, "W309"), (15, "W316"), (68, "W306")]
    assert codes(model) == [*expected, (98, "W304"), (115, "W312")]
    assert [e.name for e in model.exposures] == ["x1", "x2"]


@pytest.mark.parametrize("name", LOADABLE)
def test_the_converted_file_loads_to_an_equal_model(name: str) -> None:
    original = load(name)
    text = write_tree(translate(read_tree(RATEML / f"{name}.xml"))[0])
    converted = load_model(f"{name}.xml", text)
    assert converted == original
    assert converted.hash == original.hash
    assert not codes(converted)


@pytest.mark.parametrize("name", LOADABLE)
def test_lines_are_those_of_the_original(name: str) -> None:
    lines = (RATEML / f"{name}.xml").read_text().splitlines()
    for derivative in load(name).time_derivatives:
        assert f'variable="d{derivative.variable}"' in lines[derivative.where.line - 1]


def test_a_file_that_is_not_well_formed() -> None:
    with pytest.raises(ModelError) as caught:
        load("zerlaut")
    (error,) = caught.value.diagnostics
    assert (error.where.line, error.code) == (123, "E002")


def test_a_file_that_fails_its_own_schema() -> None:
    with pytest.raises(ModelError) as caught:
        load("model_template")
    found = [(d.where.line, d.code) for d in caught.value.diagnostics]
    # The schema's own complaints: an attribute 'expression', then 'domain' and 'default'.
    assert (15, "E403") in found
    assert found.count((20, "E403")) == 2
    # Placeholders where numbers and states belong.
    assert {(10, "E404"), (11, "E404"), (28, "E406"), (58, "E407"), (69, "E408")} <= set(found)
    assert len(str(caught.value).splitlines()) == len(found)

"""Sizes of noise that parameters make negative are refused before anything runs."""

import re

import pytest
from fake_backend import FakeBackend

import rateloom
from rateloom.drivers.backends import registry
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.load import load_model

TEXT = """<Model name="noisy"> <Parameter name="s" value="0.7"/> <Parameter name="P" value="1, 0.5" size="2"/>
  <DerivedParameter name="d" value="2 * s - P[1]"/> <StateVariable name="x" initial="0"/>
  <Dynamics> <TimeDerivative variable="x" value="-x"/> </Dynamics>
  <Noise variable="x" sigma="{}"/> <Exposure name="x"/> </Model>"""


@pytest.fixture
def fake(monkeypatch):
    backend = FakeBackend()
    monkeypatch.setitem(registry.OPENERS, "numba", backend.open)
    return backend


def sweep(sigma, axes, parameters=None, **more):
    how = {"connectome": "synthetic:3", "duration": 2.0, "dt": 0.5, "progress": False, **more}
    model = load_model("noisy.xml", TEXT.format(sigma))
    return rateloom.sweep(model, axes, parameters=parameters, **how)


@pytest.mark.parametrize(
    ("sigma", "axes", "parameters", "says"),
    [
        ("s", {}, {"s": -1.0}, "noise of x: with s=-1 its sigma is -1; it must be zero or more"),
        ("s", {}, {"s": [0.1, 0.2, -0.3]}, "with s=-0.3 of node 2 its sigma is -0.3"),
        ("s", {"s": [0.0, 0.1, -0.2]}, {}, "with s=-0.2 its sigma is -0.2"),
        ("sqrt(2 * s)", {"s": [0.1, -0.2]}, {}, "with s=-0.2 its sigma is no number"),
        ("d", {"s": [1.0, 0.2]}, {}, "with P[1]=0.5, s=0.2 its sigma is -0.1"),
        ("P[0] - s", {"s": [0.5, 1.5], "P[0]": [1.0, 2.0]}, {}, "with P[0]=1, s=1.5 its sigma is -0.5"),
    ],
)
def test_a_size_below_zero_is_refused(fake, sigma, axes, parameters, says):
    with pytest.raises(InputError, match=re.escape(says)):
        sweep(sigma, axes, parameters)
    assert not fake.calls["run"]


@pytest.mark.parametrize(
    ("sigma", "axes", "parameters", "more"),
    [
        ("s", {"s": [0.0, 0.1]}, {}, {}),
        ("s", {}, {"s": -1.0}, {"noise": False}),
        ("s * x", {}, {"s": -1.0}, {}),  # which the run alone knows
        ("d", {}, {"s": 0.25}, {}),
    ],
)
def test_others_run(fake, sigma, axes, parameters, more):
    sweep(sigma, axes, parameters, **more)
    assert fake.calls["run"]

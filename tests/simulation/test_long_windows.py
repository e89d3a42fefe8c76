"""Averages over many steps, in which each sum has what rounding left of the last, and times that are late."""

from __future__ import annotations

import numpy as np
import pytest

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.load import load_model

DT = 0.01
ONE_NODE = rateloom.Connectome(np.zeros((1, 1)), np.zeros((1, 1)), name="one_node")
# What is averaged: numbers that single precision rounds, and one that is not finite.
TEXT = """
<Model name="seen">
  <Parameter name="tenth" value="0.1"/>
  <StateVariable name="x" initial="0"/> <StateVariable name="angle" initial="0" period="2 * pi"/>
  <Dynamics>
    <TimeDerivative variable="x" value="0"/> <TimeDerivative variable="angle" value="0.25"/>
  </Dynamics>
  <Exposure name="constant" value="x + tenth"/> <Exposure name="negative" value="-7 * tenth - x"/>
  <Exposure name="endless" value="1 / x"/> <Exposure name="angle"/>
</Model>"""


def means(steps: int, backend: str, windows: int = 2) -> dict[str, np.ndarray]:
    result = rateloom.simulate(
        load_model("seen.xml", TEXT), connectome=ONE_NODE, duration=windows * steps * DT, dt=DT, threads=1,
        period=steps * DT, dtype="float32", integrator="euler", progress=False, backend=backend,
    )  # fmt: skip
    assert int(result.diverged_step) == -1
    return {name: result[name].values.ravel() for name in ("constant", "negative", "endless", "angle")}


def check(found: dict[str, np.ndarray], steps: int) -> None:
    np.testing.assert_allclose(found["constant"], 0.1, rtol=2**-22)
    np.testing.assert_allclose(found["negative"], -0.7, rtol=2**-22)
    assert np.isposinf(found["endless"]).all()
    # the middle of its path
    path = 0.25 * DT * (steps * np.arange(found["angle"].size) + (steps + 1) / 2)
    apart = np.abs(np.exp(1j * found["angle"]) - np.exp(1j * path))
    assert apart.max() <= 1e-5 + 2**-22 * path.max()


@pytest.mark.parametrize("steps", [100_000, pytest.param(10**6, marks=pytest.mark.slow)])
def test_a_constant_is_its_mean(steps: int) -> None:
    check(means(steps, "numba"), steps)


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
@pytest.mark.parametrize("steps", [10_000, pytest.param(10**6, marks=pytest.mark.slow)])
def test_a_constant_is_its_mean_on_the_emulated_device(steps: int) -> None:
    found, reference = means(steps, "emulated"), means(steps, "numba")
    check(found, steps)
    for name, values in reference.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param("numba", marks=pytest.mark.slow),
        pytest.param("emulated", marks=pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")),
    ],
)
def test_a_late_time_alone_is_in_double_precision(backend: str) -> None:
    text = """
<Model name="late">
  <StateVariable name="x" initial="0"/> <Dynamics><TimeDerivative variable="x" value="0"/></Dynamics>
  <Exposure name="wave" value="sin(2 * pi * 0.01 * t) + x"/>
  <Exposure name="onset" value="heaviside(t - 9999999) + x"/>
</Model>"""
    steps, dt = 40_000, 250.5
    result = rateloom.simulate(
        load_model("late.xml", text), connectome=ONE_NODE, duration=steps * dt, dt=dt, monitor="raw",
        threads=1, dtype="float32", integrator="euler", progress=False, backend=backend,
    )  # fmt: skip
    times = np.arange(1, steps + 1) * dt
    np.testing.assert_allclose(result["wave"].values.ravel(), np.sin(2 * np.pi * 0.01 * times), atol=1e-6)
    np.testing.assert_array_equal(result["onset"].values.ravel(), times >= 9999999)

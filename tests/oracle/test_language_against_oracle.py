"""One model that uses every construct of the language, in the generated kernels and in the oracle."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom import oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.load import load_model

EVERYTHING = """
<Model name="everything" version="1">
  <Parameter name="k" value="0.7"/>
  <Parameter name="P" size="3" value="0.2, 1.5, -0.4"/>
  <Parameter name="switch" value="1"/>
  <DerivedParameter name="kk" value="k * P[1] + log1p(k)"/>
  <StateVariable name="x" initial="-0.5, 0.5" lower="-0.9" upper="0.9"/>
  <StateVariable name="y" initial="0.3"/>
  <StateVariable name="z" initial="0, 1"/>
  <Coupling name="far" pre="tanh(k * x_j) * y_j" post="0.1 * gx / n_node"/>
  <Coupling name="near" pre="exp(x_j - x) - z_j" post="0.01 * gx + 0.1 * y" delays="false"/>
  <Coupling name="phase" pre="sin(y_j - y) + P[0] * cos(x_j + x)" post="0.05 * gx"/>
  <Input name="drive" default="0.25"/>
  <Input name="unused_here" default="0.5"/>
  <Function name="inner" arguments="u" description="also sees k">
    <DerivedVariable name="s" value="1 / (1 + exp(-k * u))"/>
    <Return value="s * (1 - s) + erf(u)"/>
  </Function>
  <Function name="F" arguments="a, b">
    <ConditionalDerivedVariable name="bent">
      <Case condition="a &lt; 0 and not b &gt; 1" value="a^2"/>
      <Case condition="b == 2 or b != b" value="100"/>
      <Case value="a^3 * b"/>
    </ConditionalDerivedVariable>
    <Return value="inner(a) * exp(-b^2) + 0.3 * bent"/>
  </Function>
  <Dynamics>
    <DerivedVariable name="curved" value="diff(F(x, y), a, b)"/>
    <DerivedVariable name="slopes" value="diff(F(x, y), a) + 0.2 * diff(F(x, y), b) + 0.1 * curved"/>
    <ConditionalDerivedVariable name="gate">
      <Case condition="switch &gt; 0.5 and t &gt;= 2" value="sqrt(abs(x) + 1e-3)"/>
      <Case condition="z &lt;= 0.1" value="heaviside(x) + sign(y)"/>
      <Case value="min(x, y) + max(x, z)"/>
    </ConditionalDerivedVariable>
    <DerivedVariable name="mixture" value="atan(x) + sinh(y) / cosh(y) + asin(x) * acos(x) + tan(x / 2)"/>
    <DerivedVariable name="steps" value="floor(3 * z) - ceil(2 * y) + erfc(z) + expm1(x) + log10(1.5 + z^2)"/>
    <TimeDerivative variable="x" value="-x + 0.1 * slopes + far + drive + dt * gate"/>
    <TimeDerivative variable="y" value="-kk * y + 0.1 * mixture + near + unused_here * cos(t)"/>
    <TimeDerivative variable="z" value="0.1 * steps - abs(z)^1.5 * sign(z) + phase + 0.1 * gate + P[2]"/>
  </Dynamics>
  <Noise variable="x" sigma="0.05 * k"/>
  <Noise variable="z" sigma="0.02 * (1 + x^2)"/>
  <Exposure name="x"/><Exposure name="y"/><Exposure name="z"/>
  <Exposure name="seen" value="far * t + gate + drive"/>
</Model>
"""
DT, STEPS, N = 0.05, 120, 6


# Numba takes ten seconds to compile it
@pytest.mark.parametrize(
    ("backend", "integrator", "noise"),
    [
        pytest.param(
            "emulated", "heun", True,
            marks=pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine"),
        ),
        *(pytest.param("numba", *row, marks=pytest.mark.slow) for row in (("heun", True), ("euler", False))),
    ],
)  # fmt: skip
def test_everything_together(backend: str, integrator: str, noise: bool) -> None:
    model = load_model("everything.xml", EVERYTHING)
    connectome = rateloom.connectome(f"synthetic:{N}")
    random = np.random.default_rng(4)
    stimulus = random.normal(size=(30, N))
    settings = {
        "dt": DT,
        "integrator": integrator,
        "noise": noise,
        "seed": 12,
        "item": 3,
        "speed": 20.0,
        "parameters": {"k": random.uniform(0.5, 1, N), "P": [0.3, 1.2, -0.2], "switch": np.arange(N) % 2},
        "initial": {"y": random.uniform(-0.5, 0.5, N)},
    }
    arrays = connectome.weights, connectome.tract_lengths
    expected = oracle.simulate(
        model, *arrays, steps=STEPS, inputs={"drive": (stimulus, STEPS * DT / 30)}, **settings
    )["raw"]
    stamped = xr.DataArray(stimulus, dims=("time", "node"), coords={"time": np.arange(30) * STEPS * DT / 30})
    for drive in (stimulus, stamped):
        result = rateloom.simulate(
            model, connectome=connectome, normalize="none", duration=STEPS * DT, monitor="raw",
            dtype="float64", inputs={"drive": drive}, threads=1, backend=backend, **settings,
        )  # fmt: skip
        for name, series in expected.items():
            assert np.isfinite(series).all()
            scale = np.abs(series).max()
            np.testing.assert_allclose(result[name].values, series, rtol=0, atol=1e-11 * scale, err_msg=name)

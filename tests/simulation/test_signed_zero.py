"""Powers of a zero with a minus on every target: whole odd powers keep its sign, all others lose it."""

from __future__ import annotations

import numpy as np
import pytest

import rateloom
from rateloom import oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.load import load_model

ALONE = np.zeros((1, 1))
EXPONENTS = (-3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, -0.3)
SEEN = "".join(f'<Exposure name="e{k}" value="(-z * x)^({e})"/>' for k, e in enumerate(EXPONENTS))
# once before time begins, and in its loop
MODEL = load_model(
    "zero.xml",
    f"""
<Model name="zero">
  <Parameter name="z" value="0"/> <DerivedParameter name="before" value="(-z)^(-0.5)"/>
  <StateVariable name="x" initial="1"/>
  <Dynamics><TimeDerivative variable="x" value="0"/></Dynamics>
  {SEEN} <Exposure name="before" value="before + x"/>
</Model>""",
)
RUNS = [
    pytest.param("numba", "float64", marks=pytest.mark.slow),
    pytest.param("numba", "float32", marks=pytest.mark.slow),
    *(
        pytest.param(
            "emulated", dtype, marks=pytest.mark.skipif(host_compiler() is None, reason="no compiler")
        )
        for dtype in ("float64", "float32")
    ),
]


def check(seen: dict[str, float]) -> None:
    assert seen.pop("before") == np.inf
    with np.errstate(all="ignore"):
        for (name, value), exponent in zip(seen.items(), EXPONENTS, strict=True):
            assert value == np.power(-0.0, exponent), (name, exponent)


@pytest.mark.parametrize(("backend", "dtype"), RUNS)
def test_powers_have_the_signs_of_c(backend: str, dtype: str) -> None:
    result = rateloom.simulate(
        MODEL, connectome=rateloom.Connectome(ALONE, ALONE), duration=0.1, dt=0.1, monitor="raw", dtype=dtype,
        backend=backend, threads=1, progress=False,
    )  # fmt: skip
    check({e.name: float(result[e.name].values.item()) for e in MODEL.exposures})


def test_powers_of_the_oracle_have_the_signs_of_c() -> None:
    run = oracle.simulate(MODEL, ALONE, ALONE, steps=1)
    check({name: float(series.item()) for name, series in run["raw"].items()})

"""The classical Runge-Kutta scheme: the oracle's values on both backends, and its order of convergence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from agreement import kernel_run, of_item, oracle_run, share
from emulation import cuda_run, job_of
from special_models import TEXTS, model_from

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

pytestmark = pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
STEPS = 33
emulated = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")

# A turn about the origin in 2 pi ms, and a state that only time drives: stages must know when they are.
TURNING = """
<Model name="turning">
  <StateVariable name="x" initial="1"/> <StateVariable name="y" initial="0"/>
  <StateVariable name="z" initial="0"/>
  <Dynamics>
    <TimeDerivative variable="x" value="y"/> <TimeDerivative variable="y" value="-x"/>
    <TimeDerivative variable="z" value="cos(3 * t)"/>
  </Dynamics>
  <Exposure name="x"/> <Exposure name="y"/> <Exposure name="z"/>
</Model>"""
RUN = {"connectome": "synthetic:3", "monitor": "raw", "dtype": "float64", "progress": False}


@pytest.mark.parametrize(
    ("name", "run_of"),
    [
        pytest.param("driven", cuda_run, id="driven-emulated", marks=emulated),
        *(pytest.param(name, cuda_run, id=f"{name}-emulated", marks=[emulated, pytest.mark.slow])
          for name in TEXTS if name != "driven"),
        *(pytest.param(name, kernel_run, id=f"{name}-numba", marks=pytest.mark.slow) for name in TEXTS),
    ],
)  # fmt: skip
def test_runs_are_the_oracles(name: str, run_of: Callable[..., xr.Dataset]) -> None:
    """Rounding alone differs, as with the other schemes."""
    job = job_of(name, "rk4", "float64", False, 4)
    run = run_of(job, STEPS)
    for item in (0, job.n_item - 1):
        _, expected = oracle_run(job, item, STEPS)
        for exposure, series in expected.items():
            assert share(of_item(run, exposure, item), series) <= 1e-11, (item, exposure)


@pytest.mark.parametrize(
    ("integrator", "order"),
    [("rk4", 4), *(pytest.param(*row, marks=pytest.mark.slow) for row in (("euler", 1), ("heun", 2)))],
)
def test_the_order_of_convergence_on_an_uncoupled_oscillator(integrator: str, order: int) -> None:
    """Half the step, and the error at the end is 2**order times smaller, next to rounding."""

    def errors(n: int) -> np.ndarray:
        run = rateloom.simulate(model_from(TURNING), duration=2.0, dt=2.0 / n, integrator=integrator, **RUN)
        exact = {"x": np.cos(2.0), "y": -np.sin(2.0), "z": np.sin(6.0) / 3}
        return np.array([abs(run[name].values[-1, 0] - value) for name, value in exact.items()])

    coarse, fine = errors(64), errors(128)
    np.testing.assert_allclose(np.log2(coarse / fine), order, atol=0.1)
    assert order < 4 or fine.max() < 1e-8


def test_noise_that_is_off_or_not_there_is_no_obstacle() -> None:
    run = {**RUN, "duration": 1.0, "integrator": "rk4"}
    rateloom.simulate(model_from(TURNING), noise=True, **run)
    rateloom.simulate("linear", noise=False, **run)
    with pytest.raises(
        rateloom.InputError, match=r"^integrator='rk4' is for equations without noise"
    ) as refused:
        rateloom.simulate("linear", noise=True, **run)
    assert "\n" not in str(refused.value)

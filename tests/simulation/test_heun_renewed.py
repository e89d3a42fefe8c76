"""Heun's scheme with renewed coupling: the oracle's values, one result on all targets, second order."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np
import pytest
import xarray as xr
from agreement import Job, kernel_run, of_item, oracle_run, pairwise, share
from emulation import cuda_run
from scipy.linalg import expm
from small_connectomes import SPEED, far, instant_edges, middling, short_own_edges
from special_models import SHIPPED, TEXTS, model_from

import rateloom
from rateloom import Connectome, oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

pytestmark = pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
STEPS, WINDOW = 33, 6
EMULATED = pytest.param(
    cuda_run, marks=pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
)
# a step rounds up to a hundred operations, a run amplifies that
WHOLE_RUN = {"float64": 1e-11, "float32": 1e-3}
BRAINS = {brain().name: brain for brain in (instant_edges, short_own_edges, middling, far)}

# each row is two kernels: all pairs of the special models, and each shipped model once
ROWS = pairwise((tuple(TEXTS), tuple(BRAINS), ("float64", "float32"), (True, False), (1, 4, 16)))
ROWS += [(name, "middling", "float32", True, 16) for name in SHIPPED]
ROWS = [("driven", "instant_edges", "float64", True, 4), *ROWS]


@pytest.mark.parametrize(
    ("name", "brain", "dtype", "noise", "lanes"),
    [pytest.param(*row, marks=pytest.mark.slow) for row in dict.fromkeys(ROWS)],
)
def test_runs_are_the_oracles_and_the_same_on_all_targets(
    name: str, brain: str, dtype: str, noise: bool, lanes: int
) -> None:
    job = Job(name, BRAINS[brain](), SPEED, "heun_renewed", dtype, noise, lanes, 16)
    raw, averaged = kernel_run(job, STEPS), kernel_run(job, STEPS, window=WINDOW)
    for item in (0, job.n_item - 1):
        _, expected = oracle_run(job, item, STEPS)
        for exposure, series in expected.items():
            period = job.periods.get(exposure)
            means = oracle.tavg(series, WINDOW, period)
            assert share(of_item(raw, exposure, item), series, period) <= WHOLE_RUN[dtype], exposure
            assert share(of_item(averaged, exposure, item), means, period) <= WHOLE_RUN[dtype], exposure
    # a function written by hand for Numba calculates with literals of double precision
    if host_compiler() and (name, dtype) != ("transfers", "float32"):
        for window, ours in ((1, raw), (WINDOW, averaged)):
            device = cuda_run(job, STEPS, window=window)
            for variable in ours.data_vars:
                np.testing.assert_array_equal(device[variable], ours[variable], err_msg=str(variable))


@pytest.mark.parametrize("run_of", [EMULATED, pytest.param(kernel_run, marks=pytest.mark.slow)])
@pytest.mark.parametrize("brain", ["instant_edges", pytest.param("far", marks=pytest.mark.slow)])
def test_a_history_is_read_where_it_belongs(brain: str, run_of: Callable[..., xr.Dataset]) -> None:
    job = Job("driven", BRAINS[brain](), SPEED, "heun_renewed", "float64", True, 4, 16)
    states, _ = oracle_run(job, 0, 20)
    states = np.concatenate([np.repeat(states[:1], 40, axis=0), states])
    experiment = job.experiment(0, 1)
    _, expected = oracle.step(experiment, states, 0)
    run = run_of(job, 1, history=states)
    for exposure, reference in expected.items():
        assert share(of_item(run, exposure, 0)[0], reference) <= 1e-12, exposure


def test_launches_of_other_lengths_change_no_bit() -> None:
    job = Job("driven", middling(), SPEED, "heun_renewed", "float64", True, 4, 16)
    run = cuda_run(job, STEPS, window=WINDOW)
    assert run.identical(cuda_run(job, STEPS, window=WINDOW, segment=5))


@pytest.mark.slow
def test_a_run_of_numbas_kernels_is_the_same_again() -> None:
    job = Job("driven", middling(), SPEED, "heun_renewed", "float64", True, 4, 16)
    xr.testing.assert_equal(kernel_run(job, STEPS), kernel_run(job, STEPS))


# One node that hears itself `delay` ms later: x' = -x(t - delay).
DELAYED = """
<Model name="delayed">
  <StateVariable name="x" initial="1"/> <Coupling name="c" pre="x_j" post="-gx"/>
  <Dynamics> <TimeDerivative variable="x" value="c"/> </Dynamics>
  <Exposure name="x"/>
</Model>"""
ALONE = {"monitor": "raw", "dtype": "float64", "progress": False, "calibrate": False, "normalize": "none"}


def delayed_solution(t: float, delay: float) -> float:
    """Return x at t, from x = 1 until t = 0: by the method of steps, a polynomial for each delay."""
    terms = range(int(np.ceil(t / delay)) + 1)
    return float(sum((-1) ** k * (t - (k - 1) * delay) ** k / factorial(k) for k in terms))


def test_the_solution_of_the_delayed_equation_solves_it() -> None:
    t = np.linspace(3.01, 3.99, 50)
    slope = [(delayed_solution(x + 1e-5, 1.0) - delayed_solution(x - 1e-5, 1.0)) / 2e-5 for x in t]
    np.testing.assert_allclose(slope, [-delayed_solution(x - 1.0, 1.0) for x in t], atol=1e-9)
    assert delayed_solution(0.5, 1.0) == 0.5


@pytest.mark.parametrize(
    ("integrator", "order", "backend"),
    [
        ("heun_renewed", 2, "emulated"), ("euler", 1, "emulated"), ("heun", 1, "emulated"),
        *(
            pytest.param(*row, "numba", marks=pytest.mark.slow)
            for row in (("heun_renewed", 2), ("euler", 1), ("heun", 1))
        ),
    ],
)  # fmt: skip
def test_the_order_of_convergence_on_a_scalar_delay_equation(
    integrator: str, order: int, backend: str
) -> None:
    """Half the step, and the error at the end is 2**order times smaller; holding the coupling costs one."""
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    brain = Connectome(np.ones((1, 1)), np.full((1, 1), 1.0))

    def error(n: int) -> float:
        run = rateloom.simulate(
            model_from(DELAYED), connectome=brain, speed=1.0, duration=4.0, dt=1.0 / n,
            integrator=integrator, backend=backend, **ALONE,
        )  # fmt: skip
        return abs(float(run["x"].values[-1, 0]) - delayed_solution(4.0, 1.0))

    assert np.log2(error(64) / error(128)) == pytest.approx(order, abs=0.05)


@pytest.mark.parametrize(
    ("integrator", "order"), [("heun_renewed", 2), pytest.param("heun", 1, marks=pytest.mark.slow)]
)
def test_the_order_of_convergence_without_delays(integrator: str, order: int) -> None:
    """Three nodes that hear each other at once: the solution is a matrix exponential."""
    weights = np.array([[0.5, 1.0, 0.0], [0.3, 0.0, 0.8], [0.0, 0.6, 0.2]])
    exact = expm(-weights * 2.0) @ np.ones(3)

    def error(n: int) -> float:
        run = rateloom.simulate(
            model_from(DELAYED), connectome=Connectome(weights, np.zeros((3, 3))), duration=2.0, dt=2.0 / n,
            integrator=integrator, **ALONE,
        )  # fmt: skip
        return float(np.abs(run["x"].values[-1] - exact).max())

    assert np.log2(error(64) / error(128)) == pytest.approx(order, abs=0.05)

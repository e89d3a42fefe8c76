"""States that are angles: kept within a turn, averaged along their path, and measured as what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from agreement import Array
from numpy.typing import NDArray

import rateloom
from rateloom import oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

TURN = 2 * np.pi
WEIGHTS = np.array([[0.0, 1.0], [1.0, 0.0]])
# so far apart that blocks of steps are as long as in most other tests, whose kernels are the same
LENGTHS = 20 * WEIGHTS
PAIR = rateloom.Connectome(WEIGHTS, LENGTHS, name="pair")
emulated = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")


def apart(a: Array, b: Array, period: float = TURN) -> Array:
    """Distances the short way round."""
    difference = np.asarray(a, float) - b
    return np.abs(difference - period * np.round(difference / period))


def run(steps: int, model: Model | str = "kuramoto", **changes: object) -> NDArray[np.floating]:
    settings = {
        "connectome": PAIR, "duration": steps * 0.1, "dt": 0.1, "monitor": "raw", "dtype": "float32",
        "threads": 1, "noise": False, "progress": False, "speed": 10.0,
        "parameters": {"omega": 0.7, "G": 0.02}, "initial": {"theta": [0.5, 2.0]},
    }  # fmt: skip
    return rateloom.simulate(model, **{**settings, **changes})["theta"].values


@pytest.mark.slow
@pytest.mark.parametrize("steps", [10**5, 10**6, 10**7])
def test_a_phase_is_right_after_many_turns_and_a_locked_pair_does_not_drift(steps: int) -> None:
    omega = np.array([0.7, 0.701])
    settings = {"parameters": {"omega": omega, "G": 0.02}, "monitor": "raw", "integrator": "euler"}
    single, double = (run(steps, dtype=dtype, **settings) for dtype in ("float32", "float64"))
    assert single.dtype == np.float32
    assert (single >= 0).all() and (single < np.float32(TURN)).all()
    # a step and a frequency are rounded to single precision: 3e-8 of a phase of 7e4, the same for both
    drift = apart(single[-1], double[-1])
    assert (drift <= 1e-7 * 0.7 * steps * 0.1).all()
    locked = [path[-1, 1] - path[-1, 0] for path in (single, double)]
    assert apart(locked[0], locked[1]) <= 1e-5


def test_a_free_phase_is_its_frequency_times_the_time() -> None:
    steps, omega, dt = 10**6, 0.75, 0.125  # numbers of single precision
    still = {"parameters": {"omega": omega, "G": 0.0}, "initial": {"theta": 0.5}, "integrator": "euler"}
    phase = run(steps, dt=dt, duration=steps * dt, **still)[-1]
    # what a step adds is rounded itself: without a carry, 0.5 of 93,750 rad would be lost
    assert (apart(phase, 0.5 + omega * steps * dt) <= 1e-4).all()


@pytest.mark.parametrize(
    "backend", [pytest.param("numba", marks=pytest.mark.slow), pytest.param("emulated", marks=emulated)]
)
@pytest.mark.parametrize("initial", [-100.0, -1e-9, 0.0, 6.2831853, 1234.5])
def test_initial_values_may_be_any(initial: float, backend: str) -> None:
    for omega in (0.5, -0.5):
        changes = {"initial": {"theta": initial}, "parameters": {"omega": 1.0, "G": 0.0}}
        if omega < 0:
            changes["model"] = backwards()
        path = run(60, backend=backend, **changes)
        assert (path >= 0).all() and (path < np.float32(TURN)).all()
        wanted = initial + np.sign(omega) * 0.1 * np.arange(1, 61)
        assert (apart(path, wanted[:, None]) <= 1e-4 * max(1.0, abs(initial) / 1000)).all()


def backwards() -> Model:
    """The phase of a clock that runs backwards, with a period that no power of two divides."""
    text = (Path(__file__).parents[2] / "models" / "kuramoto.xml").read_text("utf-8")
    return load_model("kuramoto.xml", text.replace('value="omega + c"', 'value="-omega + c"'))


# each is a kernel of its own
@pytest.mark.parametrize(
    "backend", [pytest.param("numba", marks=pytest.mark.slow), pytest.param("emulated", marks=emulated)]
)
@pytest.mark.parametrize(
    ("model", "dtype"),
    [
        pytest.param("kuramoto", "float32", id="forwards-float32"),
        pytest.param(backwards(), "float64", id="backwards-float64"),
        pytest.param("kuramoto", "float64", id="forwards-float64", marks=pytest.mark.slow),
        pytest.param(backwards(), "float32", id="backwards-float32", marks=pytest.mark.slow),
    ],
)
def test_a_mean_is_that_of_the_path_within_the_window(model: Model | str, dtype: str, backend: str) -> None:
    # windows of 7 steps lie across blocks of steps; a window of 130 has several turns
    for window in (7, 130):
        changes = {"dtype": dtype, "backend": backend, "parameters": {"omega": 2.0, "G": 0.3}}
        raw = run(1300, model, **changes).astype(float)
        means = run(1300, model, monitor="tavg", period=0.1 * window, **changes)
        wanted = oracle.tavg(raw, window, TURN)
        assert means.shape == wanted.shape and (means >= 0).all() and (means < np.float32(TURN)).all()
        assert (apart(means, wanted) <= (2e-4 if dtype == "float32" else 1e-12)).all()


# the first has the kernel of the phase above
@pytest.mark.parametrize(
    ("integrator", "dtype", "tolerance"),
    [
        ("euler", "float32", 1e-5),
        *(
            pytest.param(integrator, dtype, tolerance, marks=pytest.mark.slow)
            for integrator in ("euler", "heun", "rk4")
            for dtype, tolerance in (("float32", 1e-5), ("float64", 1e-12))
            if (integrator, dtype) != ("euler", "float32")
        ),
    ],
)
def test_the_oracle_keeps_an_angle_as_the_kernels_do(integrator: str, dtype: str, tolerance: float) -> None:
    model = rateloom.load("kuramoto")
    settings = {"dt": 0.1, "speed": 10.0, "integrator": integrator}
    states = oracle.simulate(
        model, WEIGHTS, LENGTHS, steps=2000, initial={"theta": [0.5, 2.0]}, dtype=dtype,
        parameters={"omega": 0.7, "G": 0.02}, **settings,
    )["states"]  # fmt: skip
    assert states.dtype == dtype and (states[1:] >= 0).all() and (states[1:] < TURN).all()
    assert (apart(run(2000, dtype=dtype, integrator=integrator), states[1:, 0]) <= tolerance).all()


def angle_alone(folder: Path) -> Model:
    """A model that exposes nothing but its phase."""
    text = (Path(__file__).parents[2] / "models" / "kuramoto.xml").read_text("utf-8")
    lines = [line for line in text.splitlines() if '<Exposure name="signal"' not in line]
    (folder / "phase.xml").write_text("\n".join(lines), "utf-8")
    return rateloom.load(folder / "phase.xml")


def test_measures_where_all_exposures_are_angles_are_refused(tmp_path: Path) -> None:
    model = angle_alone(tmp_path)
    message = r"exposure 'theta' is an angle, .* expose sin\(theta\) .* keep averages \(--keep averages\)"
    for requested in ({"measures": ["mean_FC", "synchrony"]}, {"matrices": True}):
        with pytest.raises(InputError, match=message):
            rateloom.sweep(model, {"G": [0.1]}, connectome=PAIR, duration=20.0, keep="measures", **requested)
    with pytest.raises(InputError, match="exposure 'theta' is an angle, and BOLD signals of one"):
        rateloom.simulate(model, connectome=PAIR, duration=20000.0, monitor="bold")
    # the series of its phase, from the shipped model, whose kernel others need as well
    averages = rateloom.simulate("kuramoto", connectome=PAIR, duration=20.0, dtype="float64", progress=False)
    averages = averages.drop_vars("signal")
    with pytest.raises(InputError, match="exposure 'theta' is an angle"):
        rateloom.bold(averages)
    with pytest.raises(InputError, match="exposure 'theta' is an angle"):
        rateloom.measures(averages, measures=["moments"])
    taken = set(rateloom.measures(averages)) - {"diverged_step"}
    assert taken == {"kuramoto_order_theta", "metastability_theta"}


@pytest.mark.parametrize("backend", ["numba", pytest.param("emulated", marks=emulated)])
def test_exposures_that_are_no_angles_are_measured(backend: str) -> None:
    settings = {
        "connectome": PAIR,
        "duration": 20.0,
        "dtype": "float64",
        "backend": backend,
        "progress": False,
    }
    averages = rateloom.sweep("kuramoto", {"G": [0.0, 0.1]}, **settings)
    expected = rateloom.measures(averages, PAIR)
    of_angle = [str(name) for name in expected if str(name).endswith("_theta")]
    assert of_angle == ["kuramoto_order_theta", "metastability_theta"]
    for k in range(2):
        order = np.abs(np.exp(1j * averages["theta"].values[k]).mean(axis=1))
        np.testing.assert_allclose(expected["kuramoto_order_theta"][k], order.mean(), rtol=1e-12)
        np.testing.assert_allclose(expected["metastability_theta"][k], order.std(), atol=1e-12)
    for names in (None, ["moments", "mean_FC"]):  # of held series, and in one pass
        found = rateloom.sweep("kuramoto", {"G": [0.0, 0.1]}, keep="measures", measures=names, **settings)
        assert {"mean_signal", "mean_FC_signal"} <= set(found)
        for name in found:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-6, err_msg=str(name))

"""The generated Numba kernels against the oracle: models, integrators, precisions, noise, monitors."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rateloom
from rateloom import oracle
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Exposure, Model
from rateloom.dsl.operations import symbol

Array = NDArray[np.float64]

# The models of transfer functions are held against TVB and against 70 digits in tests/adex; the balloon is at
# rest without an input, and held against the oracle with one in tests/drivers.
ELSEWHERE = {"adex_vast", "balloon", "zerlaut_first_order", "zerlaut_second_order"}
SHIPPED = (path.stem for path in (Path(__file__).parents[2] / "models").glob("*.xml"))
NAMES = sorted(set(SHIPPED) - ELSEWHERE)
# (integrator, precision, noise, monitor): these hold every pair of values.
ROWS = [
    ("euler", "float64", False, "raw"), ("heun", "float64", True, "tavg"), ("heun", "float32", True, "raw"),
    ("euler", "float32", True, "tavg"), ("heun", "float32", False, "tavg"),
]  # fmt: skip
# Each is a kernel of its own: by default one model has one; the emulated device, whose
# kernels are made in less time, is held against the oracle's golden results for every model.
DEFAULT = {("stuart_landau", "heun", "float32", True, "raw")}
COMBINATIONS = [
    row if row in DEFAULT else pytest.param(*row, marks=pytest.mark.slow)
    for row in ((name, *row) for name in NAMES for row in ROWS)
]
# The same kernels, step by step.
STEPPED = [
    row[:4] if row in DEFAULT else pytest.param(*row[:4], marks=pytest.mark.slow)
    for row in ((name, *row) for name in NAMES for row in ROWS)
]
SPEED, DT, WINDOW, STEPS = 6.0, 0.05, 8, 150
# One step rounds a few dozen operations; a run amplifies that by the model's own dynamics.
ONE_STEP = {"float64": 1e-12, "float32": 3e-6}
WHOLE_RUN = {"float64": 1e-11, "float32": 2e-3}


@pytest.fixture(scope="module")
def connectome() -> rateloom.Connectome:
    return rateloom.connectome("tvb76")


def all_seen(name: str) -> Model:
    """A shipped model that exposes its states and couplings as well."""
    model = load_model(Path(__file__).parents[2] / "models" / f"{name}.xml")
    seen = {exposure.name for exposure in model.exposures}
    names = [part.name for part in (*model.state_variables, *model.couplings) if part.name not in seen]
    more = tuple(Exposure(name, symbol(name)) for name in names)
    return dataclasses.replace(model, exposures=model.exposures + more)


def regional_parameters(model: Model, n_node: int) -> dict[str, Array]:
    """Every parameter a little different at every node; switches stay what they are."""
    random = np.random.default_rng(99)
    values = {}
    for parameter in model.parameters:
        low, high = parameter.minimum, parameter.maximum
        value = np.clip(parameter.values[0] * random.uniform(0.97, 1.03, n_node), low, high)
        values[parameter.name] = value
    return values


def settings_of(model: Model, n_node: int, integrator: str, noise: bool) -> dict[str, Any]:
    return {
        "dt": DT,
        "integrator": integrator,
        "noise": noise,
        "seed": 2**63 + 11,
        "item": 5,
        "speed": SPEED,
        "parameters": regional_parameters(model, n_node),
    }


def relative_difference(ours: Array, reference: Array, period: float | None = None) -> float:
    """Largest difference as a share of the largest value; whole turns of an angle are none."""
    assert np.isfinite(reference).all()
    apart = ours - reference
    apart -= period * np.round(apart / period) if period else 0.0
    return float(np.abs(apart).max() / max(np.abs(reference).max(), 1e-300))


def periods(model: Model) -> dict[str, float | None]:
    """The period of each exposure that is an angle, else None."""
    of = {state.name: state.period for state in model.state_variables}
    return {exposure.name: of.get(str(exposure.value)) for exposure in model.exposures}


@pytest.mark.parametrize(("name", "integrator", "dtype", "noise", "monitor"), COMBINATIONS)
def test_a_run_is_the_oracles(
    name: str, integrator: str, dtype: str, noise: bool, monitor: str, connectome: rateloom.Connectome
) -> None:
    model = all_seen(name)
    settings = settings_of(model, connectome.n_node, integrator, noise)
    expected = oracle.simulate(model, connectome.weights, connectome.tract_lengths, steps=STEPS, **settings)[
        "raw"
    ]
    result = rateloom.simulate(
        model, connectome=connectome, duration=STEPS * DT, monitor=monitor, period=WINDOW * DT,
        dtype=dtype, threads=1, **settings,
    )  # fmt: skip
    for exposure, series in expected.items():
        period = periods(model)[exposure]
        reference = series if monitor == "raw" else oracle.tavg(series, WINDOW, period)
        assert relative_difference(result[exposure].values, reference, period) <= WHOLE_RUN[dtype], exposure


@pytest.mark.parametrize(("name", "integrator", "dtype", "noise"), STEPPED)
def test_each_step_from_the_oracles_state_is_the_oracles(
    name: str, integrator: str, dtype: str, noise: bool, connectome: rateloom.Connectome
) -> None:
    restart_at(np.arange(0, STEPS, 21), name, integrator, dtype, noise, connectome)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("integrator", "dtype", "noise"),
    [
        ("euler", "float64", False),
        ("heun", "float64", True),
        ("euler", "float32", True),
        ("heun", "float32", False),
    ],
)
def test_every_step_from_the_oracles_state_is_the_oracles(
    name: str, integrator: str, dtype: str, noise: bool, connectome: rateloom.Connectome
) -> None:
    restart_at(np.arange(STEPS), name, integrator, dtype, noise, connectome)


def restart_at(
    steps: Array, name: str, integrator: str, dtype: str, noise: bool, connectome: rateloom.Connectome
) -> None:
    """Restart the kernel from the oracle's states before each of the steps, and compare one step."""
    model = all_seen(name)
    settings = settings_of(model, connectome.n_node, integrator, noise)
    arrays = connectome.weights, connectome.tract_lengths
    states = oracle.simulate(model, *arrays, steps=STEPS, **settings)["states"]
    experiment = oracle.prepare(model, *arrays, **settings)
    held = np.repeat(states[:1], experiment.delay.max() + 1, axis=0)
    for n in steps:
        past = np.concatenate([held, states[: n + 1]])
        # A restarted run counts its steps, and so its noise, from nought.
        _, expected = oracle.step(experiment, past, 0)
        result = rateloom.simulate(
            model, connectome=connectome, history=past, duration=DT, monitor="raw", dtype=dtype,
            threads=1, **settings,
        )  # fmt: skip
        for exposure, reference in expected.items():
            share = relative_difference(result[exposure].values[0], reference, periods(model)[exposure])
            assert share <= ONE_STEP[dtype], (n, exposure)

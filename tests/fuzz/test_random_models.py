"""Random models on every target, against the oracle and against a plain integrator of their text."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_integrator import Experiment, integrate, periods
from plain_philox import philox
from random_models import model_text

import rateloom
from rateloom import oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

pytestmark = pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
Array = NDArray[np.float64]
DT, STEPS, WINDOW = 0.05, 24, 4
SCHEMES = ("euler", "heun", "rk4", "heun_renewed")
# Rounding, and what two dozen steps make of it, as a share of the largest value and of one at least.
ALLOWED = {"float64": 1e-11, "float32": 2e-4}
# What rounding may make of a sum over edges, in the order that a target takes it.
OF_SUMS = {"float64": 1e-14, "float32": 5e-6}
DEFAULT = (3, 14, 15, 92, 65)
MANY = range(1000, 1300)
COMPILED_BY_NUMBA = 6


def experiment_of(number: int) -> Experiment:
    """A random model with a random connectome, and with inputs and parameters of nodes for some."""
    text, integrator, scalars = model_text(number, SCHEMES)
    chance, numbers = random.Random(-number), np.random.default_rng(number)
    n_node = chance.choice((1, 2, 3, 5))
    weights = numbers.uniform(-0.5, 1, (n_node, n_node)) * (numbers.random((n_node, n_node)) < 0.7)
    lengths = numbers.integers(0, chance.choice((1, 4, 12)), (n_node, n_node)).astype(float)
    regional = {name: numbers.uniform(-1, 1, n_node) for name in scalars if chance.random() < 0.3}
    model = load_model("random.xml", text)
    inputs = {i.name: numbers.uniform(-1, 1, (6, n_node)) for i in model.inputs if chance.random() < 0.6}
    # a millimetre is a step
    speed = chance.choice((1 / DT, np.inf))
    return Experiment(
        text, weights, lengths, speed, DT, STEPS, integrator, chance.randrange(2**64), chance.randrange(99),
        regional, inputs,
    )  # fmt: skip


def simulated(model: Model, e: Experiment, backend: str, dtype: str, window: int) -> dict[str, Array]:
    connectome = rateloom.Connectome(e.weights, e.lengths, name="random")
    result = rateloom.simulate(
        model, connectome=connectome, duration=STEPS * DT, dt=DT, integrator=e.integrator, speed=e.speed,
        parameters=e.parameters, inputs=e.inputs, seed=e.seed, item=e.item, backend=backend, dtype=dtype,
        monitor="raw" if window == 1 else "tavg", period=window * DT, threads=1, progress=False,
        noise=e.integrator != "rk4",
    )  # fmt: skip
    assert int(result.diverged_step) == -1
    return {name: result[name].values.astype(float) for name in result.data_vars if name != "diverged_step"}


def oracles(model: Model, e: Experiment) -> dict[str, Array]:
    inputs = {name: (values, STEPS * DT / len(values)) for name, values in e.inputs.items()}
    run = oracle.simulate(
        model, e.weights, e.lengths, steps=STEPS, dt=DT, integrator=e.integrator, speed=e.speed,
        parameters=e.parameters, inputs=inputs, seed=e.seed, item=e.item, noise=e.integrator != "rk4",
    )  # fmt: skip
    raw: dict[str, Array] = run["raw"]
    return raw


def averaged(series: Array, window: int, period: float | None) -> Array:
    """Means over windows; of an angle along its path."""
    windows = series.reshape(-1, window, series.shape[1])
    return (windows if period is None else np.unwrap(windows, axis=1, period=period)).mean(axis=1)


def distance(ours: Array, reference: Array, period: float | None) -> float:
    """Largest difference as a share of the largest value, and of one at least; whole turns are none."""
    apart = ours - reference
    apart -= period * np.round(apart / period) if period else 0.0
    return float(np.abs(apart).max() / max(np.abs(reference).max(), 1.0))


def check(
    ours: Mapping[str, Array], reference: Mapping[str, Array], e: Experiment, dtype: str, at: Any
) -> None:
    assert set(ours) >= set(reference)
    turns = periods(e.text)
    assert all(np.isfinite(series).all() for series in reference.values()), at
    apart = {name: distance(ours[name], series, turns.get(name)) for name, series in reference.items()}
    far = {name for name, share in apart.items() if not share <= ALLOWED[dtype]}
    assert not far or far <= jumping(e, dtype), (at, far)


def jumping(e: Experiment, dtype: str) -> set[str]:
    """Exposures that jump by rounding alone, as `ceil(sin(pi))` does, or the sign of a sum that is zero."""
    raw, turns, error = integrate(e), periods(e.text), OF_SUMS[dtype]
    rounded = [integrate(e, np.dtype(dtype).type, share) for share in (0.0, error, -error)]
    return {
        name
        for name, series in raw.items()
        if any(distance(run[name], series, turns.get(name)) > ALLOWED[dtype] for run in rounded)
    }


def compare(number: int, targets: Mapping[str, tuple[str, ...]]) -> None:
    """Hold a model's runs on targets in precisions, and the oracle's, against the plain integrator's."""
    e = experiment_of(number)
    model = load_model("random.xml", e.text)
    window = random.Random(number).choice((1, WINDOW))
    raw = integrate(e)
    expected = oracles(model, e)
    assert set(expected) == set(raw)
    check(expected, raw, e, "float64", (number, "oracle"))
    turns = periods(e.text)
    means = {name: averaged(series, window, turns.get(name)) for name, series in raw.items()}
    for backend, dtypes in targets.items():
        for dtype in dtypes:
            check(simulated(model, e, backend, dtype, window), means, e, dtype, (number, backend, dtype))


def test_philox_gives_its_published_answers() -> None:
    """The known answers of Random123's `kat_vectors`."""
    all_ones = 2**32 - 1
    known = {
        ((0,) * 4, (0,) * 2): (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
        ((all_ones,) * 4, (all_ones,) * 2): (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)): (
            0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1,
        ),
    }  # fmt: skip
    for (counter, key), words in known.items():
        assert philox(counter, key) == words


@pytest.mark.parametrize("number", DEFAULT)
def test_a_random_model_is_the_plain_integrators(number: int) -> None:
    emulated = {"emulated": ("float64",)} if host_compiler() is not None else {}
    # Numba compiles each for ten seconds
    numba = {"numba": ("float64",)} if number == DEFAULT[0] else {}
    compare(number, {**numba, **emulated})


@pytest.mark.slow
@pytest.mark.parametrize("number", MANY)
def test_many_random_models_are_the_plain_integrators(number: int) -> None:
    targets = {"numba": ("float64", "float32")} if number < MANY[COMPILED_BY_NUMBA] else {}
    if host_compiler() is not None:
        targets["emulated"] = ("float64", "float32")
    compare(number, targets)

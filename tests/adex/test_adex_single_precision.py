"""The AdEx mean fields in float32 against float64: step by step from the same states, and in distribution."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from adex_parity import initial_states, shipped
from numpy.typing import NDArray
from scipy.stats import ks_2samp

import rateloom

Array = NDArray[np.float64]

WINDOW = 10  # steps of 0.1 ms in an average
RESTART = 100  # steps
PARAMETERS = {
    "asynchronous": {"G": 0.3, "b_e": 0.0},
    "up-down": {"G": 0.75, "b_e": 120.0},
}
SHARED = {"E_L_e": -64.0, "a_e": 0.0, "external_input_ex_ex": 0.000315, "external_input_in_ex": 0.000315}

each_model = pytest.mark.parametrize("name", ["zerlaut_first_order", "zerlaut_second_order"])
each_regime = pytest.mark.parametrize("regime", PARAMETERS)


@cache
def connectome() -> rateloom.Connectome:
    return rateloom.connectome("tvb68", normalize="column")


def run(name: str, regime: str, duration: float, dtype: str, history: Array | None = None) -> Array:
    """Every state after each step (time, state, node)."""
    model = shipped(name)
    names = [s.name for s in model.state_variables]
    states = initial_states(model, 68)
    states[:2] *= 0.1  # away from where nodes ignite
    result = rateloom.simulate(
        model,
        connectome=connectome(),
        normalize="none",
        duration=duration,
        parameters={**SHARED, **PARAMETERS[regime]},
        initial=None if history is not None else dict(zip(names, states, strict=True)),
        history=history,
        monitor="raw",
        noise=False,
        dtype=dtype,
        progress=False,
    )
    return np.stack([result[n].values for n in names], axis=1).astype(float)


def averages(series: Array) -> Array:
    """Means of E and I over windows of 1 ms."""
    return series[:, :2].reshape(-1, WINDOW, 2, series.shape[-1]).mean(axis=1)


@pytest.mark.slow
@each_model
@each_regime
def test_restarted_from_float64_states(name: str, regime: str) -> None:
    whole = run(name, regime, 2000.0, "float64")
    spread = np.ptp(averages(whole), axis=(0, 2))
    horizon = int(np.rint(connectome().tract_lengths.max() / 3.0 / 0.1)) + 1
    apart = np.zeros(2)
    for start in range(horizon, len(whole) - RESTART, RESTART):
        part = run(name, regime, RESTART * 0.1, "float32", whole[start - horizon : start])
        expected = averages(whole[start : start + RESTART])
        apart = np.maximum(apart, np.abs(averages(part) - expected).max(axis=(0, 2)))
    print(name, regime, apart / spread)
    assert (apart > 0).all()
    assert (apart <= 1e-4 * spread).all()


@pytest.mark.slow
@each_model
@each_regime
def test_distribution_of_rates(name: str, regime: str) -> None:
    """Kolmogorov and Smirnov's distance over the whole run, from the initial states on.

    Without noise a region's rate settles, and is then a step of 1 / 68 in both distributions, the least
    distance that rounding alone can make.
    """
    double = averages(run(name, regime, 5000.0, "float64"))
    single = averages(run(name, regime, 5000.0, "float32"))
    for k in range(2):
        # neighbouring samples tell the same: one of every 50 ms is enough
        outcome = ks_2samp(double[::50, k].ravel(), single[::50, k].ravel())
        print(name, regime, "EI"[k], outcome.statistic, outcome.pvalue)
        assert outcome.pvalue > 0.01

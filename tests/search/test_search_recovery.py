"""A search for functional connectivity finds the parameters that it was made with."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

import rateloom
from rateloom.drivers.measures.data_to_fit import DataToFit

N = 8
GROUPS = ["front"] * 4 + ["back"] * 4
G, FRONT, BACK = 0.03, -0.06, -0.035


def wired() -> rateloom.Connectome:
    random = np.random.default_rng(2)
    weights = random.uniform(0.1, 1.0, (N, N)) * (random.uniform(size=(N, N)) < 0.5)
    np.fill_diagonal(weights, 0.0)
    return rateloom.Connectome(weights / weights.sum(axis=1, keepdims=True), np.zeros((N, N)))


@pytest.mark.slow
def test_damping_of_two_groups_is_recovered_from_connectivity() -> None:
    """Of the linear model, connectivity follows from Lyapunov's equation: A C + C A' + Q = 0."""
    connectome = wired()
    damping = np.where(np.array(GROUPS) == "front", FRONT, BACK)
    covariance = solve_continuous_lyapunov(np.diag(damping) + G * connectome.weights, -np.eye(N))
    scale = np.sqrt(np.diag(covariance))
    target = DataToFit("known", "FC", covariance / np.outer(scale, scale))
    # 60 s of noise: connectivity is uncertain by 0.02, damping by some per cent, and less in the best five
    found = rateloom.search(
        "linear",
        {"gamma": rateloom.Free(-0.1, -0.031, per=GROUPS)},
        targets=[target],
        measures=["connectivity"],
        trials=96,
        connectome=connectome,
        normalize="none",
        parameters={"G": G},
        duration=60_000.0,
        dt=2.0,
        period=6.0,
        progress=False,
    )  # fmt: skip
    best = found.isel(trial=found.attrs["best"][:5])
    assert float(best["fit_FC_known_x"].min()) > 0.97
    assert float(best["gamma@front"].median()) == pytest.approx(FRONT, rel=0.25)
    assert float(best["gamma@back"].median()) == pytest.approx(BACK, rel=0.15)
    assert "fit_FCwhole_known_x" in found and "varFCD_x" not in found

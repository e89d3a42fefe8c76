"""The same case in TVB, in the oracle and in rateloom, and how far they are apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tvb_reference import PERIOD, SPEED, STEPS, Case, initial_of, simulate_tvb

import rateloom
from rateloom import oracle
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Exposure, Model

Array = NDArray[np.float64]

# Both sides round every operation, in another order of summation; 500 steps of the models' own dynamics
# amplify that to 2e-13 of the range at most. The smallest mistake (a delay off by one) shows as 1e-4 or more.
TOLERANCE = 1e-10

INTEGRATORS = ("euler", "heun", "rk4")
MONITORS = ("raw", "tavg")
MODELS = Path(__file__).parents[2] / "models"


def model_of(case: Case) -> Model:
    """The shipped model of a case."""
    return load_model(MODELS / f"{case.model}.xml")


def difference(ours: Array, reference: Array, period: float | None = None) -> float:
    """Largest absolute difference as a share of the reference's range; infinite if anything is not finite.

    Angles are compared within a turn: The Virtual Brain lets them grow.
    """
    assert ours.shape == reference.shape, (ours.shape, reference.shape)
    if not (np.isfinite(ours).all() and np.isfinite(reference).all()):
        return np.inf
    apart = ours - reference
    apart -= period * np.round(apart / period) if period else 0.0
    return float(np.abs(apart).max() / np.ptp(reference))


def exposures_of(case: Case) -> list[Exposure]:
    """The exposures that both models have."""
    return [e for e in model_of(case).exposures if e.name not in case.ours_alone]


def raw_of(case: Case, run: dict[str, Any]) -> list[Array]:
    """Every step of these in the oracle."""
    return [run["raw"][exposure.name] for exposure in exposures_of(case)]


def periods_of(case: Case) -> list[float | None]:
    """The period of each exposure that is an angle, else None."""
    of = {state.name: state.period for state in model_of(case).state_variables}
    return [of.get(str(exposure.value)) for exposure in exposures_of(case)]


def averages_of(case: Case, raw: list[Array]) -> list[Array]:
    """Means over windows of the exposures in the oracle."""
    return [oracle.tavg(s, case.window, p) for s, p in zip(raw, periods_of(case), strict=True)]


def run_oracle(
    case: Case,
    weights: Array,
    tract_lengths: Array,
    integrator: str,
    model: Model | None = None,
    **changed: float,
) -> dict[str, Any]:
    """Run a case in the oracle, with another model or some parameters changed if given."""
    return oracle.simulate(
        model or model_of(case),
        weights,
        tract_lengths,
        steps=STEPS,
        initial=initial_of(case, len(weights)),
        dt=case.dt,
        integrator=integrator,
        speed=SPEED,
        parameters={**case.parameters, **changed},
    )


def run_rateloom(
    case: Case, weights: Array, tract_lengths: Array, integrator: str, monitor: str, **changed: float
) -> list[Array]:
    """Run a case in rateloom's Numba kernel in float64; the exposures (time, node) that both models have."""
    result = rateloom.simulate(
        model_of(case),
        connectome=rateloom.Connectome(weights, tract_lengths),
        normalize="none",
        duration=STEPS * case.dt,
        dt=case.dt,
        integrator=integrator,
        parameters={**case.parameters, **changed},
        initial=initial_of(case, len(weights)),
        speed=SPEED,
        monitor=monitor,
        period=PERIOD,
        noise=False,
        backend="numba",
        dtype="float64",
    )
    return [result[exposure.name].values for exposure in exposures_of(case)]


@dataclass(frozen=True)
class Row:
    """One line of the table of differences."""

    case: Case
    integrator: str
    monitor: str
    oracle: float
    rateloom: float


def compare(case: Case, weights: Array, tract_lengths: Array, integrator: str, monitor: str) -> Row:
    """Run a case everywhere and take the largest difference over its exposures."""
    _, reference = simulate_tvb(case, weights, tract_lengths, integrator, monitor)
    raw = raw_of(case, run_oracle(case, weights, tract_lengths, integrator))
    slow = raw if monitor == "raw" else averages_of(case, raw)
    fast = run_rateloom(case, weights, tract_lengths, integrator, monitor)
    return Row(case, integrator, monitor, largest(case, slow, reference), largest(case, fast, reference))


def largest(case: Case, ours: list[Array], reference: list[Array]) -> float:
    """Largest `difference` over the exposures."""
    return max(difference(*three) for three in zip(ours, reference, periods_of(case), strict=True))

"""The AdEx mean fields against The Virtual Brain's, trajectory for trajectory."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from adex_parity import (
    difference,
    initial_states,
    run_rateloom,
    run_tvb,
    shipped,
)

# No TVB run but the first of a kind is in the default suite.
CASES = [
    pytest.param(integrator, b_e, marks=[] if (integrator, b_e) == ("heun", 60.0) else pytest.mark.slow)
    for integrator in ("euler", "heun")
    for b_e in (0.0, 60.0, 120.0)
]


@pytest.mark.parametrize(("integrator", "b_e"), CASES)
def test_first_order_gives_tvbs_states(integrator: str, b_e: float) -> None:
    model = shipped("zerlaut_first_order")
    states = initial_states(model, 68)
    reference = run_tvb("zerlaut_first_order", states, integrator, b_e)
    assert reference[-1, 0].max() > 0.1 > 0.01 > reference[-1, 0].min()  # both fixed points are visited
    assert difference(run_rateloom(model, states, integrator, b_e), reference) <= 1e-9


# Second order takes TVB, and the compiler twice, many seconds; by default fewer steps are compared below.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("integrator", "b_e"), list(itertools.product(("euler", "heun"), (0.0, 60.0, 120.0)))
)
def test_second_order_gives_tvbs_states(integrator: str, b_e: float) -> None:
    model = shipped("zerlaut_second_order")
    states = initial_states(model, 68)
    reference = run_tvb("zerlaut_second_order", states, integrator, b_e)
    central = shipped("zerlaut_second_order", step=1e-7)
    assert difference(run_rateloom(central, states, integrator, b_e), reference) <= 1e-8
    assert difference(run_rateloom(model, states, integrator, b_e), reference) <= 1e-7


@pytest.mark.slow
def test_what_is_left_is_the_rounding_of_tvbs_differences() -> None:
    model = shipped("zerlaut_second_order")
    states = initial_states(model, 68)
    exact = run_rateloom(model, states, "heun", 60.0)
    by_step = {h: run_tvb("zerlaut_second_order", states, "heun", 60.0, h) for h in (1e-7, 3e-7, 1e-6)}
    away = {h: difference(exact, reference) for h, reference in by_step.items()}
    print(away)
    # rounding of a second difference is inverse to the step's square, until truncation takes over
    assert away[1e-6] < away[3e-7] < away[1e-7]
    assert difference(by_step[1e-7], by_step[1e-6]) > 0.5 * away[1e-7]


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["C_ei", "W_i", "ou_drift"])
def test_states_that_stay_zero_by_default_are_tvbs_too(changed: str) -> None:
    model = shipped("zerlaut_second_order")
    states = initial_states(model, 68)
    row = [s.name for s in model.state_variables].index(changed)
    states[row] = {"W_i": 50.0, "ou_drift": -1e-4, "C_ei": 1e-6}[changed]
    reference = run_tvb("zerlaut_second_order", states, "euler", 60.0, steps=200)
    assert difference(run_rateloom(model, states, "euler", 60.0, steps=200), reference) <= 1e-7


@pytest.mark.slow
def test_a_mistake_would_be_seen() -> None:
    model = shipped("zerlaut_first_order")
    states = initial_states(model, 68)
    reference = run_tvb("zerlaut_first_order", states, "euler", 60.0)
    assert difference(run_rateloom(model, states, "euler", 60.1), reference) > 1e-6
    assert difference(np.where(reference == 0, np.nan, reference), reference) == np.inf

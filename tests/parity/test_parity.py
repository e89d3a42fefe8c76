"""Every shipped model against The Virtual Brain, and proof that the comparison would see a mistake."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import sympy
from numpy.typing import NDArray
from parity_comparison import (
    INTEGRATORS,
    MODELS,
    MONITORS,
    TOLERANCE,
    averages_of,
    difference,
    largest,
    model_of,
    raw_of,
    run_oracle,
    run_rateloom,
)
from tvb_reference import (
    CASES,
    SPEED,
    STEPS,
    Case,
    double_precision,
    history,
    initial_of,
    simulate_tvb,
    tvb76,
)

Array = NDArray[np.float64]

# What any mutation below must differ by, at least: a million times the tolerance.
VISIBLE = 1e-4

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
each_integrator = pytest.mark.parametrize("integrator", INTEGRATORS)
# Schemes are the oracle's, whatever the model: by default each of one model, Heun of each model's first case.
each_run_of_the_oracle = pytest.mark.parametrize(
    ("case", "integrator"),
    [
        pytest.param(
            c, i, id=f"{c.name.replace(' ', '_')}-{i}",
            marks=() if (i == "heun" and not c.variant) or c.model == "montbrio" else pytest.mark.slow,
        )
        for c in CASES
        for i in INTEGRATORS
    ],
)  # fmt: skip
each_monitor = pytest.mark.parametrize("monitor", MONITORS)
# Each needs a kernel of its own. By default a kernel of each model is held against the oracle, and all of the
# oracle's runs against TVB; one model shows with Heun's scheme that the two are transitive.
each_compiled_case = pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=() if c.model == "montbrio" else pytest.mark.slow) for c in CASES],
    ids=lambda case: case.name.replace(" ", "_"),
)
each_kernel = pytest.mark.parametrize(
    ("case", "integrator"),
    [
        pytest.param(
            case, integrator, id=f"{case.name.replace(' ', '_')}-{integrator}",
            marks=() if (case.model, integrator) == ("montbrio", "heun") else pytest.mark.slow,
        )
        for case in CASES for integrator in INTEGRATORS
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def connectome() -> tuple[Array, Array]:
    return tvb76()


def state_difference(case: Case, run: dict[str, Array], reference: dict[str, Array]) -> float:
    states = model_of(case).state_variables
    assert [state.name for state in states] == list(reference)
    return max(
        difference(run["states"][1:, i], reference[state.name], state.period)
        for i, state in enumerate(states)
    )


def test_every_shipped_model_has_a_case() -> None:
    # The models of transfer functions have their parity in tests/adex, the balloon in tests/drivers.
    elsewhere = {"adex_vast", "balloon", "zerlaut_first_order", "zerlaut_second_order"}
    assert {path.stem for path in MODELS.glob("*.xml")} - elsewhere == {case.model for case in CASES}


@each_case
def test_a_case_exercises_delays_couplings_and_different_nodes(
    case: Case, connectome: tuple[Array, Array]
) -> None:
    weights, lengths = connectome
    delays = np.rint((lengths / SPEED) / case.dt)[weights > 0]
    assert len(np.unique(delays[delays < STEPS])) > 100
    assert (weights != weights.T).any()
    assert case.parameters["G"] != 0
    for values in initial_of(case, 76).values():
        assert len(np.unique(values)) == 76


@each_run_of_the_oracle
def test_oracle_gives_tvbs_states_and_monitors(
    case: Case, integrator: str, connectome: tuple[Array, Array]
) -> None:
    run = run_oracle(case, *connectome, integrator)
    raw = raw_of(case, run)
    states, every_step = simulate_tvb(case, *connectome, integrator, "raw")
    _, averages = simulate_tvb(case, *connectome, integrator, "tavg")
    assert state_difference(case, run, states) <= TOLERANCE
    assert largest(case, raw, every_step) <= TOLERANCE
    assert largest(case, averages_of(case, raw), averages) <= TOLERANCE


@each_kernel
@each_monitor
def test_rateloom_gives_tvbs_monitors(
    case: Case, integrator: str, monitor: str, connectome: tuple[Array, Array]
) -> None:
    _, reference = simulate_tvb(case, *connectome, integrator, monitor)
    assert largest(case, run_rateloom(case, *connectome, integrator, monitor), reference) <= TOLERANCE


@each_compiled_case
@pytest.mark.parametrize(
    "mutation",
    ["one step more", pytest.param("one step less", marks=pytest.mark.slow), "transposed", "uncoupled"],
)
def test_a_mistake_in_rateloom_would_be_seen(
    case: Case, mutation: str, connectome: tuple[Array, Array]
) -> None:
    weights, lengths = connectome
    _, reference = simulate_tvb(case, weights, lengths, "heun", "raw")
    changed = {"G": 0.0} if mutation == "uncoupled" else {}
    mutated = run_rateloom(case, *mutate(mutation, case, weights, lengths), "heun", "raw", **changed)
    assert largest(case, mutated, reference) > VISIBLE


@pytest.mark.slow
@each_case
@pytest.mark.parametrize("mutation", ["one step more", "one step less", "transposed"])
def test_a_wrong_connectome_would_be_seen(case: Case, mutation: str, connectome: tuple[Array, Array]) -> None:
    weights, lengths = connectome
    reference, _ = simulate_tvb(case, weights, lengths, "heun", "raw")
    mutated = run_oracle(case, *mutate(mutation, case, weights, lengths), "heun")
    assert state_difference(case, mutated, reference) > VISIBLE


def mutate(mutation: str, case: Case, weights: Array, lengths: Array) -> tuple[Array, Array]:
    """A connectome with one mistake in it."""
    step = SPEED * case.dt
    if mutation == "transposed":
        return weights.T.copy(), lengths.T.copy()
    if mutation == "one step more":
        return weights, lengths + step
    if mutation == "one step less":
        return weights, np.maximum(lengths - step, 0)
    return weights, lengths


@each_compiled_case
def test_a_dropped_coupling_would_be_seen(case: Case, connectome: tuple[Array, Array]) -> None:
    model = model_of(case)
    reference, _ = simulate_tvb(case, *connectome, "heun", "raw")
    for dropped in model.couplings:
        couplings = tuple(
            dataclasses.replace(c, post=sympy.Integer(0)) if c == dropped else c for c in model.couplings
        )
        without = dataclasses.replace(model, couplings=couplings)
        assert state_difference(case, run_oracle(case, *connectome, "heun", without), reference) > VISIBLE


@pytest.mark.parametrize(
    ("model", "term"),
    [("epileptor", "Kvf"), ("epileptor", "Kf"), ("epileptor", "Ks"), ("reduced_wong_wang_exc_inh", "lamda")],
)
def test_a_dropped_coupling_scale_would_be_seen(
    model: str, term: str, connectome: tuple[Array, Array]
) -> None:
    case = next(case for case in CASES if case.model == model)
    assert case.parameters[term] != 0
    reference, _ = simulate_tvb(case, *connectome, "heun", "raw")
    without = run_oracle(case, *connectome, "heun", **{term: 0.0})
    assert state_difference(case, without, reference) > VISIBLE


def test_tvbs_own_single_precision_is_put_back() -> None:
    with double_precision():
        assert vars(history.DenseHistory)["buffer"].dtype == "d"
        assert vars(history.BaseHistory)["weights"].dtype == "d"
    assert vars(history.DenseHistory)["buffer"].dtype == "f"
    assert vars(history.BaseHistory)["weights"].dtype == "f"


def test_difference_is_infinite_for_what_is_not_a_number() -> None:
    good = np.array([[0.0, 1.0]])
    assert difference(np.array([[0.0, 2.0]]), good) == 1.0
    assert difference(np.array([[0.0, np.nan]]), good) == np.inf

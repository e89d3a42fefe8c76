"""Steps of the oracle: integration schemes, states in their precision, runs and averages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rateloom.dsl.model import Model

from .evaluator import evaluate
from .interpreter import (
    Array,
    Experiment,
    clamp,
    couplings,
    derivatives,
    initial_state,
    inputs_at,
    noise_of,
    prepare,
    variables,
)


def slopes_at(
    experiment: Experiment, state: Array, fixed: Mapping[str, Any], n: float
) -> tuple[Array, Mapping[str, Any]]:
    """Return the right-hand sides at one state and step, and each name's value there."""
    values = variables(experiment, state, fixed, n * experiment.dt)
    return derivatives(experiment, values), values


def increments(
    experiment: Experiment, past: Array, n: int, fixed: Mapping[str, Any]
) -> tuple[Array, Array, Mapping[str, Any]]:
    """Return what a step adds to the states without noise, the noise, and the last couplings and inputs."""
    model, dt, now, scheme = experiment.model, experiment.dt, past[-1].astype(float), experiment.integrator
    first, before = slopes_at(experiment, now, fixed, n)
    noise = noise_of(experiment, before, n)

    def slope(moved: Array, at: float, stage_fixed: Mapping[str, Any] = fixed) -> Array:
        return slopes_at(experiment, clamp(model, now + moved), stage_fixed, n + at)[0]

    if scheme == "euler":
        return dt * first, noise, fixed
    if scheme == "rk4":
        second = slope(dt / 2 * first, 0.5)
        third = slope(dt / 2 * second, 0.5)
        return dt / 6 * (first + 2 * second + 2 * third + slope(dt * third, 1.0)), noise, fixed
    last_fixed = fixed
    if scheme == "heun_renewed":
        # what reaches a node without delay is predicted; the rest is known
        predicted = clamp(model, now + dt * first + noise)
        recent = np.concatenate([past[-experiment.delay.max(initial=0) - 1 :], predicted[None]])
        last_fixed = {**fixed, **couplings(experiment, recent, (n + 1) * dt)}
    return dt / 2 * (first + slope(dt * first + noise, 1.0, last_fixed)), noise, last_fixed


def rounded_states(experiment: Experiment, now: Array, increment: Array) -> tuple[Array, Array]:
    """Return the states after a step in their precision, and what rounding left of them."""
    model, real = experiment.model, np.dtype(experiment.dtype).type
    before, added = now.astype(real), increment.astype(real)
    moved = before + added
    after = clamp(model, moved)
    lost = added - (after - before) if experiment.dtype == "float32" else np.zeros_like(after)
    carry = np.where(after == moved, lost, 0)
    for k, variable in enumerate(model.state_variables):
        if variable.period is not None:
            after[k], lost = within_a_turn(moved[k], variable.period)
            carry[k] += lost
    return after, carry


def within_a_turn(angle: Array, period: float) -> tuple[Array, Array]:
    """Return an angle from 0 up to its period, in its precision, and what rounding left of it."""
    exact = np.mod(angle.astype(float), period)
    left = exact.astype(angle.dtype)
    # rounded up to a whole turn
    turned = left >= angle.dtype.type(period)
    return np.where(turned, 0, left), (exact - np.where(turned, period, left)).astype(angle.dtype)


def advance(
    experiment: Experiment, past: Array, n: int, carry: Array
) -> tuple[Array, Array, dict[str, Array]]:
    """Advance from step ``n`` to ``n + 1``, with what rounding left of the step before.

    Returns
    -------
    The state after the step, what rounding left of it, both of shape (n_state, n_node), and each exposure's
    value, shape (n_node,).
    """
    model, dt = experiment.model, experiment.dt
    with np.errstate(all="ignore"):
        fixed = {**couplings(experiment, past, n * dt), **inputs_at(experiment, n)}
        moved, noise, last_fixed = increments(experiment, past, n, fixed)
        after, carry = rounded_states(experiment, past[-1], carry + moved + noise)
        variables_after = variables(experiment, after.astype(float), last_fixed, (n + 1) * dt)
        exposures = {
            exposure.name: np.broadcast_to(
                evaluate(exposure.value, variables_after, experiment.scope), (experiment.n_node,)
            )
            for exposure in model.exposures
        }
    return after, carry, exposures


def step(experiment: Experiment, past: Array, n: int) -> tuple[Array, dict[str, Array]]:
    """Advance from step ``n`` to ``n + 1``, with nothing left of the step before.

    Parameters
    ----------
    past : array (time, n_state, n_node)
        States up to and including step ``n``; before the oldest one, the states equal it.

    Returns
    -------
    The state after the step, shape (n_state, n_node), and each exposure's value there, shape (n_node,).
    """
    after, _, exposures = advance(experiment, past, n, np.zeros_like(past[-1]))
    return after, exposures


def simulate(
    model: Model,
    weights: ArrayLike,
    tract_lengths: ArrayLike,
    *,
    steps: int,
    initial: Mapping[str, ArrayLike] | None = None,
    history: Array | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Run ``steps`` steps; ``settings`` are those of `prepare`.

    ``history`` (time, n_state, n_node) ends with the state at t = 0 and replaces ``initial``. Returns
    ``"states"`` (steps + 1, n_state, n_node), the first one before the first step, and ``"raw"``, for each
    exposure (steps, n_node).
    """
    experiment = prepare(model, weights, tract_lengths, **settings)
    past = initial_state(experiment, initial)[None] if history is None else np.asarray(history, float)
    past = past.astype(experiment.dtype)
    states = np.concatenate([past, np.empty((steps, *past.shape[1:]), past.dtype)])
    carry = np.zeros_like(past[-1])
    raw = {exposure.name: np.empty((steps, experiment.n_node)) for exposure in model.exposures}
    for n in range(steps):
        states[len(past) + n], carry, exposures = advance(experiment, states[: len(past) + n], n, carry)
        for name, value in exposures.items():
            raw[name][n] = value
    return {"states": states[len(past) - 1 :], "raw": raw}


def tavg(raw: Array, window: int, period: float | None = None) -> Array:
    """Return means over successive windows of ``window`` steps; an incomplete window does not count.

    The path of an angle is followed through each window; its mean is brought back into its period.
    """
    n_sample = len(raw) // window
    windows = raw[: n_sample * window].reshape(n_sample, window, *raw.shape[1:])
    if period is not None:
        return np.asarray(np.mod(np.unwrap(windows, axis=1, period=period).mean(axis=1), period))
    return np.asarray(windows.mean(axis=1))

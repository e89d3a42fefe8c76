"""States at the start of a run, and before it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown

from .description import ModelDescription, check_names
from .random import initial_uniform


def initial_values(
    model: ModelDescription, initial: Mapping[str, ArrayLike], n_node: int
) -> dict[str, NDArray[np.float64]]:
    """Check the initial states that a run sets.

    Parameters
    ----------
    initial : mapping of str to number or array (n_node,)
        States that are not named start as the model says.

    Raises
    ------
    InputError
        For an unknown state, a wrong shape or a value that is not finite.
    """
    check_names(initial, (s.name for s in model.states), "state variable", model.name)
    values = {}
    for name, value in initial.items():
        array = real_numbers(
            value, f"initial {name!r}: {shown(value)} is not a number or an array of numbers"
        )
        if array.shape not in ((), (1,), (n_node,)):
            shape = " x ".join(str(n) for n in array.shape)
            raise InputError(
                f"initial {name!r}: {shape} values were given; it takes one or {n_node} (one a node); "
                "a range to draw from is the model's"
            )
        if not np.isfinite(array).all():
            raise InputError(f"initial {name!r} has a value that is not finite")
        values[name] = np.broadcast_to(array.reshape(-1), (n_node,))
    return values


def initial_states(
    model: ModelDescription,
    initial: Mapping[str, NDArray[np.float64]],
    seed: int,
    items: NDArray[np.int64],
    n_node: int,
) -> NDArray[np.float64]:
    """States at t = 0 of some work items.

    Returns
    -------
    (n_state, n_node, n_item) array of float64
        Drawn from the model's ranges by the seed and each item's index, where nothing was given.
    """
    drawn = any(state.name not in initial for state in model.states)
    states = (
        initial_uniform(seed, items[None, :], np.arange(n_node)[:, None], len(model.states))
        if drawn
        else np.empty((len(model.states), n_node, len(items)))
    )
    for row, state in zip(states, model.states, strict=True):
        if state.name in initial:
            row[:] = initial[state.name][:, None]
            continue
        low, high = state.initial
        row *= high - low
        row += low
    return states


def checked_history(
    model: ModelDescription, history: ArrayLike | None, n_node: int, longest_delay: int
) -> NDArray[np.float64] | None:
    """Check the states before t = 0 that a run gives.

    Parameters
    ----------
    history : (n_time, n_state, n_node) array, optional
        States at consecutive steps, the last one at t = 0; without it the initial states are held.
    longest_delay : int
        In steps: how far back the couplings look.

    Raises
    ------
    InputError
        If its shape is wrong, it is too short, or a value is not finite.
    """
    if history is None:
        return None
    states = real_numbers(history, "history is not an array of numbers")
    n_state = len(model.states)
    if states.ndim != 3 or states.shape[1:] != (n_state, n_node):
        shape = " x ".join(str(n) for n in states.shape)
        raise InputError(f"history is {shape}; it takes (time, {n_state} states, {n_node} nodes)")
    if len(states) < longest_delay + 1:
        raise InputError(f"history has {len(states)} steps; the longest delay needs {longest_delay + 1}")
    if not np.isfinite(states).all():
        raise InputError("history has a value that is not finite")
    return states


def with_carries(states: NDArray[np.floating], rows: int) -> NDArray[np.floating]:
    """Put zeros behind some states (state, ...): nothing is left of a step before the first.

    Parameters
    ----------
    rows : int
        Of the kernels' array of states.
    """
    return np.concatenate([states, np.zeros((rows - len(states), *states.shape[1:]), states.dtype)])

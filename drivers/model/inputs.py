"""Inputs from outside: stimuli, recorded signals, another simulation's exposure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown

from .description import InputInfo, ModelDescription, check_names


@dataclass(frozen=True, eq=False)
class InputTable:
    """Input values, held constant between the steps at which one of them changes.

    Attributes
    ----------
    start : (n_row,) array of int64
        The step from which on a row of `values` holds; the first one is 0.
    values : (n_row, n_input, n_node) array of float64
        At least one input wide.
    """

    start: NDArray[np.int64]
    values: NDArray[np.float64]

    def rows(self, first: int, steps: int) -> NDArray[np.int64]:
        """Return the row of `values` that each of some successive steps reads."""
        return np.searchsorted(self.start, np.arange(first, first + steps), side="right") - 1


def input_table(
    model: ModelDescription,
    inputs: Mapping[str, ArrayLike | xr.DataArray],
    duration: float,
    dt: float,
    n_node: int,
    begin: float = 0.0,
) -> InputTable:
    """Bring all inputs of a run onto its steps.

    Parameters
    ----------
    inputs : mapping of str to array
        A number or (n_node,): constant. (time, n_node): spread evenly over the run. A DataArray with
        dimensions ``time`` (ms) and ``node``: each sample holds from its time to the next.
    duration, dt : float
        Of the run and of a step, in ms.
    begin : float
        Time at which the run begins, in ms.

    Raises
    ------
    InputError
        For an unknown input, a wrong shape or a value that is not finite.
    """
    check_names(inputs, (i.name for i in model.inputs), "input", model.name)
    starts, samples = [], []
    for info in model.inputs:
        start, values = _input(info, inputs.get(info.name, info.default), (begin, duration), dt, n_node)
        starts.append(start)
        samples.append(values)
    changes = np.unique(np.concatenate([np.zeros(1, np.int64), *starts]))
    table = np.zeros((len(changes), max(1, len(samples)), n_node))
    for k, (start, values) in enumerate(zip(starts, samples, strict=True)):
        table[:, k] = values[np.searchsorted(start, changes, side="right") - 1]
    return InputTable(changes, table)


def _input(
    info: InputInfo, value: ArrayLike | xr.DataArray, run: tuple[float, float], dt: float, n_node: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The steps at which one input changes, the first one 0, and its values from there on (k, n_node).

    `run` is when the run begins, and how long it is.
    """
    if isinstance(value, xr.DataArray) and value.dims != ("time", "node"):
        raise InputError(f"input {info.name!r} has dimensions {value.dims}; it takes ('time', 'node')")
    if isinstance(value, xr.DataArray) and "time" not in value.coords:
        raise InputError(f"input {info.name!r} has no coordinate time, in ms; add one")
    values = real_numbers(
        value, f"input {info.name!r}: {shown(value)} is not a number or an array of numbers"
    )
    if not np.isfinite(values).all():
        raise InputError(f"input {info.name!r} has a value that is not finite")
    if values.shape in ((), (1,), (n_node,)):
        return np.zeros(1, np.int64), np.broadcast_to(values.reshape(-1), (1, n_node))
    if values.ndim != 2 or values.shape[1] != n_node or not len(values):
        shape = " x ".join(str(n) for n in values.shape)
        raise InputError(
            f"input {info.name!r} is {shape}; it takes one value, {n_node} (one a node) or time x {n_node}"
        )
    if isinstance(value, xr.DataArray):
        complaint = f"input {info.name!r}: its times are {value['time'].dtype}; they must be numbers, in ms"
        times = real_numbers(value["time"].values, complaint)
    else:
        begin, duration = run
        times = begin + np.linspace(0.0, duration, len(values), endpoint=False)
    if not (np.isfinite(times).all() and np.all(np.diff(times) > 0)):
        raise InputError(f"input {info.name!r}: its times do not rise, or one of them is not finite")
    return _held(times, values, info.default, dt)


def _held(
    times: NDArray[np.float64], values: NDArray[np.float64], default: float, dt: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Hold each sample from the first step at or after its time; before the first one the default holds."""
    steps = np.ceil(np.round(times / dt, 6)).astype(np.int64)
    if steps[0] > 0:
        steps, values = np.append(0, steps), np.concatenate([np.full_like(values[:1], default), values])
    steps = np.maximum(steps, 0)
    # of samples that fall on one step the last one holds
    last = np.append(np.diff(steps) > 0, True)
    return steps[last], values[last]

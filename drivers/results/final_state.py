"""The state in which a run ended, and its inputs, as variables of its result.

Their names have a dot, which no exposure's has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import xarray as xr

from rateloom.drivers.model.description import ModelDescription
from rateloom.drivers.model.inputs import InputTable
from rateloom.drivers.planning.kept_state import KeptState

FINAL_STEP = "final_step"
"""The attribute that says how many steps were done."""
_INPUTS, _CHANGE = "inputs.values", "inputs.change"
# parts of a `KeptState`, their dimensions, and what they are
_PARTS = {
    "states": (("final.state_row", "node"), "states after the last step, and what rounding left of it"),
    "history": (
        ("final.factor", "final.back", "node"),
        "what couplings read of the last state and of those before it, backwards",
    ),
    "sums": (("final.sum_row", "node"), "sums over the window that has not ended"),
    "scales": (("final.factor", "final.scale"), "scales of a history in half precision, and their inverses"),
}


def final_variables(kept: KeptState | None) -> dict[str, xr.Variable]:
    """Variables that hold the state in which the only work item ended, if it is kept."""
    if kept is None:
        return {}
    return {
        f"final.{part}": xr.Variable(dims, getattr(kept, part)[0], {"description": description})
        for part, (dims, description) in _PARTS.items()
        if getattr(kept, part) is not None
    }


def final_state(result: xr.Dataset) -> KeptState | None:
    """The state in which the only work item of a result ended, if the result holds it."""
    arrays = {part: result.get(f"final.{part}") for part in _PARTS}
    needed = {f.name for f in fields(KeptState)} & arrays.keys() - {"scales"}
    step = result.attrs.get(FINAL_STEP)
    if step is None or any(arrays[part] is None for part in needed):
        return None
    values: dict[str, Any] = {
        part: array.transpose(*_PARTS[part][0]).values[None]
        for part, array in arrays.items()
        if array is not None
    }
    return KeptState(step=int(step), diverged_step=result["diverged_step"].values.reshape(1), **values)


def input_variables(model: ModelDescription, inputs: InputTable) -> dict[str, xr.Variable]:
    """Variables that hold a run's inputs from each step on at which one of them changes."""
    if not model.inputs:
        return {}
    dims = (_CHANGE, "inputs.name", "node")
    names = [i.name for i in model.inputs]
    about = {"description": "inputs, from the step inputs.change on", "inputs": names}
    return {
        _INPUTS: xr.Variable(dims, inputs.values, about),
        _CHANGE: xr.Variable((_CHANGE,), inputs.start, {"description": "steps at which an input changes"}),
    }


def inputs_of(result: xr.Dataset) -> Mapping[str, xr.DataArray]:
    """The inputs of a result by name, with times of their own, as a run takes them."""
    if _INPUTS not in result:
        return {}
    array = result[_INPUTS].transpose(_CHANGE, "inputs.name", "node")
    times = result[_CHANGE].values * float(result.attrs["dt"])
    names = np.atleast_1d(array.attrs["inputs"])
    return {
        str(name): xr.DataArray(array.values[:, k], {"time": times}, ("time", "node"))
        for k, name in enumerate(names)
    }

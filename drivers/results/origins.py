"""What a run was made of, beside its attributes, as coordinates of its result.

Their names have a dot, which no exposure's has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import named_connectome
from rateloom.drivers.planning.checked_study import CheckedStudy

_INPUTS, _CHANGE = "inputs.values", "inputs.change"
_HISTORY = "history.states"
_EDGE = "connectome.edge"


def origin_variables(checked: CheckedStudy) -> dict[str, xr.Variable]:
    """Coordinates that hold the inputs and the history of a run, and its connectome if that has no name."""
    study = checked.study
    variables: dict[str, xr.Variable] = {}
    # what a run may be gone on with needs the inputs that were not given too
    if checked.model.inputs and (study.inputs or study.keep_state):
        variables |= _input_variables(checked)
    if checked.history is not None:
        about = {"description": "states before the run, the last ones at its beginning"}
        dims = ("history.step", "history.state", "node")
        variables[_HISTORY] = xr.Variable(dims, checked.history, about)
    if named_connectome(study.connectome.name, study.connectome.hash) is None:
        variables |= _edge_variables(study.connectome)
    return variables


def _input_variables(checked: CheckedStudy) -> dict[str, xr.Variable]:
    names = [i.name for i in checked.model.inputs]
    about = {"description": "inputs, from the step inputs.change on", "inputs": names}
    changes = {"description": "steps at which an input changes"}
    return {
        _INPUTS: xr.Variable((_CHANGE, "inputs.name", "node"), checked.inputs.values, about),
        _CHANGE: xr.Variable((_CHANGE,), checked.inputs.start, changes),
    }


def _edge_variables(connectome: Connectome) -> dict[str, xr.Variable]:
    """Edges alone: the rest of the arrays changes nothing."""
    target, source = np.nonzero(connectome.weights)
    arrays = {
        "target": target.astype(np.int64),
        "source": source.astype(np.int64),
        "weight": connectome.weights[target, source],
        "length": connectome.tract_lengths[target, source],
    }
    about = {"description": "of each edge of the connectome, whose weights are normalized"}
    return {f"connectome.{name}": xr.Variable((_EDGE,), array, about) for name, array in arrays.items()}


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


def history_of(result: xr.Dataset) -> NDArray[np.float64] | None:
    """The history of a result, if it holds one."""
    return result[_HISTORY].values if _HISTORY in result else None


def connectome_of(result: xr.Dataset) -> tuple[Connectome, str] | None:
    """The connectome of a result and how it is to be normalized, if the result holds or names it."""
    attributes: Mapping[Any, Any] = result.attrs
    name, edges_hash = str(attributes.get("connectome", "")), str(attributes.get("connectome_hash", ""))
    named = named_connectome(name, edges_hash)
    if named is not None:
        return named
    if "connectome.weight" not in result:
        return None
    n_node = result.sizes["node"]
    target, source = result["connectome.target"].values, result["connectome.source"].values
    if max(target.max(initial=-1), source.max(initial=-1)) >= n_node:
        return None
    weights, lengths = np.zeros((2, n_node, n_node))
    weights[target, source] = result["connectome.weight"].values
    lengths[target, source] = result["connectome.length"].values
    connectome = Connectome(weights, lengths, _labels(result), name=name)
    return (connectome, "none") if connectome.hash == edges_hash else None


def _labels(result: xr.Dataset) -> tuple[str, ...] | None:
    for name in ("label", "node"):
        if name in result and result[name].dtype.kind in "UTO":
            return tuple(str(label) for label in result[name].values)
    return None

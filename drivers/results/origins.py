"""What a run was made of, beside its attributes, as coordinates of its result.

Their names have a dot, which no exposure's has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import named_connectome
from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.planning.checked_study import CheckedStudy
from rateloom.drivers.planning.grid import CONNECTOME

_INPUTS, _CHANGE = "inputs.values", "inputs.change"
_HISTORY = "history.states"
_EDGE = "connectome.edge"


def origin_variables(checked: CheckedStudy) -> dict[str, xr.Variable]:
    """Coordinates that hold the inputs and the history of a run, and its connectomes if one has no name."""
    study = checked.study
    variables: dict[str, xr.Variable] = {}
    # what a run may be gone on with needs the inputs that were not given too
    if checked.model.inputs and (study.inputs or study.keep_state):
        variables |= _input_variables(checked)
    if checked.history is not None:
        about = {"description": "states before the run, the last ones at its beginning"}
        dims = ("history.step", "history.state", "node")
        variables[_HISTORY] = xr.Variable(dims, checked.history, about)
    if any(named_connectome(c.name, c.hash) is None for c in study.connectomes):
        variables |= _edge_variables(study.connectomes, bool(study.subjects))
    return variables


def _input_variables(checked: CheckedStudy) -> dict[str, xr.Variable]:
    names = [i.name for i in checked.model.inputs]
    about = {"description": "inputs, from the step inputs.change on", "inputs": names}
    changes = {"description": "steps at which an input changes"}
    return {
        _INPUTS: xr.Variable((_CHANGE, "inputs.name", "node"), checked.inputs.values, about),
        _CHANGE: xr.Variable((_CHANGE,), checked.inputs.start, changes),
    }


def _edge_variables(connectomes: Sequence[Connectome], swept: bool) -> dict[str, xr.Variable]:
    """Edges alone: the rest of the arrays changes nothing. Of swept connectomes, with their places."""
    edges = [np.nonzero(c.weights) for c in connectomes]
    arrays = {
        "target": np.concatenate([target for target, _ in edges]).astype(np.int64),
        "source": np.concatenate([source for _, source in edges]).astype(np.int64),
        "weight": np.concatenate([c.weights[e] for c, e in zip(connectomes, edges, strict=True)]),
        "length": np.concatenate([c.tract_lengths[e] for c, e in zip(connectomes, edges, strict=True)]),
    }
    if swept:
        arrays["place"] = np.repeat(np.arange(len(connectomes)), [len(target) for target, _ in edges])
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


def connectomes_of(result: xr.Dataset) -> tuple[Subject, ...] | None:
    """The connectomes of a result and how they are to be normalized, if the result holds or names all.

    There is one, unless they are an axis of the result.
    """
    attributes: Mapping[Any, Any] = result.attrs
    names, hashes = (np.atleast_1d(attributes.get(n, "")) for n in ("connectome", "connectome_hash"))
    if len(names) != len(hashes) or (len(names) > 1 and result.sizes.get(CONNECTOME) != len(names)):
        return None
    found = [
        _connectome_of(result, place, str(name), str(edges_hash))
        for place, (name, edges_hash) in enumerate(zip(names, hashes, strict=True))
    ]
    subjects = tuple(subject for subject in found if subject is not None)
    return subjects if len(subjects) == len(found) else None


def _connectome_of(result: xr.Dataset, place: int, name: str, edges_hash: str) -> Subject | None:
    """The connectome at a place of the axis, or the only one."""
    named = named_connectome(name, edges_hash)
    if named is not None:
        return Subject(*named)
    if "connectome.weight" not in result:
        return None
    n_node, columns = result.sizes["node"], ("target", "source", "weight", "length")
    target, source, weight, length = (result[f"connectome.{column}"].values for column in columns)
    if "connectome.place" in result:
        own = result["connectome.place"].values == place
        target, source, weight, length = target[own], source[own], weight[own], length[own]
    if max(target.max(initial=-1), source.max(initial=-1)) >= n_node:
        return None
    weights, lengths = np.zeros((2, n_node, n_node))
    weights[target, source], lengths[target, source] = weight, length
    connectome = Connectome(weights, lengths, _labels(result), name=name)
    return Subject(connectome, "none") if connectome.hash == edges_hash else None


def _labels(result: xr.Dataset) -> tuple[str, ...] | None:
    for name in ("label", "node"):
        if name in result and result[name].dtype.kind in "UTO":
            return tuple(str(label) for label in result[name].values)
    return None

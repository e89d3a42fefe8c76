"""The time series of a dataset: its exposures, the time between samples, and the names of its nodes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.support.errors import InputError


def exposures_of(dataset: Any) -> list[str]:
    """Names of the variables over time and node.

    Raises
    ------
    InputError
        If the dataset has none, or one that is no array of real numbers.
    """
    if not isinstance(dataset, xr.Dataset):
        raise InputError(f"measures of {type(dataset).__name__}: give an xarray.Dataset, as simulate returns")
    names = [str(name) for name, array in dataset.data_vars.items() if {"time", "node"} <= set(array.dims)]
    if not names:
        raise InputError(
            "the dataset has no variable with dimensions time and node; there is nothing to measure"
        )
    for name in names:
        if dataset[name].dtype.kind not in "fiu":
            raise InputError(f"variable {name} is of dtype {dataset[name].dtype}; it must be real numbers")
        if 0 in dataset[name].shape:
            raise InputError(f"variable {name} is empty: {dict(dataset[name].sizes)}")
    return names


def angles_of(dataset: xr.Dataset) -> dict[str, float]:
    """Return the exposures that are angles, with their periods."""
    return dict(json.loads(dataset.attrs.get("angles", "{}")))


def sample_distance(dataset: xr.Dataset) -> float:
    """Time between samples in ms.

    Raises
    ------
    InputError
        If the coordinate ``time`` is absent, not in ms, or not evenly spaced.
    """
    if "time" not in dataset.coords:
        raise InputError("the dataset has no coordinate time; add one, in ms")
    unit = dataset["time"].attrs.get("unit", "ms")
    if unit != "ms":
        raise InputError(f"the coordinate time is in {unit}; convert it to ms")
    if dataset["time"].dtype.kind not in "fiu":
        raise InputError(
            f"the coordinate time is of dtype {dataset['time'].dtype}; it must be numbers, in ms"
        )
    times = dataset["time"].values.astype(np.float64)
    if times.size < 2:
        raise InputError("the dataset has one sample in time; measures need two at least")
    dt = float((times[-1] - times[0]) / (times.size - 1))
    even = times[0] + dt * np.arange(times.size)
    if not (np.isfinite(dt) and dt > 0 and np.abs(times - even).max() <= 1e-3 * dt):
        raise InputError("the coordinate time is not evenly spaced and rising; resample the dataset")
    return dt


def node_labels(dataset: xr.Dataset, connectome: Connectome | None) -> Sequence[str]:
    """Names of the nodes, or none."""
    for name in ("label", "node"):
        if name in dataset.coords and dataset[name].dtype.kind in "UTO" and dataset[name].dims == ("node",):
            return [str(label) for label in dataset[name].values]
    return (connectome.labels or ()) if connectome is not None else ()

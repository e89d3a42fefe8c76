"""Results as an `xarray.Dataset`: one variable an exposure, one dimension an axis of the sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.planning.grid import ITEM, Grid
from rateloom.drivers.support.attributes import Exposure, described, plain_attributes
from rateloom.drivers.support.errors import InputError

RESERVED = ("time", "node", "label", "diverged_step")
DIVERGED = "integration step at which a work item overflowed or became NaN; -1 if it never did"


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a result holds beside its numbers.

    Attributes
    ----------
    grid : Grid
        Its axes become dimensions; an empty grid has none, and `diverged_step` is then a single number.
    times : (time,) array of float64
        Time stamps of the samples in ms.
    labels : n_node strings, optional
        The coordinate ``node`` if they differ from one another; else nodes are numbered and the labels are
        the coordinate ``label``.
    exposures : sequence of (name, unit, description)
        The variables, in this order.
    attributes : mapping
        The record of the run; see `plain_attributes`.
    axis_units : mapping of str to str
        Units of the axes.

    Raises
    ------
    InputError
        If an axis or an exposure has a name that the dataset needs for itself, or that the other has.
    """

    grid: Grid
    times: NDArray[np.float64]
    labels: Sequence[str] | None
    exposures: Sequence[Exposure]
    attributes: Mapping[str, Any]
    axis_units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_names(self.grid, self.exposures)


def dataset_of(
    frame: Frame, data: Mapping[str, NDArray[Any]], diverged_step: NDArray[np.int64]
) -> xr.Dataset:
    """The results of a grid of work items.

    Parameters
    ----------
    data : mapping of name to (n_item, time, n_node) array
        Values of each exposure, kept in their dtype and not copied.
    diverged_step : (n_item,) array of int64
        Step at which each work item became NaN or overflowed, or -1.
    """
    grid, times = frame.grid, frame.times
    shape = grid.shape
    n_node = next(iter(data.values())).shape[-1] if data else len(frame.labels or ())
    variables: dict[str, Any] = {
        name: (dimensions(grid), data[name].reshape(*shape, times.size, n_node), described(unit, description))
        for name, unit, description in frame.exposures
    }
    variables["diverged_step"] = (grid.names, diverged_step.reshape(shape), {"description": DIVERGED})
    coordinates = coordinates_of(grid, times, frame.labels, n_node, frame.axis_units)
    return xr.Dataset(variables, coordinates, plain_attributes(frame.attributes))


def dimensions(grid: Grid) -> tuple[str, ...]:
    """Names of the dimensions of an exposure, in order."""
    return (*grid.names, "time", "node")


def coordinates_of(
    grid: Grid,
    times: NDArray[np.float64],
    labels: Sequence[str] | None,
    n_node: int,
    axis_units: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Coordinates of a result: the axes' values, times in ms, and nodes by label or number."""
    units = {"speed": "mm/ms"} | dict(axis_units or {})
    result: dict[str, Any] = {
        axis.name: (axis.name, axis.labels, described(units.get(axis.name, ""), "")) for axis in grid.axes
    }
    for name, values in grid.own.items():
        dims = (ITEM, "node")[: values.ndim]
        result[name] = (dims, np.array(values), described(units.get(name, ""), ""))
    result["time"] = ("time", times, {"unit": "ms"})
    if labels is not None and len(set(labels)) == len(labels):
        return result | {"node": ("node", np.array(labels))}
    result["node"] = ("node", np.arange(n_node, dtype=np.int64))
    return result if labels is None else result | {"label": ("node", np.array(labels))}


def check_names(grid: Grid, exposures: Sequence[Exposure]) -> None:
    """Raise InputError if names would collide in one dataset."""
    for name in (*grid.names, *grid.own):
        if name in RESERVED:
            raise InputError(f"sweep {name}: a result needs the name {name} for itself; rename the parameter")
    for name, _, _ in exposures:
        if name in RESERVED or name in grid.names or name in grid.own:
            owner = "an axis of the sweep" if name not in RESERVED else "a part of every result"
            raise InputError(f"exposure {name}: {name} is also the name of {owner}; rename the exposure")

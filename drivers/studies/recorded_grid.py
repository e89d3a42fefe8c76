"""The work items of a study in its plan: axes as numbers in the record, lists among the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.grid import Grid, axis_of, work_items

from .plan_arrays import read_arrays

_ITEMS = "items."


def grid_entries(grid: Grid) -> dict[str, Any]:
    """Return what a plan's record says of the work items."""
    axes = {} if grid.own else {axis.name: axis.labels.tolist() for axis in grid.axes}
    return {"axes": axes} | ({"items": list(grid.own)} if grid.own else {})


def grid_arrays(grid: Grid) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of a plan that hold listed work items."""
    return {f"{_ITEMS}{name}": values for name, values in grid.own.items()}


def grid_of_plan(record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Grid:
    """Return the work items of a plan."""
    if "items" in record:
        return work_items({name: arrays[f"{_ITEMS}{name}"] for name in record["items"]})
    return Grid(tuple(axis_of(name, np.array(values)) for name, values in record["axes"].items()))


def grid_in(folder: Path, record: Mapping[str, Any]) -> Grid:
    """Return the work items of the study in a folder, whose plan has been read."""
    return grid_of_plan(record, read_arrays(folder, record) if "items" in record else {})

"""The measures of a sweep, read from the directory of a study or from a store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.model.description import check_names
from rateloom.drivers.planning.grid import Grid, axis_of
from rateloom.drivers.studies.arrays import ARRAYS
from rateloom.drivers.studies.item_tables import connected, done_items, quoted
from rateloom.drivers.studies.plan_file import read_record
from rateloom.drivers.studies.recorded_grid import grid_in
from rateloom.drivers.support.attributes import described
from rateloom.drivers.support.destinations import PLAN
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes
from rateloom.drivers.support.stores import open_store, reading_store

from .plot_style import about_text

# The index at which each axis that is not shown is fixed.
FixedAxes = Mapping[str, int]
_BOOKKEEPING = ("item", "diverged_step")
_DOUBLE = 8


@dataclass(frozen=True)
class Measured:
    """A measure: its unit, its description, and whether it has a value for each node."""

    name: str
    unit: str = ""
    description: str = ""
    regional: bool = False


@dataclass(frozen=True, eq=False)
class Results:
    """A sweep and its measures, finished or not.

    Attributes
    ----------
    source : Path
        The directory or store.
    measures : dict of str to Measured
        In the source's order.
    labels : tuple of str
        Labels of the nodes.
    units : dict of str to str
        Units of the axes.
    simulated : (n_item,) array of bool
        Whether each work item has been simulated.
    about : str
        Names of the model and the connectome.
    read : callable
        Takes a measure's name and fixed axes; returns an array over the other axes (and ``node``).
    """

    source: Path
    grid: Grid
    measures: dict[str, Measured]
    labels: tuple[str, ...]
    units: dict[str, str]
    simulated: NDArray[np.bool_]
    about: str
    read: Callable[[str, FixedAxes], xr.DataArray]

    @property
    def whole_brain(self) -> list[str]:
        """Return the names of the measures with one value for each work item."""
        return [name for name, m in self.measures.items() if not m.regional]

    @property
    def regional(self) -> list[str]:
        """Return the names of the measures with a value for each node."""
        return [name for name, m in self.measures.items() if m.regional]

    @property
    def exposures(self) -> list[str]:
        """Return the names of the measured exposures, in the model's order."""
        return [name.removeprefix("mean_FC_") for name in self.measures if name.startswith("mean_FC_")]


def open_study(folder: Path) -> Results:
    """Open the directory of a study: its arrays if it is finished, else its tables.

    Raises
    ------
    InputError
        If the directory holds no study, or cannot be read.
    """
    record = read_record(folder)
    try:
        grid = grid_in(folder, record)
        brain = record["connectome"]
        about = about_text(record["model"]["name"], brain.get("names") or brain["name"] or "a connectome")
    except (KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{folder / PLAN}: it is no plan of a study ({problem}); start it anew") from None
    finished = (folder / ARRAYS).is_dir()
    simulated = np.ones(grid.n_item, bool) if finished else done_items(folder, grid)
    if not simulated.any():
        raise InputError(f"{folder}: no work item is done yet; go on with: rateloom sweep --resume {folder}")
    with connected(folder) as connection:
        columns = _columns(connection, grid)
        labels = tuple(str(label) for (label,) in connection.execute("SELECT label FROM nodes ORDER BY node"))
    arrays = open_store(folder / ARRAYS) if finished else xr.Dataset()
    measures = {name: measured for name, (measured, _) in columns.items()}

    def read(name: str, fixed_axes: FixedAxes) -> xr.DataArray:
        if name in arrays:
            with reading_store(folder / ARRAYS):
                return arrays[name].isel(dict(fixed_axes)).load()
        measured, column = columns[name]
        return _table_values(folder, grid, measured, column, len(labels), fixed_axes)

    units = {n: str(arrays[n].attrs.get("unit", "")) for n in grid.names if n in arrays.coords}
    return Results(folder, grid, measures, labels, {"speed": "mm/ms"} | units, simulated, about, read)


def open_dataset(dataset: xr.Dataset, source: Path) -> Results:
    """Open the measures of a dataset that `rateloom.measures` or ``keep="measures"`` returned."""
    step = dataset["diverged_step"]
    grid = Grid(tuple(axis_of(str(name), dataset[name].values) for name in step.dims))
    measures = {
        str(name): Measured(
            str(name), str(array.attrs.get("unit", "")), str(array.attrs.get("description", "")),
            "node" in array.dims,
        )
        for name, array in dataset.data_vars.items()
        if name != "diverged_step" and set(grid.names) <= set(array.dims) <= {*grid.names, "node"}
    }  # fmt: skip

    def read(name: str, fixed_axes: FixedAxes) -> xr.DataArray:
        return dataset[name].isel(dict(fixed_axes)).load()

    return Results(
        source, grid, measures, labels_of(dataset), units_of(dataset, grid), np.ones(grid.n_item, bool),
        about_of(dataset), read,
    )  # fmt: skip


def labels_of(dataset: xr.Dataset) -> tuple[str, ...]:
    """Return the nodes' labels, or their numbers."""
    name = "label" if "label" in dataset.coords else "node"
    return tuple(str(label) for label in dataset[name].values) if name in dataset.coords else ()


def units_of(dataset: xr.Dataset, grid: Grid) -> dict[str, str]:
    """Return the units of the axes."""
    return {name: str(dataset[name].attrs.get("unit", "")) for name in grid.names}


def about_of(dataset: xr.Dataset) -> str:
    """Return the names of the model and the connectome as one text."""
    model, connectome = (dataset.attrs.get(key, "") for key in ("model", "connectome"))
    return about_text(model, connectome) if model else ""


def check_measures(results: Results, names: list[str]) -> None:
    """Check that measures exist.

    Raises
    ------
    InputError
        If one does not; the message suggests similar names.
    """
    check_names(names, results.measures, "measure", str(results.source))


def values_of(results: Results, name: str, fixed_axes: FixedAxes) -> xr.DataArray:
    """Return a measure at fixed axes, in float64; non-finite values are NaN, and nodes are numbered."""
    array = results.read(name, fixed_axes).astype(np.float64)
    array = array.where(np.isfinite(array))
    measured = results.measures[name]
    array = array.drop_vars([c for c in array.coords if c not in results.grid.names])
    return array.rename(name).assign_attrs(described(measured.unit, measured.description))


def _columns(connection: sqlite3.Connection, grid: Grid) -> dict[str, tuple[Measured, str]]:
    """Return a study's columns that are measures, with their tables; ones added later lack descriptions."""
    descriptions = {
        (table, name): (unit or "", description or "")
        for name, table, unit, description in connection.execute(
            "SELECT name, tables, unit, description FROM columns"
        )
    }
    columns = {}
    for table in ("work_items", "regions"):
        names = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
        # the first columns are the item (and the node, or the axes and the step)
        for name in names[2:] if table == "regions" else names[1 + len(grid.tabled) :]:
            if name not in _BOOKKEEPING:
                unit, description = descriptions.get((table, name), ("", ""))
                columns[name] = (Measured(name, unit, description, table == "regions"), table)
    return columns


def _table_values(
    folder: Path, grid: Grid, measured: Measured, table: str, n_node: int, fixed_axes: FixedAxes
) -> xr.DataArray:
    """Return a column of the tables as an array; missing entries are NaN."""
    shape = (grid.n_item, n_node) if measured.regional else (grid.n_item,)
    n_bytes = _DOUBLE * int(np.prod(shape, dtype=np.int64))
    if n_bytes > available_memory() // 2:
        raise InputError(
            f"{folder}: {measured.name} takes {format_bytes(n_bytes)} while the study is not finished; go on "
            f"with it first: rateloom sweep --resume {folder}"
        )
    values = np.full(shape, np.nan)
    index = "item, node" if measured.regional else "item"
    with connected(folder) as connection:
        cursor = connection.execute(f"SELECT {index}, {quoted(measured.name)} FROM {table}")
        while rows := cursor.fetchmany(10_000):
            block = np.array(rows, np.float64)
            cells: tuple[Any, ...] = tuple(block[:, :-1].astype(np.int64).T)
            values[cells] = block[:, -1]
    dimensions = (*grid.names, *["node"] * measured.regional)
    coordinates = {axis.name: axis.values for axis in grid.axes}
    return xr.DataArray(values.reshape(*grid.shape, *shape[1:]), coordinates, dimensions).isel(
        dict(fixed_axes)
    )

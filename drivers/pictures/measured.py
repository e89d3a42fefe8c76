"""What pictures are made from: the measures of a sweep, in the directory of a study or from a store."""

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
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.studies.arrays import ARRAYS
from rateloom.drivers.studies.item_tables import connected, done_items, quoted
from rateloom.drivers.studies.plan_file import read_record
from rateloom.drivers.support.attributes import described
from rateloom.drivers.support.destinations import PLAN
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes

# Where the measure of an axis is held: its index there.
Held = Mapping[str, int]
_OWN = ("item", "diverged_step")
_DOUBLE = 8


@dataclass(frozen=True)
class Measured:
    """A measure: its unit, what it is, and whether it has a value a node."""

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
        In the order in which they lie there.
    labels : tuple of str
        The nodes.
    units : dict of str to str
        Of the axes.
    done : (n_item,) array of bool
        Which work items have been simulated.
    about : str
        Model and connectome.
    read : callable
        Takes a measure's name and where axes are held; gives an array of the other axes (and ``node``).
    """

    source: Path
    grid: Grid
    measures: dict[str, Measured]
    labels: tuple[str, ...]
    units: dict[str, str]
    done: NDArray[np.bool_]
    about: str
    read: Callable[[str, Held], xr.DataArray]

    @property
    def whole(self) -> list[str]:
        """Names of the measures of a work item."""
        return [name for name, m in self.measures.items() if not m.regional]

    @property
    def regional(self) -> list[str]:
        """Names of the measures of each node."""
        return [name for name, m in self.measures.items() if m.regional]

    @property
    def exposures(self) -> list[str]:
        """What was measured, in the model's order."""
        return [name.removeprefix("mean_FC_") for name in self.measures if name.startswith("mean_FC_")]


def open_study(folder: Path) -> Results:
    """Open the directory of a study: its arrays if it is finished, else its tables.

    Raises
    ------
    InputError
        If there is no study, or it cannot be read.
    """
    record = read_record(folder)
    try:
        grid = Grid(tuple(Axis(name, np.array(values)) for name, values in record["axes"].items()))
        about = f"{record['model']['name']} on {record['connectome']['name'] or 'a connectome'}"
    except (KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{folder / PLAN}: it is no plan of a study ({problem}); start it anew") from None
    finished = (folder / ARRAYS).is_dir()
    done = np.ones(grid.n_item, bool) if finished else done_items(folder, grid)
    if not done.any():
        raise InputError(f"{folder}: no work item is done yet; go on with: rateloom sweep --resume {folder}")
    with connected(folder) as connection:
        columns = _columns(connection, grid)
        labels = tuple(str(label) for (label,) in connection.execute("SELECT label FROM nodes ORDER BY node"))
    arrays = xr.open_zarr(folder / ARRAYS) if finished else xr.Dataset()
    measures = {name: measured for name, (measured, _) in columns.items()}

    def read(name: str, held: Held) -> xr.DataArray:
        if name in arrays:
            return arrays[name].isel(dict(held)).load()
        measured, column = columns[name]
        return _table_values(folder, grid, measured, column, len(labels), held)

    units = {n: str(arrays[n].attrs.get("unit", "")) for n in grid.names if n in arrays.coords}
    return Results(folder, grid, measures, labels, {"speed": "mm/ms"} | units, done, about, read)


def open_dataset(dataset: xr.Dataset, source: Path) -> Results:
    """The measures that a dataset holds, as `rateloom.measures` and ``keep="measures"`` return them."""
    step = dataset["diverged_step"]
    grid = Grid(tuple(Axis(str(name), dataset[name].values) for name in step.dims))
    measures = {
        str(name): Measured(
            str(name), str(array.attrs.get("unit", "")), str(array.attrs.get("description", "")),
            "node" in array.dims,
        )
        for name, array in dataset.data_vars.items()
        if name != "diverged_step" and set(grid.names) <= set(array.dims) <= {*grid.names, "node"}
    }  # fmt: skip

    def read(name: str, held: Held) -> xr.DataArray:
        return dataset[name].isel(dict(held)).load()

    return Results(
        source, grid, measures, labels_of(dataset), units_of(dataset, grid), np.ones(grid.n_item, bool),
        about_of(dataset), read,
    )  # fmt: skip


def labels_of(dataset: xr.Dataset) -> tuple[str, ...]:
    """The nodes' labels, or their numbers."""
    name = "label" if "label" in dataset.coords else "node"
    return tuple(str(label) for label in dataset[name].values) if name in dataset.coords else ()


def units_of(dataset: xr.Dataset, grid: Grid) -> dict[str, str]:
    """Units of the axes."""
    return {name: str(dataset[name].attrs.get("unit", "")) for name in grid.names}


def about_of(dataset: xr.Dataset) -> str:
    """Model and connectome."""
    model, connectome = (str(dataset.attrs.get(key, "")) for key in ("model", "connectome"))
    return f"{model} on {connectome}" if model and connectome else model


def check_measures(results: Results, names: list[str]) -> None:
    """Refuse measures that there are not.

    Raises
    ------
    InputError
        That suggests those whose names are close.
    """
    check_names(names, results.measures, "measure", str(results.source))


def values_of(results: Results, name: str, held: Held) -> xr.DataArray:
    """A measure where axes are held, of float64; what is not finite is NaN, and nodes are numbered."""
    array = results.read(name, held).astype(np.float64)
    array = array.where(np.isfinite(array))
    measured = results.measures[name]
    array = array.drop_vars([c for c in array.coords if c not in results.grid.names])
    return array.rename(name).assign_attrs(described(measured.unit, measured.description))


def _columns(connection: sqlite3.Connection, grid: Grid) -> dict[str, tuple[Measured, str]]:
    """Every column of a study's tables that is a measure; one that was added later has no description."""
    said = {
        (table, name): (unit or "", description or "")
        for name, table, unit, description in connection.execute(
            "SELECT name, tables, unit, description FROM columns"
        )
    }
    found = {}
    for table in ("work_items", "regions"):
        names = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
        # the item (and the node, or the axes and the step) come first
        for name in names[2:] if table == "regions" else names[1 + len(grid.axes) :]:
            if name not in _OWN:
                unit, description = said.get((table, name), ("", ""))
                found[name] = (Measured(name, unit, description, table == "regions"), table)
    return found


def _table_values(
    folder: Path, grid: Grid, measured: Measured, table: str, n_node: int, held: Held
) -> xr.DataArray:
    """A column of the tables as an array; what is not there is NaN."""
    shape = (grid.n_item, n_node) if measured.regional else (grid.n_item,)
    needed = _DOUBLE * int(np.prod(shape, dtype=np.int64))
    if needed > available_memory() // 2:
        raise InputError(
            f"{folder}: {measured.name} takes {format_bytes(needed)} while the study is not finished; go on "
            f"with it first: rateloom sweep --resume {folder}"
        )
    values = np.full(shape, np.nan)
    index = "item, node" if measured.regional else "item"
    with connected(folder) as connection:
        cursor = connection.execute(f"SELECT {index}, {quoted(measured.name)} FROM {table}")
        while rows := cursor.fetchmany(10_000):
            block = np.array(rows, np.float64)
            places: tuple[Any, ...] = tuple(block[:, :-1].astype(np.int64).T)
            values[places] = block[:, -1]
    dimensions = (*grid.names, *["node"] * measured.regional)
    coordinates = {axis.name: axis.values for axis in grid.axes}
    return xr.DataArray(values.reshape(*grid.shape, *shape[1:]), coordinates, dimensions).isel(dict(held))

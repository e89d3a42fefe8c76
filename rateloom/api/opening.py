"""Sweeps opened for pictures: measures of a study or of a store of series, and series of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from rateloom.api.loading import connectome as connectome_of
from rateloom.api.loading import load
from rateloom.api.measuring import measures, request_of
from rateloom.api.resimulation import saved_connectome, saved_model, simulate_items
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.observation.measured_dataset import measures_of_dataset
from rateloom.drivers.pictures.measured import (
    Measured,
    Results,
    about_of,
    labels_of,
    open_dataset,
    open_study,
    units_of,
)
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.studies.plan_file import read_record
from rateloom.drivers.support.destinations import PLAN
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.model import Model

_MOST_LETTERS = 500


@dataclass(frozen=True, eq=False)
class Opened:
    """A sweep that can be drawn.

    Attributes
    ----------
    results : Results
        Axes and names; of a store of time series, whose measures are taken when they are wanted, no values.
    measured : callable
        Takes where axes are held; gives results whose values there can be read.
    series : callable, optional
        Takes numbers of work items; gives exposures of dimensions (item, time, node). None where there are
        no series to be had.
    connectome : callable
        The connectome, if it is known.
    model : callable
        The model, likewise.
    plan : callable
        What was set, as names and values.
    """

    results: Results
    measured: Callable[[Mapping[str, int]], Results]
    series: Callable[[Sequence[int]], xr.Dataset] | None
    connectome: Callable[[], Connectome | None]
    model: Callable[[], Model | None]
    plan: Callable[[], list[tuple[str, str]]]


def series_of(source: Opened, items: Sequence[int]) -> xr.Dataset:
    """Time series of work items.

    Raises
    ------
    InputError
        If there are none to be had.
    """
    if source.series is None:
        raise InputError(
            f"{source.results.source} holds measures and no time series; give the directory of a study, or a "
            "store of averages"
        )
    return source.series(items)


def opened(path: Path) -> Opened:
    """Open the directory of a study, or a Zarr store or netCDF file of time series.

    Raises
    ------
    InputError
        If it is neither, or nothing is done yet.
    """
    if (path / PLAN).is_file():
        results = open_study(path)
        return Opened(
            results, lambda positions: results, lambda items: simulate_items(path, items),
            lambda: saved_connectome(path), lambda: saved_model(path), lambda: plan_rows(path),
        )  # fmt: skip
    dataset = open_result(path)
    if "diverged_step" not in dataset:
        raise InputError(f"{path}: the store was not written by rateloom: diverged_step is absent")
    if not any({"time", "node"} <= set(array.dims) for array in dataset.data_vars.values()):
        return _measured_store(path, dataset)
    return _series_store(path, dataset)


def _measured_store(path: Path, dataset: xr.Dataset) -> Opened:
    results = open_dataset(dataset, path)
    return Opened(
        results, lambda positions: results, None, lambda: _known_connectome(dataset),
        lambda: _known_model(dataset), lambda: _attribute_rows(dataset),
    )  # fmt: skip


def _series_store(path: Path, dataset: xr.Dataset) -> Opened:
    step = dataset["diverged_step"]
    grid = Grid(tuple(Axis(str(name), dataset[name].values) for name in step.dims))
    brain = _known_connectome(dataset)
    # one work item says which measures there are
    one = dataset.isel(dict.fromkeys(grid.names, 0)).load()
    first = measures_of_dataset(one, request_of(brain, Keep("measures")))
    measures_by_name = {
        str(name): Measured(
            str(name), str(array.attrs.get("unit", "")), str(array.attrs.get("description", "")),
            "node" in array.dims,
        )
        for name, array in first.data_vars.items()
        if name != "diverged_step"
    }  # fmt: skip
    is_done = np.ones(grid.n_item, bool)

    def unread(name: str, positions: Mapping[str, int]) -> xr.DataArray:
        raise AssertionError("measures of series are taken first")

    results = Results(
        path,
        grid,
        measures_by_name,
        labels_of(dataset),
        units_of(dataset, grid),
        is_done,
        about_of(dataset),
        unread,
    )

    def measured(positions: Mapping[str, int]) -> Results:
        measured_plane = measures(dataset.isel(dict(positions)), brain)

        def read(name: str, positions_read: Mapping[str, int]) -> xr.DataArray:
            return measured_plane[name].isel(
                {axis: k for axis, k in positions_read.items() if axis not in positions}
            )

        return Results(
            path, grid, measures_by_name, results.labels, results.units, is_done, results.about, read
        )

    def series(items: Sequence[int]) -> xr.Dataset:
        if not grid.axes:
            return dataset.expand_dims("item").load()
        places = np.unravel_index(np.array(items, np.int64), grid.shape)
        parts = {name: xr.DataArray(k, dims="item") for name, k in zip(grid.names, places, strict=True)}
        return dataset.isel(parts).drop_vars([*grid.names]).transpose("item", ...).load()

    return Opened(
        results,
        measured,
        series,
        lambda: brain,
        lambda: _known_model(dataset),
        lambda: _attribute_rows(dataset),
    )


def _known_connectome(dataset: xr.Dataset) -> Connectome | None:
    """The connectome that a store was simulated on, if its name still leads to one of as many nodes."""
    name = dataset.attrs.get("connectome")
    if not name or not isinstance(name, str):
        return None
    try:
        brain = connectome_of(name, "none")
    except InputError:
        return None
    return brain if brain.n_node == dataset.sizes["node"] else None


def _known_model(dataset: xr.Dataset) -> Model | None:
    """The model of a store, if its name is that of a shipped one that has not changed since."""
    try:
        model = load(str(dataset.attrs.get("model", "")))
    except (InputError, ModelError):
        return None
    return model if model.hash == dataset.attrs.get("model_hash") else None


def _attribute_rows(dataset: xr.Dataset) -> list[tuple[str, str]]:
    return [(str(name), _short(value)) for name, value in dataset.attrs.items()]


def plan_rows(folder: Path) -> list[tuple[str, str]]:
    """The plan of a study as names and values, without the model's text."""
    record = read_record(folder)
    return list(_flat(record, ""))


def _flat(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if f"{name}{key}" not in ("model.text", "bold.model.text"):
                yield from _flat(inner, f"{name}{key}.")
    else:
        yield name.removesuffix("."), _short(value)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]} …"

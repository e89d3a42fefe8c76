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
from rateloom.api.resimulation import saved_connectomes, saved_model, simulate_items
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
from rateloom.drivers.planning.grid import CONNECTOME, Grid, axis_of
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.studies.plan_file import read_record
from rateloom.drivers.support.destinations import PLAN
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.stores import reading_store
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
    connectomes : callable
        The connectomes of the axis of these, or the one; none where one of them is not known.
    model : callable
        The model, likewise.
    plan : callable
        What was set, as names and values.
    """

    results: Results
    measured: Callable[[Mapping[str, int]], Results]
    series: Callable[[Sequence[int]], xr.Dataset] | None
    connectomes: Callable[[], tuple[Connectome, ...]]
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
            lambda: saved_connectomes(path), lambda: saved_model(path), lambda: plan_rows(path),
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
        results, lambda positions: results, None, lambda: _known_connectomes(dataset),
        lambda: _known_model(dataset), lambda: _attribute_rows(dataset),
    )  # fmt: skip


def _series_store(path: Path, dataset: xr.Dataset) -> Opened:
    step = dataset["diverged_step"]
    grid = Grid(tuple(axis_of(str(name), dataset[name].values) for name in step.dims))
    brains = _known_connectomes(dataset)
    # one work item says which measures there are
    with reading_store(path):
        one = dataset.isel(dict.fromkeys(grid.names, 0)).load()
    first = measures_of_dataset(one, request_of(brains[0] if brains else None, Keep("measures")))
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
        with reading_store(path):
            measured_plane = measures(dataset.isel(dict(positions)), _compared_with(brains, grid, positions))

        def read(name: str, positions_read: Mapping[str, int]) -> xr.DataArray:
            return measured_plane[name].isel(
                {axis: k for axis, k in positions_read.items() if axis not in positions}
            )

        return Results(
            path, grid, measures_by_name, results.labels, results.units, is_done, results.about, read
        )

    def series(items: Sequence[int]) -> xr.Dataset:
        places = np.unravel_index(np.array(items, np.int64), grid.shape) if grid.axes else ()
        parts = {name: xr.DataArray(k, dims="item") for name, k in zip(grid.names, places, strict=True)}
        one = dataset if grid.axes else dataset.expand_dims("item")
        with reading_store(path):
            return one.isel(parts).drop_vars([*grid.names]).transpose("item", ...).load()

    return Opened(
        results,
        measured,
        series,
        lambda: brains,
        lambda: _known_model(dataset),
        lambda: _attribute_rows(dataset),
    )


def connectome_of_item(source: Opened, item: int) -> Connectome | None:
    """The connectome of a work item, if it is known."""
    brains, grid = source.connectomes(), source.results.grid
    if not brains or not grid.connectomes:
        return next(iter(brains), None)
    return brains[int(grid.item_values(CONNECTOME, np.array([item]))[0])]


def _compared_with(
    brains: tuple[Connectome, ...], grid: Grid, positions: Mapping[str, int]
) -> Connectome | list[Connectome] | None:
    """What functional connectivity at some positions is compared with: each subject's with its own."""
    if grid.connectomes and brains:
        return brains[positions[CONNECTOME]] if CONNECTOME in positions else list(brains)
    return next(iter(brains), None)


def _known_connectomes(dataset: xr.Dataset) -> tuple[Connectome, ...]:
    """What a store was simulated on, if every name still leads to a connectome of as many nodes."""
    names = dataset.attrs.get("connectome")
    names = [names] if isinstance(names, str) else list(names or ())
    if not all(isinstance(name, str) and name for name in names):
        return ()
    try:
        brains = tuple(connectome_of(name, "none") for name in names)
    except InputError:
        return ()
    return brains if all(brain.n_node == dataset.sizes["node"] for brain in brains) else ()


def _known_model(dataset: xr.Dataset) -> Model | None:
    """The model of a store, if its name is that of a shipped one that has not changed since."""
    try:
        model = load(str(dataset.attrs.get("model", "")))
    except (InputError, ModelError):
        return None
    return model if model.hash == dataset.attrs.get("model_hash") else None


def _attribute_rows(dataset: xr.Dataset) -> list[tuple[str, str]]:
    return [(str(name), _short(value)) for name, value in dataset.attrs.items() if name != "model_text"]


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

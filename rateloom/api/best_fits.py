"""The best fits of a study or of a store of time series, and what is written of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.api.fits import regions_of_series
from rateloom.api.item_series import time_series
from rateloom.api.measuring import measures
from rateloom.api.opening import Opened, opened
from rateloom.drivers.fitting.fit_plot import Row, caption_of, connectivity, plot_fit
from rateloom.drivers.fitting.orientation import Regions
from rateloom.drivers.fitting.ranking import (
    Ranking,
    axes_of,
    best_of,
    names_of_study,
    orders_of,
    scores_of_measures,
    scores_of_study,
    top_of_measures,
    top_of_study,
    unranked,
)
from rateloom.drivers.measures.cleaning import SignalCleaning
from rateloom.drivers.measures.data_to_fit import FC, DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.observation.dataset_series import sample_distance
from rateloom.drivers.pictures.plot_style import about_text
from rateloom.drivers.results.result_files import open_result, write_netcdf
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.studies.plan_record import SavedStudy
from rateloom.drivers.support.destinations import is_netcdf, make_folder
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import issue, pass_on
from rateloom.drivers.support.stores import reading_store

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Items = NDArray[np.int64]
_MOST_SHOWN = 3


@dataclass(frozen=True, eq=False)
class RankedFits:
    """The best fits, and where more of them can be had.

    Attributes
    ----------
    best : pandas.DataFrame
        See `rateloom.api.fits.Fit`.
    axes : tuple of str
        Swept parameters.
    cleaning : SignalCleaning, optional
        What was done to series before they were compared.
    scores : callable
        The best score at each combination of some of the axes.
    series : callable
        Time series (item, time, node) of some work items.
    """

    title: str
    best: pd.DataFrame
    orders: tuple[Ranking, ...]
    axes: tuple[str, ...]
    targets: tuple[DataToFit, ...]
    cleaning: SignalCleaning | None
    scores: Callable[[Ranking, Sequence[str]], pd.DataFrame]
    series: Callable[[Items], xr.Dataset]


def ranked_study(folder: Path, by: str, best: int, exposure: str | None, threads: int | None) -> RankedFits:
    """Rank the work items of a study that are done."""
    saved = read_plan(folder)
    orders = orders_of(saved.targets, names_of_study(folder), by, exposure)
    pass_on(issue, unranked(saved.targets, by))
    return RankedFits(
        about_text(saved.record["model"]["name"], _connectome_of(saved)),
        best_of(orders, partial(top_of_study, folder, best)),
        tuple(orders),
        saved.grid.names,
        saved.targets,
        saved.measure_settings.cleaning,
        partial(scores_of_study, folder),
        partial(time_series, folder, threads=threads),
    )


def _connectome_of(saved: SavedStudy) -> str | list[str]:
    """The name of what a study was simulated on, or all of them."""
    return [s.connectome.name for s in saved.subjects] if saved.subjects else saved.connectome.name


def ranked_store(
    store: Path,
    targets: tuple[DataToFit, ...],
    settings: MeasureSettings,
    by: str,
    best: int,
    exposure: str | None,
    threads: int | None,
) -> RankedFits:
    """Measure the time series of a sweep, compare them with targets, and rank them."""
    source = opened(store)
    dataset = open_result(store)
    with reading_store(store):
        measured = measures(dataset, settings=settings, targets=targets, threads=threads)
    orders = orders_of(targets, map(str, measured.data_vars), by, exposure)
    pass_on(issue, unranked(targets, by))
    return RankedFits(
        about_text(dataset.attrs.get("model"), dataset.attrs.get("connectome")),
        best_of(orders, partial(top_of_measures, measured, best)),
        tuple(orders),
        tuple(axes_of(measured)),
        targets,
        settings.cleaning,
        partial(scores_of_measures, measured),
        lambda items: _series_of(source, items),
    )


def _series_of(source: Opened, items: Items) -> xr.Dataset:
    if source.series is None:
        raise InputError("the store holds no time series")
    return source.series(items.tolist()).assign_coords(item=items)


def regions_of_store(store: Path) -> Regions:
    """The regions of a store of time series."""
    opened(store)
    return regions_of_series(open_result(store))


def series_of_best(ranked: RankedFits) -> xr.Dataset:
    """Time series of all the best fits, each work item once.

    Raises
    ------
    InputError
        If no work item has a score.
    """
    items = ranked.best["item"].drop_duplicates().to_numpy(np.int64)
    if not items.size:
        raise InputError("no work item has a score: nothing is done yet, or all of them diverged or rested")
    return ranked.series(items)


def draw(ranked: RankedFits, series: xr.Dataset, path: Path) -> bool:
    """Draw the functional connectivity of each target beside that of the best; false if none has any."""
    matrices = {target.name: target.values for target in ranked.targets if target.kind == FC}
    rows, dt = [], sample_distance(series)
    for order in ranked.orders:
        best = ranked.best[ranked.best["target"] == order.target].head(_MOST_SHOWN)
        if order.target not in matrices or best.empty:
            continue
        best_series = (
            series[order.exposure].sel(item=best["item"].to_numpy()).transpose("item", "time", "node")
        )
        titles = [caption_of(row, ranked.axes) for _, row in best.iterrows()]
        matrices_of_best = [connectivity(values, dt, ranked.cleaning) for values in best_series.values]
        shown = list(zip(titles, matrices_of_best, strict=True))
        rows.append(Row(order.target, matrices[order.target], shown, *_scores(ranked, order)))
    if rows:
        plot_fit(rows, ranked.title, path)
    return bool(rows)


def _scores(ranked: RankedFits, order: Ranking) -> tuple[list[tuple[str, NDArray[Any]]], Floats]:
    """The first axes with their values, and the best scores over these."""
    axes = list(ranked.axes[:2])
    if not axes:
        return [], np.empty(0)
    table = ranked.scores(order, axes).set_index(axes)["score"].to_xarray()
    return [(name, table[name].values) for name in axes], table.values


def write_series(series: xr.Dataset, path: Path) -> None:
    """Write time series to a Zarr store or a netCDF file, which appears when it is complete.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if is_netcdf(path):
        write_netcdf(series.load(), path)
        return
    partial_store = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        make_folder(path)
        series.to_zarr(partial_store, mode="w", zarr_format=2, consolidated=True)
        shutil.rmtree(path, ignore_errors=True)
        partial_store.replace(path)
    except OSError as problem:
        raise InputError(f"{path}: cannot be written ({problem.strerror or problem})") from None
    finally:
        shutil.rmtree(partial_store, ignore_errors=True)

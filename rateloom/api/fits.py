"""Fitting a model to data: a sweep whose work items are compared with targets, and the best of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from rateloom.api.bold import settled
from rateloom.api.exposures import measured_exposures
from rateloom.api.jobs import saved_job
from rateloom.api.loading import connectome as connectome_of
from rateloom.api.loading import default_connectome, load
from rateloom.api.measuring import measures as measures_of
from rateloom.api.resimulation import simulate_items
from rateloom.api.setup import Run
from rateloom.api.simulation import sweep
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.fitting.data_sources import targets_of
from rateloom.drivers.fitting.orientation import UNKNOWN, Regions, regions_of
from rateloom.drivers.fitting.ranking import (
    best_of,
    check_ranking,
    compared,
    names_of_study,
    orders_of,
    top_of_measures,
    top_of_study,
    unranked,
)
from rateloom.drivers.fitting.target_form import TargetForm
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.observation.bold.haemodynamics import BOLD
from rateloom.drivers.observation.dataset_series import node_labels
from rateloom.drivers.observation.observation import observation_of
from rateloom.drivers.planning.grid import MAX_ITEM
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.studies.job import planned
from rateloom.drivers.studies.plan_difference import check_same
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.support.arguments import optional_text, real_numbers
from rateloom.drivers.support.destinations import PLAN, keeps_series
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.notices import issue, pass_on
from rateloom.drivers.support.stores import reading_store
from rateloom.dsl.model import Model

if TYPE_CHECKING:
    import pandas as pd

# Options of `rateloom.measures` that a fit of time series passes on.
_OF_SERIES = {"connectome", "convention", "measures", "custom", "matrices", "threads", "progress"}


@dataclass(frozen=True, eq=False)
class Fit:
    """The best fits of a sweep.

    Attributes
    ----------
    best : pandas.DataFrame
        Columns ``target``, ``exposure``, ``rank`` (from 1), ``score``, ``item``, the swept parameters, and
        every measure of the whole brain.
    measures : xarray.Dataset, optional
        Of all work items; none of a study that is not finished.
    """

    best: pd.DataFrame
    measures: xr.Dataset | None


def targets(
    fc: Any = None,
    fcd: Any = None,
    phase_fcd: Any = None,
    series: Any = None,
    *,
    tr: float | None = None,
    censor: Any = None,
    settings: MeasureSettings | None = None,
    labels: Sequence[str] | None = None,
    scale: str = "correlation",
    triangle: str | None = None,
    connectome: Connectome | str | PathLike[str] | None = None,
) -> tuple[DataToFit, ...]:
    """Read the data that simulations are compared with: functional connectivity and its dynamics.

    Each is a file (``[NAME=]FILE[:VARIABLE][:SLICE]``; npy, npz, csv, tsv, txt, parquet, mat up to version
    7), an
    array, a list of files, or a mapping of names to files or arrays. Targets of one name belong together.

    Parameters
    ----------
    fc : matrix (node, node), or a triangle of one as a vector
        Functional connectivity. NaN marks pairs that are left out of comparisons.
    fcd, phase_fcd : matrix (window, window) or values (k,)
        Functional-connectivity dynamics: correlations of the connectivity of sliding windows, or cosine
        similarities of the phase coherence of instants.
    series : (time, node)
        Time series, BOLD say, that all three are made from; the dynamics only if they last.
    tr : float
        Time between samples of `series`, ms.
    censor : (time,) or (time, k) array of 0 and 1, indices (k,), a file, or a mapping, optional
        The volumes of `series` that are left out, 1 or True for each, or their numbers; of several series by
        their names. They may hold anything. Dynamics of a censored series are left out.
    settings : MeasureSettings, optional
        Windows of the dynamics: ``fcd_window``, ``fcd_step`` and ``fcd_apart``; and ``cleaning``, by which
        `series` are cleaned. Give simulations the same.
    labels : sequence of str, optional
        Names of the regions of `fc` and `series`, which are put in the order of the connectome's; regions
        that it does not have are left out. Without, a file's names of rows or columns count, or else the
        order is taken to be the connectome's.
    scale : {"correlation", "fisher-z"}
        What the values of `fc`, `fcd` and `phase_fcd` are.
    triangle : {"upper", "lower"}, optional
        Where `fc` is a vector: whether it is the rows of the upper triangle (SciPy's and MATLAB's
        ``squareform``; taken with a warning if left out) or of the lower.
    connectome : Connectome, str or path, optional
        What simulations run on, needed with `labels`.

    Returns
    -------
    tuple of DataToFit
        For ``rateloom.sweep(..., keep="measures", targets=...)`` and ``rateloom.measures(..., targets=...)``.

    Raises
    ------
    InputError
        If anything given cannot be read or compared with; one line says what and why.
    """
    _check_settings(settings)
    if labels is not None and connectome is None:
        raise InputError("labels=: give connectome= as well, whose regions targets are put in the order of")
    form = TargetForm(labels, scale, triangle, censor)
    regions = UNKNOWN if connectome is None else regions_of(connectome_of(connectome, "none"))
    data_to_fit, warnings = targets_of(
        fc, fcd, phase_fcd, series, tr=tr, settings=settings, form=form, regions=regions
    )
    pass_on(issue, warnings)
    return data_to_fit


def fit(
    source: Model | str | PathLike[str] | xr.Dataset,
    axes: Mapping[str, ArrayLike] | None = None,
    *,
    fc: Any = None,
    fcd: Any = None,
    phase_fcd: Any = None,
    series: Any = None,
    tr: float | None = None,
    censor: Any = None,
    labels: Sequence[str] | None = None,
    scale: str = "correlation",
    triangle: str | None = None,
    by: str = "fc",
    best: int = 10,
    exposure: str | None = None,
    measure_settings: MeasureSettings | None = None,
    **options: Any,
) -> Fit:
    """Sweep a model, compare every work item with targets, and rank them; or rank what was swept.

    Parameters
    ----------
    source : Model, name, path or Dataset
        With `axes`, the model to sweep. Without, the directory of a study whose work items were compared
        with targets; or time series of a sweep, or the Zarr store of them, to be compared now.
    axes : mapping of str to array, optional
        As in `rateloom.sweep`.
    fc, fcd, phase_fcd, series, tr, censor, labels, scale, triangle
        See `rateloom.targets`; those of a study are in its plan.
    by : {"fc", "fcd", "phase", "both"}
        Rank by the correlation of functional connectivity over pairs of regions; by the Kolmogorov-Smirnov
        distance of its dynamics, or of those of phases; or by the first less the second.
    best : int
        How many of each target.
    exposure : str, optional
        What of the model is ranked; its first exposure that is no angle if left out.
    measure_settings : MeasureSettings, optional
        Windows of the dynamics, and ``cleaning`` of simulated and recorded series alike.
    **options
        Further ones of `rateloom.sweep`; of `rateloom.measures` for time series.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used; one line says what and why.
    """
    check_ranking(by, best)
    optional_text("exposure", exposure, "the name of an exposure")
    store = None
    if axes is None and not isinstance(source, xr.Dataset):
        path = path_of("source", source)
        if (path / PLAN).is_file():
            of_plan = (fc, fcd, phase_fcd, series, tr, censor, labels, measure_settings)
            if options or any(value is not None for value in of_plan):
                raise InputError(f"{path}: a study has the targets that it was swept with; leave others out")
            targets_of_plan = read_plan(path).targets
            orders = orders_of(targets_of_plan, names_of_study(path), by, exposure)
            pass_on(issue, unranked(targets_of_plan, by))
            return Fit(best_of(orders, partial(top_of_study, path, best)), None)
        if not keeps_series(path) or not path.exists():
            raise InputError(
                f"{path}: neither a study ({PLAN} is absent) nor a .zarr store or .nc file; a model takes "
                "axes"
            )
        source, store = open_result(path), path
    _check_settings(measure_settings)
    form = TargetForm(labels, scale, triangle, censor)
    blood = _blood(options) if axes is not None else None
    measure_settings = settled(measure_settings, blood)
    regions = _regions(source if axes is None else None, options)
    data_to_fit, warnings = targets_of(
        fc, fcd, phase_fcd, series, tr=tr, settings=measure_settings, form=form, regions=regions
    )
    pass_on(issue, warnings)
    if not data_to_fit:
        raise InputError("fit: nothing to compare with; give fc=, fcd=, phase_fcd= or series=")
    if axes is not None:
        measured = _of_sweep(source, axes, data_to_fit, by, exposure, measure_settings, options)
    else:
        assert isinstance(source, xr.Dataset)
        with nullcontext() if store is None else reading_store(store):
            if unknown := sorted(options.keys() - _OF_SERIES):
                raise InputError(f"fit: {unknown[0]}= is for a sweep, which takes axes; leave it out")
            measured = measures_of(source, settings=measure_settings, targets=data_to_fit, **options)
    orders = orders_of(data_to_fit, map(str, measured.data_vars), by, exposure)
    pass_on(issue, unranked(data_to_fit, by))
    return Fit(best_of(orders, partial(top_of_measures, measured, best)), measured)


def time_series(
    study: str | PathLike[str],
    items: ArrayLike,
    *,
    threads: int | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """Simulate work items of a study again, for their time series: bit for bit what was measured.

    Parameters
    ----------
    study : path
        Its directory.
    items : (k,) array of int
        Numbers of work items, as in the column ``item`` of its tables.
    threads, progress
        See `rateloom.sweep`.

    Returns
    -------
    xarray.Dataset
        One variable an exposure, with dimensions (item, time, node), and the swept parameters over ``item``.

    Raises
    ------
    InputError
        If there is no such study or work item, or this machine would give other bits.
    """
    folder = path_of("study", study)
    complaint = f"items={shown(items)}: give a list of numbers of work items"
    real = real_numbers(items, complaint)
    if real.ndim != 1 or not real.size or not np.isfinite(real).all() or (real != np.rint(real)).any():
        raise InputError(complaint)
    numbers = np.clip(real, -1, MAX_ITEM).astype(np.int64)
    saved = read_plan(folder)
    wrong = numbers[(numbers < 0) | (numbers >= saved.grid.n_item)]
    if wrong.size:
        raise InputError(f"{folder}: no work item {wrong[0]}; they count from 0 to {saved.grid.n_item - 1}")
    job = saved_job(saved, replace(saved.settings, threads=threads), Run())
    _, _, record, _ = planned(job)
    check_same(folder, saved.record, record)
    distinct, positions = np.unique(numbers, return_inverse=True)
    series = simulate_items(folder, distinct.tolist(), progress, threads).isel(item=positions)
    return series.assign_coords(
        {name: ("item", saved.grid.item_values(name, numbers.astype(np.int64))) for name in saved.grid.names}
    )


def _of_sweep(
    model: Any,
    axes: Mapping[str, ArrayLike],
    data_to_fit: tuple[DataToFit, ...],
    by: str,
    exposure: str | None,
    settings: MeasureSettings | None,
    options: Mapping[str, Any],
) -> xr.Dataset:
    """Measures of a sweep, once it is known that they can be ranked."""
    if "keep" in options:
        raise InputError("keep=: a fit keeps measures; leave keep= out")
    loaded = load(model)
    exposures = measured_exposures(loaded) if _blood(options) is None else [BOLD]
    orders_of(data_to_fit, compared(data_to_fit, exposures), by, exposure)
    return sweep(loaded, axes, keep="measures", targets=data_to_fit, measure_settings=settings, **options)


def _blood(options: Mapping[str, Any]) -> BoldSettings | None:
    """Return the settings of BOLD signals, if these are compared."""
    return observation_of(options.get("monitor", "tavg"), 1.0, options.get("bold"), "measures").bold


def _check_settings(settings: object) -> None:
    if not (settings is None or isinstance(settings, MeasureSettings)):
        raise InputError(f"settings={shown(settings)}: give a rateloom.MeasureSettings")


def _regions(series: Any, options: Mapping[str, Any]) -> Regions:
    """The regions of time series, or else of the connectome that is simulated."""
    if series is None:
        return regions_of(connectome_of(options.get("connectome", default_connectome()), "none"))
    connectome = options.get("connectome")
    return regions_of_series(series, None if connectome is None else connectome_of(connectome, "none"))


def regions_of_series(series: xr.Dataset, connectome: Connectome | None = None) -> Regions:
    """The regions of time series; a connectome names them where they have no names of their own."""
    return Regions(series.sizes.get("node"), node_labels(series, connectome) or None)

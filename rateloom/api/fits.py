"""Fitting a model to data: a sweep whose work items are compared with targets, and the best of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

import xarray as xr

from rateloom.api.bold import settled
from rateloom.api.exposures import measured_exposures
from rateloom.api.loading import connectome as connectome_of
from rateloom.api.loading import default_connectome, load
from rateloom.api.measuring import measures as measures_of
from rateloom.api.simulation import sweep
from rateloom.api.subject_grids import one_connectome
from rateloom.api.target_data import check_measure_settings
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.fitting.data_sources import targets_of
from rateloom.drivers.fitting.orientation import Regions, regions_of
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
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.support.arguments import optional_text
from rateloom.drivers.support.destinations import PLAN, keeps_series
from rateloom.drivers.support.errors import InputError, path_of
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


def fit(
    source: Model | str | PathLike[str] | xr.Dataset,
    axes: Mapping[str, Any] | None = None,
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
    mask: Any = None,
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
    fc, fcd, phase_fcd, series, tr, censor, labels, scale, triangle, mask
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
        Further ones of `rateloom.sweep`; of `rateloom.measures` for time series. With ``dry_run=True``, a
        sweep is not made and nothing is ranked: ``measures`` has the figures for its attributes.

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
            of_plan = (fc, fcd, phase_fcd, series, tr, censor, labels, mask, measure_settings)
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
    check_measure_settings(measure_settings)
    form = TargetForm(labels, scale, triangle, censor, mask)
    blood = _blood(options) if axes is not None else None
    measure_settings = settled(measure_settings, blood)
    regions = _regions(source if axes is None else None, axes, options)
    data_to_fit, warnings = targets_of(
        fc, fcd, phase_fcd, series, tr=tr, settings=measure_settings, form=form, regions=regions
    )
    pass_on(issue, warnings)
    if not data_to_fit:
        raise InputError("fit: nothing to compare with; give fc=, fcd=, phase_fcd= or series=")
    if axes is not None:
        measured = _of_sweep(source, axes, data_to_fit, by, exposure, measure_settings, options)
        if options.get("dry_run", False):
            import pandas as pd

            return Fit(pd.DataFrame(), measured)
    else:
        assert isinstance(source, xr.Dataset)
        with nullcontext() if store is None else reading_store(store):
            if unknown := sorted(options.keys() - _OF_SERIES):
                raise InputError(f"fit: {unknown[0]}= is for a sweep, which takes axes; leave it out")
            measured = measures_of(source, settings=measure_settings, targets=data_to_fit, **options)
    orders = orders_of(data_to_fit, map(str, measured.data_vars), by, exposure)
    pass_on(issue, unranked(data_to_fit, by))
    return Fit(best_of(orders, partial(top_of_measures, measured, best)), measured)


def _of_sweep(
    model: Any,
    axes: Mapping[str, Any],
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


def _regions(series: Any, axes: object, options: Mapping[str, Any]) -> Regions:
    """The regions of time series, or else of the connectomes that are simulated."""
    connectome = options.get("connectome")
    if series is None:
        connectome = one_connectome(axes, connectome)
        return regions_of(connectome_of(default_connectome() if connectome is None else connectome, "none"))
    if isinstance(connectome, list | tuple):
        connectome = next(iter(connectome), None)
    return regions_of_series(series, None if connectome is None else connectome_of(connectome, "none"))


def regions_of_series(series: xr.Dataset, connectome: Connectome | None = None) -> Regions:
    """The regions of time series; a connectome names them where they have no names of their own."""
    hemispheres = None if connectome is None else connectome.hemispheres
    return Regions(series.sizes.get("node"), node_labels(series, connectome) or None, hemispheres)

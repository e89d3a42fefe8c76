"""BOLD signals of simulations, while they run and afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from rateloom.api.generation import code_for
from rateloom.api.loading import load, model_text
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.model.description import check_names, measurable
from rateloom.drivers.model.model_text import ModelText
from rateloom.drivers.observation.bold.bold_measures import BoldSource
from rateloom.drivers.observation.bold.bold_settings import BoldSettings, bold_timing, windows_of
from rateloom.drivers.observation.bold.bold_study import fed_study, reason_of_loss, volumes_of
from rateloom.drivers.observation.bold.haemodynamics import BOLD, Haemodynamics, haemodynamics_of
from rateloom.drivers.observation.bold.kept_volumes import bold_attributes
from rateloom.drivers.observation.bold.signals import open_bold
from rateloom.drivers.observation.dataset_series import (
    angles_of,
    exposures_of,
    node_labels,
    sample_distance,
)
from rateloom.drivers.observation.series import Series
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.attributes import described, plain_attributes
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.progress import progress_bar
from rateloom.drivers.tables.labelled import mapped_by_region
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model

# of a dataset, read at once
_PART_BYTES = 64_000_000


def bold(
    dataset: xr.Dataset,
    exposure: str | None = None,
    *,
    tr: float = 2000.0,
    dt: float | None = None,
    warm_up: float = 0.0,
    model: str | PathLike[str] = "balloon",
    parameters: Mapping[str, ArrayLike] | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """Make BOLD signals of simulated activity.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `simulate` or `sweep` returns, or any dataset with variables over ``time`` (ms, evenly spaced)
        and ``node``, in any order and with any other dimensions.
    exposure, tr, dt, warm_up, model, parameters
        See `BoldSettings`; `exposure` is a variable of the dataset.
    progress : bool, optional
        Whether to show a progress bar; on a terminal by default.

    Returns
    -------
    xarray.Dataset
        ``BOLD`` with the other dimensions of the exposure, then time (one volume every `tr` ms, with the
        state at that time) and node. From where the activity or the signal is not finite it is NaN.

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used; one line says what and why.
    """
    settings = BoldSettings(exposure, tr, dt, warm_up, model, parameters)
    exposures = exposures_of(dataset)
    distance = sample_distance(dataset)
    names = measurable(exposures, angles_of(dataset), "BOLD signals")
    check_names([] if exposure is None else [exposure], names, "exposure", "the dataset")
    name = exposure or names[0]
    axes = [dim for dim in dataset[name].dims if dim not in ("time", "node")]
    series = dataset[name].transpose(*axes, "time", "node")
    n_time, n_node = series.shape[-2:]
    of_nodes = mapped_by_region("parameter", parameters, node_labels(dataset, None) or None, n_node)
    settings = replace(settings, parameters=of_nodes)
    timing = bold_timing(settings, distance, n_time)
    precision = "float64" if series.dtype == np.float64 else "float32"
    haemodynamics = haemodynamics_of(
        code_for(load(model), "numba"), settings, timing, (0, 1), n_node, precision
    )
    volumes = np.empty((*series.shape[:-2], timing.n_volume, n_node), precision)
    items = int(np.prod(series.shape[:-2], dtype=np.int64))
    with progress_bar(float(items), "BOLD", "work items", progress) as advance:
        for index in np.ndindex(series.shape[:-2]):
            volumes[index] = _of_item(haemodynamics, series[index])
            advance(1)
    # samples are stamped at the middle of their window, or after their step
    begin = float(dataset["time"][0]) - distance * (1.0 if dataset.attrs.get("monitor") == "raw" else 0.5)
    _, unit, description = haemodynamics.described
    other_variables = dataset.drop_dims("time")
    other_variables = other_variables.drop_vars(
        [n for n in other_variables.data_vars if n != "diverged_step"]
    )
    result = other_variables.assign({BOLD: ([*axes, "time", "node"], volumes, described(unit, description))})
    result = result.assign_coords(time=("time", begin + timing.times, {"unit": "ms"}))
    result = result[[BOLD, *(n for n in result.data_vars if n != BOLD)]]
    made_with = bold_attributes(haemodynamics, replace(settings, exposure=name))
    return result.assign_attrs(plain_attributes(made_with))


def settled(settings: MeasureSettings | None, bold: BoldSettings | None) -> MeasureSettings | None:
    """Return the settings of measures; those of BOLD signals have windows that suit these by default."""
    return windows_of(bold) if settings is None and bold is not None else settings


def recorded_bold(attributes: Mapping[Any, Any]) -> BoldSettings | None:
    """Return the settings of BOLD signals that a result's attributes record.

    Returns
    -------
    BoldSettings or None
        None where no shipped haemodynamic model is the one that they were made with.
    """
    name = attributes["bold_model"]
    try:
        model_hash = load(name).hash
    except (InputError, ModelError):
        model_hash = ""
    if model_hash != attributes["bold_model_hash"]:
        return None
    return BoldSettings(
        attributes["bold_from"], attributes["tr"], attributes["bold_dt"], attributes["warm_up"], name,
        json.loads(attributes["bold_parameters"]),
    )  # fmt: skip


def bold_study(study: Study, settings: BoldSettings) -> tuple[Study, Series]:
    """Make a study keep BOLD signals: its monitor then averages over steps of the haemodynamic model.

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used.
    """
    code = code_for(load(settings.model), study.settings.backend)
    study, haemodynamics, settings = fed_study(study, settings, code)
    return study, volumes_of(haemodynamics, settings)


def measured_study(
    study: Study, settings: BoldSettings, saved: ModelText | None = None
) -> tuple[Study, BoldSource]:
    """Make a study whose BOLD signals are measured, likewise.

    Parameters
    ----------
    saved : ModelText, optional
        The haemodynamic model as a plan holds it, in place of the one that the settings name.

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used.
    """
    model = load(settings.model) if saved is None else load_model(saved.path, saved.text)
    code = code_for(model, study.settings.backend)
    study, haemodynamics, settings = fed_study(study, settings, code, least=2)
    reason = reason_of_loss(haemodynamics, settings)
    return study, BoldSource(haemodynamics, settings, saved or model_text(model), reason)


def _of_item(haemodynamics: Haemodynamics, series: xr.DataArray) -> Any:
    """Volumes (time, node) of one series (time, node), read some MB at a time."""
    sink = open_bold(haemodynamics, np.zeros(1, np.int64))
    step = max(1, _PART_BYTES // (8 * haemodynamics.n_node))
    for first in range(0, series.shape[0], step):
        sink.take(first, series[first : first + step].values[None, :, :, None])
    return sink.finish()[BOLD][0]

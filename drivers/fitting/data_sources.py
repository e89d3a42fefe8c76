"""Data to fit from a user's files and arrays, and from time series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.measures.data_to_fit import FC, FCD, PHASE, DataToFit, check_finite, check_targets
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.arguments import positive_number
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.region_values import positions_of
from rateloom.drivers.tables.table import Floats

from .censoring import censored_of, censoring_warnings, kept_volumes, without_censored
from .given_data import DataSource, GivenData, given_data_of, names_to_match
from .masks import mask_of, with_mask
from .orientation import UNKNOWN, Regions, check_orientation
from .series_targets import RecordedSeries, check_series, targets_of_series
from .target_form import TargetForm, as_matrix, correlations, warnings_of_holes


def targets_of(
    fc: DataSource = None,
    fcd: DataSource = None,
    phase_fcd: DataSource = None,
    series: DataSource = None,
    *,
    tr: float | None = None,
    settings: MeasureSettings | None = None,
    form: TargetForm | None = None,
    regions: Regions = UNKNOWN,
) -> tuple[tuple[DataToFit, ...], tuple[SettingsWarning, ...]]:
    """Make data to fit of files and arrays, and warnings of them; see `rateloom.targets`.

    Parameters
    ----------
    form : TargetForm, optional
        The labels of `fc`, `series` and the mask, and the form of the others.
    regions : Regions
        Those of the connectome, whose order the data get.
    """
    form = form or TargetForm()
    if form.labels is not None:
        positions_of("labels of targets", list(form.labels), regions.labels)
    mask, assumed = mask_of(form.mask, form.labels, regions)
    data, warnings = _correlations_of(fc, fcd, phase_fcd, form, regions)
    of_series, of_recordings = _of_recordings(series, tr, settings or MeasureSettings(), form, regions)
    data += of_series
    if mask is not None:
        data = with_mask(data, mask)
    check_targets(data)
    return tuple(data), (*assumed, *warnings, *of_recordings)


def _correlations_of(
    fc: DataSource, fcd: DataSource, phase_fcd: DataSource, form: TargetForm, regions: Regions
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return data to fit that are correlations already."""
    data, warnings = list[DataToFit](), list[SettingsWarning]()
    for entry in given_data_of("fc", fc):
        names, unmatched = names_to_match(f"target {entry.name}", entry, form.labels, regions)
        count = regions.count if names is None else len(names)
        matrix, assumed = as_matrix(entry.name, correlations(entry.values, form), form, count)
        ordered = _in_order(replace(entry, values=matrix), names, regions, (0, 1))
        data.append(DataToFit(entry.name, FC, ordered))
        warnings += [*assumed, *unmatched]
    for kind, given in ((FCD, given_data_of("fcd", fcd)), (PHASE, given_data_of("phase_fcd", phase_fcd))):
        data += [DataToFit(entry.name, kind, _flat(correlations(entry.values, form))) for entry in given]
    for target in data:
        warnings += warnings_of_holes(target.name, target.values)
    return data, warnings


def _of_recordings(
    series: DataSource, tr: float | None, settings: MeasureSettings, form: TargetForm, regions: Regions
) -> tuple[list[DataToFit], list[SettingsWarning]]:
    """Return data to fit that recorded time series give."""
    data, warnings = list[DataToFit](), list[SettingsWarning]()
    recorded = given_data_of("series", series)
    censored = censored_of(form.censor, [entry.name for entry in recorded])
    for entry in recorded:
        distance = _distance(tr)
        names, unmatched = names_to_match(f"target {entry.name}", entry, form.labels, regions)
        count = regions.count if names is None else len(names)
        if names is None or count in entry.values.shape:  # else `_in_order` says what the labels lack
            check_orientation(f"series {entry.name}", entry.values.shape, entry.named, count)
        entry, kept, marked = _censored(entry, censored.get(entry.name))
        ordered = _in_order(entry, names, regions, (1,))
        of_series, left_out = targets_of_series(RecordedSeries(entry.name, ordered, distance, kept), settings)
        data += of_series
        warnings += [*unmatched, *marked, *left_out]
    return data, warnings


def _censored(
    series: GivenData, censored: GivenData | None
) -> tuple[GivenData, NDArray[np.bool_] | None, tuple[SettingsWarning, ...]]:
    """Return series (time, region), whose censored volumes may hold anything, and the volumes kept."""
    if censored is None or series.values.ndim != 2:
        return series, None, ()
    kept = kept_volumes(series.name, censored.values, len(series.values))
    if kept.all():
        return series, None, ()
    values = without_censored(series.values, kept)
    return replace(series, values=values), kept, censoring_warnings(series.name, kept)


def _in_order(
    entry: GivenData, labels: Sequence[str] | None, regions: Regions, dimensions: tuple[int, ...]
) -> Floats:
    """Return data with their regions in the connectome's order, along each of `dimensions`."""
    name, array = entry.name, entry.values
    if array.ndim == 2 and len(dimensions) == 2:  # before its rows and columns are moved
        check_finite(f"target {name}", np.where(np.isnan(array) | (np.eye(*array.shape) > 0), 0.0, array))
    elif array.ndim == 2:
        check_series(name, array)
    if labels is None:
        return array
    if array.ndim != 2 or any(array.shape[dimension] != len(labels) for dimension in dimensions):
        size = " x ".join(map(str, array.shape)) or "a single"
        unit = "a row and a column" if len(dimensions) == 2 else "a column"
        raise InputError(
            f"target {name}: {size} numbers, and {len(labels)} labels of its regions; give {unit} a label"
        )
    positions = positions_of(f"target {name}: labels", labels, regions.labels)
    for dimension in dimensions:
        array = array.take(positions, dimension)
    return array


def _flat(values: Floats) -> Floats:
    """Return a single row or column as a list of values, and a matrix as it is."""
    return values.reshape(-1) if values.ndim == 2 and 1 in values.shape else values


def _distance(tr: float | None) -> float:
    if tr is None:
        raise InputError("series: say how far apart its samples are, in ms (tr=, --tr)")
    return positive_number("tr", tr)

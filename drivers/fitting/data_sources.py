"""Data to fit from a user's files and arrays, and from time series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.measures.data_to_fit import FC, FCD, PHASE, DataToFit, check_finite, check_targets
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.arguments import positive_number, real_numbers
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.region_values import positions_of
from rateloom.drivers.tables.sources import Source, parse_source, read_source
from rateloom.drivers.tables.table import Floats, region_names

from .orientation import UNKNOWN, Regions, check_orientation, is_named
from .series_targets import check_series, targets_of_series
from .target_form import TargetForm, as_matrix, correlations, warnings_of_holes

DataSource = Any  # a path, an array, a mapping of names to these, or a sequence of paths
_AS_ARRAY = "{}={}: give a file, an array, a list of files, or a mapping of names to these"


@dataclass(frozen=True, eq=False)
class _Data:
    """Data to fit as they come: whether dimensions have names, and the names of regions that a file has."""

    name: str
    values: Floats
    named: bool = False
    labels: Sequence[str] | None = None


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
        The labels of `fc` and `series`, and the form of the others.
    regions : Regions
        Those of the connectome, whose order the data get.
    """
    form = form or TargetForm()
    data: list[DataToFit] = []
    warnings: list[SettingsWarning] = []
    if form.labels is not None:
        positions_of("labels of targets", list(form.labels), regions.labels)
    for entry in _entries("fc", fc):
        names, unmatched = _names(entry, form, regions)
        count = regions.count if names is None else len(names)
        matrix, assumed = as_matrix(entry.name, correlations(entry.values, form), form, count)
        ordered = _in_order(replace(entry, values=matrix), names, regions, (0, 1))
        data.append(DataToFit(entry.name, FC, ordered))
        warnings += [*assumed, *unmatched]
    for kind, given in ((FCD, _entries("fcd", fcd)), (PHASE, _entries("phase_fcd", phase_fcd))):
        data += [DataToFit(entry.name, kind, _flat(correlations(entry.values, form))) for entry in given]
    for target in data:
        warnings += warnings_of_holes(target.name, target.values)
    for entry in _entries("series", series):
        distance = _distance(tr)
        names, unmatched = _names(entry, form, regions)
        count = regions.count if names is None else len(names)
        if names is None or count in entry.values.shape:  # else `_in_order` says what the labels lack
            check_orientation(f"series {entry.name}", entry.values.shape, entry.named, count)
        ordered = _in_order(entry, names, regions, (1,))
        of_series, left_out = targets_of_series(entry.name, ordered, distance, settings or MeasureSettings())
        data += of_series
        warnings += [*unmatched, *left_out]
    check_targets(data)
    return tuple(data), tuple(warnings)


def _names(
    entry: _Data, form: TargetForm, regions: Regions
) -> tuple[Sequence[str] | None, tuple[SettingsWarning, ...]]:
    """Return the names that the regions of data are matched by: those that are given, or the file's."""
    if form.labels is not None:
        return list(form.labels), ()
    if entry.labels is None or set(entry.labels) & set(regions.labels or ()):
        return entry.labels, ()
    text = "the names of its regions are none of a connectome's; they are taken to be in its order"
    return None, (SettingsWarning(f"target {entry.name}: {text}"),)


def _in_order(
    entry: _Data, labels: Sequence[str] | None, regions: Regions, dimensions: tuple[int, ...]
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


def _entries(keyword: str, data: DataSource) -> list[_Data]:
    """Return the data to fit of one kind."""
    if data is None:
        return []
    if isinstance(data, Mapping):
        return [_entry(str(name), f"{keyword} {name}", value, keyword) for name, value in data.items()]
    if isinstance(data, str | PathLike):
        data = [data]
    if isinstance(data, Sequence) and all(isinstance(path, str | PathLike) for path in data):
        sources = [_source(path) for path in data]
        return [_of_file(source.name, source, keyword) for source in sources]
    return [_entry(keyword if keyword != "series" else "data", keyword, data, keyword)]


def _entry(name: str, subject: str, value: Any, keyword: str) -> _Data:
    if isinstance(value, str | PathLike):
        return _of_file(name, _source(value), keyword)
    return _Data(name, _array(subject, value), is_named(value))


def _of_file(name: str, source: Source, keyword: str) -> _Data:
    table = read_source(source)
    labels = region_names(table) if keyword == "fc" else table.columns if keyword == "series" else None
    return _Data(name, table.values, False, labels)


def _array(keyword: str, value: Any) -> Floats:
    if is_named(value):
        value = value.transpose("time", ...)
    return real_numbers(value, _AS_ARRAY.format(keyword, shown(value)))


def _source(path: str | PathLike[str]) -> Source:
    return parse_source(path if isinstance(path, str) else str(Path(path)))


def _distance(tr: float | None) -> float:
    if tr is None:
        raise InputError("series: say how far apart its samples are, in ms (tr=, --tr)")
    return positive_number("tr", tr)

"""Targets from what a user gives: files, arrays, and time series that they are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.measures.comoments import blocks_of
from rateloom.drivers.measures.data_targets import (
    FC,
    FCD,
    PHASE,
    Target,
    check_finite,
    check_targets,
    pairs_of,
    phase_dynamics,
)
from rateloom.drivers.measures.dynamics import block_length, connectivity_dynamics
from rateloom.drivers.measures.functional_connectivity import correlation
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.moments import moments, standardized
from rateloom.drivers.measures.transform import mean_power_and_hilbert
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError, shown

from .array_files import Source, parse_source, read_array

Items = NDArray[np.int64]
Given = Any  # a path, an array, a mapping of names to these, or a sequence of paths
_AS_ARRAY = "{}={}: give a file, an array, a list of files, or a mapping of names to these"


def targets_of(
    fc: Given = None,
    fcd: Given = None,
    phase_fcd: Given = None,
    series: Given = None,
    *,
    tr: float | None = None,
    settings: MeasureSettings | None = None,
    labels: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
) -> tuple[tuple[Target, ...], tuple[SettingsWarning, ...]]:
    """Targets from files and arrays, and warnings of them; see `rateloom.targets`.

    Parameters
    ----------
    labels, order : sequence of str, optional
        Names of the regions of `fc` and `series`, and of the connectome, whose order they are put in.
    """
    how = settings or MeasureSettings()
    names = None if labels is None else list(labels)
    place = None if names is None else places(names, order)
    found = [
        Target(name, FC, _in_order(name, array, names, place, (0, 1))) for name, array in _arrays("fc", fc)
    ]
    found += [Target(name, FCD, array) for name, array in _arrays("fcd", fcd)]
    found += [Target(name, PHASE, array) for name, array in _arrays("phase_fcd", phase_fcd)]
    warnings: list[SettingsWarning] = []
    for name, array in _arrays("series", series):
        ordered = _in_order(name, array, names, place, (1,))
        made, doubts = targets_of_series(name, ordered, _distance(tr), how)
        found += made
        warnings += doubts
    check_targets(found)
    return tuple(found), tuple(warnings)


def targets_of_series(
    name: str, values: NDArray[np.float64], tr: float, settings: MeasureSettings
) -> tuple[list[Target], list[SettingsWarning]]:
    """Functional connectivity of series (time, node) sampled every `tr` ms, and their dynamics if they last.

    The measures of simulations are taken by the same functions with the same settings.

    Raises
    ------
    InputError
        If there are too few samples or regions, or one that is not finite or does not vary.
    """
    where = f"series {name}"
    size = " x ".join(map(str, values.shape))
    if values.ndim != 2 or values.shape[0] < 3 or values.shape[1] < 3:
        raise InputError(f"{where}: {size} numbers; give a row a time and a column a region, three at least")
    check_finite(where, values)
    warnings = []
    if tr > settings.fcd_step:
        warnings.append(
            SettingsWarning(
                f"{where}: samples are {tr:g} ms apart, further than a step of the sliding window, "
                f"{settings.fcd_step:g} ms; "
                "its dynamics are those of windows that step by a sample: give --fcd-window and --fcd-step"
            )
        )
    rows = np.ascontiguousarray(values.T)
    found = moments(rows)
    still = np.flatnonzero(~(found.deviation > 0))
    if still.size:
        raise InputError(f"{where}: column {still[0]} (of {size}, a column a region) does not vary")
    unit = standardized(rows, found)
    step = block_length(settings, tr, rows.shape[1])
    blocks = blocks_of(unit, step)
    made = [Target(name, FC, correlation(blocks))]
    _, hilbert = mean_power_and_hilbert(unit, found.deviation)
    dynamics = {
        FCD: connectivity_dynamics(blocks, round(settings.fcd_window / settings.fcd_step), "standard"),
        PHASE: phase_dynamics(unit, hilbert, step),
    }
    for kind, matrix in dynamics.items():
        pairs = pairs_of(matrix, settings.fcd_apart)
        if pairs.size > 1:
            made.append(Target(name, kind, np.clip(pairs, -1.0, 1.0)))
    left_out = sorted(dynamics.keys() - {target.kind for target in made})
    if left_out:
        warnings.append(
            SettingsWarning(
                f"{where}: {len(values) * tr:g} ms are too few windows for {' and '.join(left_out)}: "
                "left out; give a longer series, or shorter windows (--fcd-window, --fcd-step)"
            )
        )
    return made, warnings


def places(labels: Sequence[str], order: Sequence[str] | None) -> Items:
    """Where each region of a connectome is among a target's regions, by their names.

    Raises
    ------
    InputError
        If the connectome has no names, or a region of it is not among the target's, or there twice.
    """
    if order is None:
        raise InputError("labels of targets: the connectome has none that they could be matched with")
    names = list(labels)
    if len(names) < len(order):
        raise InputError(
            f"labels of targets: {len(names)} names, and the connectome has {len(order)} regions"
        )
    for name in order:
        if names.count(name) != 1:
            there = "absent from" if name not in names else "more than once in"
            raise InputError(f"labels of targets: the connectome's region {name} is {there} them")
    return np.array([names.index(name) for name in order])


def read_names(path: Path) -> list[str]:
    """Names of regions from a text file, the first word of each line.

    Raises
    ------
    InputError
        If the file cannot be read, or has no names.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise InputError(f"{str(path)!r}: no such file; give names of regions, one a line") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise InputError(f"{path}: cannot be read ({reason})") from None
    names = [line.replace(",", " ").split()[0] for line in lines if line.strip(" ,\t")]
    if not names:
        raise InputError(f"{path}: no names of regions are in it; write one a line")
    return names


def _in_order(
    name: str,
    array: NDArray[np.float64],
    labels: Sequence[str] | None,
    place: Items | None,
    dimensions: tuple[int, ...],
) -> NDArray[np.float64]:
    """A target with the dimensions that are regions in the order of the connectome's."""
    check_finite(f"target {name}", array)  # before its rows and columns are moved
    if labels is None or place is None:
        return array
    if array.ndim != 2 or any(array.shape[dimension] != len(labels) for dimension in dimensions):
        size = " x ".join(map(str, array.shape)) or "a single"
        each = "a row and a column" if len(dimensions) == 2 else "a column"
        raise InputError(
            f"target {name}: {size} numbers, and {len(labels)} labels of its regions; give {each} a label"
        )
    for dimension in dimensions:
        array = array.take(place, dimension)
    return array


def _arrays(what: str, given: Given) -> list[tuple[str, NDArray[np.float64]]]:
    """Names and arrays of one kind of target."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [(str(name), _array(f"{what} {name}", value)) for name, value in given.items()]
    if isinstance(given, str | PathLike):
        given = [given]
    if isinstance(given, Sequence) and all(isinstance(one, str | PathLike) for one in given):
        sources = [_source(one) for one in given]
        return [(source.name, read_array(source)) for source in sources]
    return [(what if what != "series" else "data", _array(what, given))]


def _array(what: str, value: Any) -> NDArray[np.float64]:
    if isinstance(value, str | PathLike):
        return read_array(_source(value))
    if isinstance(value, xr.DataArray) and set(value.dims) == {"time", "node"}:
        value = value.transpose("time", "node")
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
    except (TypeError, ValueError):
        raise InputError(_AS_ARRAY.format(what, shown(value))) from None
    return array.astype(np.float64)


def _source(given: str | PathLike[str]) -> Source:
    return parse_source(given if isinstance(given, str) else str(Path(given)))


def _distance(tr: float | None) -> float:
    if tr is None:
        raise InputError("series: say how far apart its samples are, in ms (tr=, --tr)")
    if not isinstance(tr, int | float) or not (math.isfinite(tr) and tr > 0):
        raise InputError(f"tr={shown(tr)}: it must be a number of ms above 0")
    return float(tr)

"""Measures of lane blocks as soon as they are simulated, so that no time series need be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.cleaned_item import is_cleaned
from rateloom.drivers.measures.custom import Measure, taken
from rateloom.drivers.measures.dynamics import bytes_needed
from rateloom.drivers.measures.item import has_dynamics
from rateloom.drivers.measures.trend import TREND
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study

from .bold.bold_measures import measured_bold
from .bold.haemodynamics import Haemodynamics
from .measure_request import own_measures
from .on_device import OnDevice, bytes_on_device
from .recipe import Part, Recipe, recipe_of_subject
from .streamed import Streamed, bytes_of_lane, in_one_pass, working_dtype

_DOUBLE = 8


def reduction_of(recipe: Recipe, study: Study) -> Reduction:
    """Reduce lane blocks of a study to the measures of a recipe.

    What can be made in one pass is made while a lane block is simulated, if that is all; otherwise its
    series are held, or its BOLD signals. These are measured by the thread that simulated them; what comes
    from a device is spread over the processor's threads.

    Where connectomes are swept, each work item is compared with its own.
    """
    subjects = recipe.request.subjects
    if not subjects:
        return _of_one(recipe, study)
    reductions = [_of_one(recipe_of_subject(recipe, connectome), study) for connectome in subjects]

    def of_items(items: NDArray[np.int64]) -> Reduction:
        return reductions[study.subject_of(items)]

    return replace(reductions[0], of_items=of_items)


def _of_one(recipe: Recipe, study: Study) -> Reduction:
    """Reduce lane blocks of one connectome."""
    threads = _threads(study.settings)
    if recipe.bold is not None:
        return _of_bold(recipe, recipe.bold.haemodynamics, threads)
    if not recipe.request.custom and all(in_one_pass(part.context) for part in recipe.parts):
        return _while_simulated(recipe, study.settings.dtype)
    return _of_series(recipe, study.samples.n_sample, threads)


def _of_bold(recipe: Recipe, haemodynamics: Haemodynamics, threads: int) -> Reduction:
    def measure(volumes: NDArray[Any]) -> dict[str, Any]:
        finite_items = np.flatnonzero(np.isfinite(volumes).all(axis=(1, 2)))
        return _measured(recipe, [volumes], finite_items, threads)

    working = _bytes_working(recipe, haemodynamics.timing.n_volume, threads)
    return measured_bold(haemodynamics, measure, recipe.bytes_item, working)


def _while_simulated(recipe: Recipe, dtype: str) -> Reduction:
    n_node = recipe.n_node

    def open_sink(items: NDArray[np.int64]) -> Streamed:
        return Streamed(recipe.parts, len(items), n_node, dtype)

    # correlations of one work item, and what they are made from
    working = 4 * _DOUBLE * n_node**2
    lane = bytes_of_lane(recipe.parts, n_node, dtype) + recipe.bytes_item
    return Reduction(
        recipe.bytes_item, working, sinks=(open_sink,), bytes_lane=lane,
        on_device=partial(OnDevice, recipe.parts, n_node, n_exposure=recipe.n_exposure),
        bytes_device=bytes_on_device(recipe.parts, n_node, dtype),
    )  # fmt: skip


def _of_series(recipe: Recipe, n_time: int, threads: int) -> Reduction:
    custom = recipe.request.custom

    def reduce(result: LaneResult) -> LaneResult:
        series = [result.samples[:, part.row] for part in recipe.parts]
        measures = _measured(recipe, series, np.flatnonzero(result.diverged_step < 0), threads)
        return replace(
            result, samples=np.empty((len(result.items), 0, 0, 0)), measures={**result.measures, **measures}
        )

    # a user's own measures are taken of all work items of a lane block at once
    lane = _DOUBLE * n_time * recipe.n_node if custom else 0
    working = _bytes_working(recipe, n_time, threads)
    return Reduction(recipe.bytes_item, working, reduce, bytes_lane=lane)


def _threads(settings: Settings) -> int:
    return settings.n_thread if BACKENDS[settings.backend].has_device else 1


def _bytes_working(recipe: Recipe, n_time: int, threads: int) -> int:
    """Return the memory that measuring series of `n_time` samples takes."""
    request, n_node = recipe.request, recipe.n_node
    windows = max(
        (
            bytes_needed(request.settings, p.context.dt, n_time, n_node, request.convention)
            for p in recipe.parts
            if has_dynamics(p.context)
        ),
        default=0,
    )
    # three arrays to write to, and the temporaries of the longest computation; twice, if signals are cleaned
    arrays = 12 if any(is_cleaned(part.context) for part in recipe.parts) else 6
    return threads * (arrays * _DOUBLE * n_time * n_node + windows)


def _measured(
    recipe: Recipe, series: Sequence[NDArray[Any]], finite_items: NDArray[np.int64], threads: int
) -> dict[str, Any]:
    """Measures of series (item, time, node), one array a part; a user's own of `finite_items` alone."""
    measures: dict[str, Any] = {}
    for values, part in zip(series, recipe.parts, strict=True):
        arrays = measure_items(values, part.context, scale=part.scale, threads=threads)
        for name, array in arrays.items():
            if name == TREND:
                measures[part.trend] = array
                continue
            column = part.columns[name]
            measures[column.name] = array.astype(column.dtype, copy=False)
        measures |= _own(values, finite_items, part, own_measures(part.context, recipe.request))
    return measures


def _own(
    values: NDArray[Any], finite_items: NDArray[np.int64], part: Part, custom: Sequence[Measure]
) -> dict[str, NDArray[np.float64]]:
    """A user's own measures of work items that have not diverged; those of others are NaN."""
    scaled = np.multiply(values[finite_items], part.scale, dtype=working_dtype(part.context, values.dtype))
    measures = {}
    for measure in custom:
        column = part.own[measure.name]
        array = np.full((len(values), *values.shape[2:] * column.n_node), np.nan)
        if finite_items.size:
            array[finite_items] = taken(measure, scaled, part.context.dt, column.regional)
        measures[column.name] = array
    return measures

"""Measures of lane blocks as soon as they are simulated, so that no time series need be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.backends.numba.lane_block import LaneResult
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.catalogue import FIT, entry_of, unit_of, variable_name
from rateloom.drivers.measures.custom import Measure, is_regional, taken
from rateloom.drivers.measures.data_to_fit import PHASE
from rateloom.drivers.measures.dynamics import bytes_needed
from rateloom.drivers.measures.item import Context, has_dynamics, names_of
from rateloom.drivers.measures.selection import check_taken, chosen, lacking
from rateloom.drivers.observation.bold.bold_measures import BoldSource, measured_bold
from rateloom.drivers.observation.bold.haemodynamics import Haemodynamics
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.results.dataset import Exposure, described
from rateloom.drivers.support.errors import InputError

from .measured_dataset import RATES, Request, context_of
from .on_device import OnDevice, bytes_on_device
from .streamed import Streamed, bytes_of_lane, in_one_pass, working_dtype

_DOUBLE = 8
# Volumes that a sliding window takes at least; lengths are those of whole numbers of volumes within rounding.
_LEAST_WINDOW = 3
_NEARLY = 1 - 1e-6


@dataclass(frozen=True)
class Column:
    """A measure of an exposure: ``mean_FR_E``.

    Attributes
    ----------
    n_node : int
        Dimensions that are regions: 0 for a number, 1 for one a node, 2 for a matrix.
    """

    name: str
    unit: str
    description: str
    n_node: int = 0

    @property
    def dtype(self) -> np.dtype[Any]:
        """Double precision; single for matrices, which are large."""
        return np.dtype(np.float32 if self.n_node == 2 else np.float64)

    @property
    def regional(self) -> bool:
        """Whether it is one a node."""
        return self.n_node == 1

    @property
    def attributes(self) -> dict[str, str]:
        """For a variable of a dataset."""
        return described(self.unit, self.description)


@dataclass(frozen=True, eq=False)
class Part:
    """The measures of one exposure.

    Attributes
    ----------
    scale : float
        Values are multiplied by this first.
    columns : dict of str to Column
        What each measure is called for this exposure, and what it is.
    own : dict of str to Column
        Likewise of the user's own measures.
    """

    context: Context
    scale: float
    columns: dict[str, Column]
    own: dict[str, Column]


@dataclass(frozen=True, eq=False)
class Recipe:
    """The measures that are taken of each work item.

    Attributes
    ----------
    parts : tuple of Part
        One an exposure, in the model's order.
    columns : tuple of Column
        Every measure, in the order in which results hold them.
    bold : BoldSource, optional
        What makes the BOLD signals that are measured in place of the samples.
    """

    exposures: tuple[str, ...]
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    request: Request
    n_node: int
    bold: BoldSource | None = None

    @property
    def bytes_item(self) -> int:
        """What the measures of a work item take."""
        return int(sum(c.dtype.itemsize * self.n_node**c.n_node for c in self.columns))

    @property
    def taken(self) -> tuple[str, ...]:
        """What is asked for, by its names in the catalogue, so that asking for these gives the same."""
        names = {name for part in self.parts for name in names_of(part.context)}
        return chosen([n for n in names if not n.startswith(FIT)], self.request.settings) or ()


def recipe_of(
    exposures: Sequence[Exposure],
    labels: Sequence[str] | None,
    n_node: int,
    settings: Settings,
    request: Request,
    bold: BoldSource | None = None,
) -> Recipe:
    """Decide on the measures of a run's exposures, or of the BOLD signals that come of one of them.

    Raises
    ------
    InputError
        If there is one sample only, windows are shorter than volumes are apart, or two measures would have
        one name.
    """
    times = settings.times if bold is None else bold.how.timing.times
    exposures = exposures if bold is None else [bold.how.described]
    if times.size < 2:
        raise InputError("keep='measures': there is one sample, and measures need two (period, duration)")
    dt = float((times[-1] - times[0]) / (times.size - 1))
    real = np.dtype(settings.dtype).type
    regional = {m.name: is_regional(m, times.size, n_node, dt, real) for m in request.custom}
    parts = []
    for exposure, unit, _ in exposures:
        context = context_of(request, unit, dt, labels or (), n_node)
        if bold is not None:
            _check_windows(context)
        own = {
            m.name: Column(
                variable_name(m.name, exposure, context.rate), m.unit, m.description, int(regional[m.name])
            )
            for m in request.custom
        }
        parts.append(Part(context, RATES.get(unit, 1.0), _columns(exposure, unit, context), own))
    columns = [column for part in parts for column in (*part.columns.values(), *part.own.values())]
    check_taken(request.names, frozenset(name for part in parts for name in part.columns))
    if not columns and request.names:
        raise InputError(lacking(request.names[0]))
    if not columns:
        raise InputError("measures: nothing is asked for; name a measure or a family, or give custom=")
    names_so_far = [column.name for column in columns]
    for name in names_so_far:
        if names_so_far.count(name) > 1:
            raise InputError(f"two measures would be called {name}; rename an exposure of the model")
    called = tuple(name for name, _, _ in exposures)
    return Recipe(called, tuple(parts), tuple(columns), request, n_node, bold)


def _check_windows(context: Context) -> None:
    """Refuse sliding windows that hold no correlation of volumes, where they are made."""
    how, tr = context.settings, context.dt
    dynamic = has_dynamics(context) or any(target.kind == PHASE for target in context.targets)
    if dynamic and (how.fcd_step < tr * _NEARLY or how.fcd_window < _LEAST_WINDOW * tr * _NEARLY):
        raise InputError(
            f"fcd_window={how.fcd_window:g} ms and fcd_step={how.fcd_step:g} ms: volumes come every "
            f"tr={tr:g} ms, and a step takes one, a window {_LEAST_WINDOW}; change measure_settings "
            "(--fcd-window, --fcd-step), or leave these measures out"
        )


def _columns(exposure: str, unit: str, context: Context) -> dict[str, Column]:
    own, result = "Hz" if context.rate else unit, {}
    for name in names_of(context):
        entry, called = entry_of(name), variable_name(name, exposure, context.rate)
        own_unit = unit_of(name, own, context.convention)
        result[name] = Column(called, own_unit, entry.meaning, entry.n_node)
    return result


def reduction_of(recipe: Recipe, settings: Settings) -> Reduction:
    """Reduce lane blocks to the measures of a recipe.

    What can be made in one pass is made while a lane block is simulated, if that is all; otherwise its
    series are held, or its BOLD signals. These are measured by the thread that simulated them; what comes
    from a device is spread over the processor's threads.
    """
    if recipe.bold is not None:
        return _of_bold(recipe, recipe.bold.how, settings)
    if not recipe.request.custom and all(in_one_pass(part.context) for part in recipe.parts):
        return _while_simulated(recipe, settings.dtype)
    return _of_series(recipe, settings)


def _of_bold(recipe: Recipe, how: Haemodynamics, settings: Settings) -> Reduction:
    threads = _threads(settings)

    def measure(volumes: NDArray[Any]) -> dict[str, Any]:
        whole = np.flatnonzero(np.isfinite(volumes).all(axis=(1, 2)))
        return _measured(recipe, [volumes], whole, threads)

    working = _bytes_working(recipe, how.timing.n_volume, threads)
    return measured_bold(how, measure, recipe.bytes_item, working)


def _while_simulated(recipe: Recipe, dtype: str) -> Reduction:
    n_node = recipe.n_node

    def open_sink(items: NDArray[np.int64]) -> Streamed:
        return Streamed(recipe.parts, len(items), n_node, dtype)

    # correlations of one work item, and what they are made from
    working = 4 * _DOUBLE * n_node**2
    lane = bytes_of_lane(recipe.parts, n_node, dtype) + recipe.bytes_item
    return Reduction(
        recipe.bytes_item, working, sinks=(open_sink,), bytes_lane=lane,
        on_device=partial(OnDevice, recipe.parts, n_node),
        bytes_device=bytes_on_device(recipe.parts, n_node, dtype),
    )  # fmt: skip


def _of_series(recipe: Recipe, settings: Settings) -> Reduction:
    threads, n_time = _threads(settings), settings.n_sample
    custom = recipe.request.custom

    def reduce(result: LaneResult) -> LaneResult:
        series = [result.samples[:, k] for k in range(len(recipe.parts))]
        found = _measured(recipe, series, np.flatnonzero(result.diverged_step < 0), threads)
        return replace(
            result, samples=np.empty((len(result.items), 0, 0, 0)), measures={**result.measures, **found}
        )

    # a user's own measures are taken of all work items of a lane block at once
    lane = _DOUBLE * n_time * recipe.n_node if custom else 0
    working = _bytes_working(recipe, n_time, threads)
    return Reduction(recipe.bytes_item, working, reduce, bytes_lane=lane)


def _threads(settings: Settings) -> int:
    return 1 if settings.backend == "numba" else settings.n_thread


def _bytes_working(recipe: Recipe, n_time: int, threads: int) -> int:
    """What measuring series of so many samples takes."""
    how, n_node = recipe.request, recipe.n_node
    windows = max(
        (
            bytes_needed(how.settings, p.context.dt, n_time, n_node, how.convention)
            for p in recipe.parts
            if has_dynamics(p.context)
        ),
        default=0,
    )
    # three arrays to write to, and the temporaries of the longest computation
    return threads * (6 * _DOUBLE * n_time * n_node + windows)


def _measured(
    recipe: Recipe, series: Sequence[NDArray[Any]], whole: NDArray[np.int64], threads: int
) -> dict[str, Any]:
    """Measures of series (item, time, node), one array a part; a user's own of `whole` work items alone."""
    found: dict[str, Any] = {}
    for values, part in zip(series, recipe.parts, strict=True):
        arrays = measure_items(values, part.context, scale=part.scale, threads=threads)
        for name, array in arrays.items():
            column = part.columns[name]
            found[column.name] = array.astype(column.dtype, copy=False)
        found |= _own(values, whole, part, recipe.request.custom)
    return found


def _own(
    values: NDArray[Any], whole: NDArray[np.int64], part: Part, custom: Sequence[Measure]
) -> dict[str, NDArray[np.float64]]:
    """A user's own measures of work items that have not diverged; those of others are NaN."""
    scaled = np.multiply(values[whole], part.scale, dtype=working_dtype(part.context, values.dtype))
    found = {}
    for measure in custom:
        column = part.own[measure.name]
        array = np.full((len(values), *values.shape[2:] * column.n_node), np.nan)
        if whole.size:
            array[whole] = taken(measure, scaled, part.context.dt, column.regional)
        found[column.name] = array
    return found

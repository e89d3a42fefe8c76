"""The measures that a run takes of each exposure, and their names in results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.catalogue import FIT, entry_of, unit_of, variable_name
from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.custom import is_regional
from rateloom.drivers.measures.data_to_fit import PHASE
from rateloom.drivers.measures.item import has_dynamics, names_of
from rateloom.drivers.measures.selection import check_taken, chosen, lacking
from rateloom.drivers.measures.trend import TREND
from rateloom.drivers.planning.sample_times import SampleTimes
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.attributes import Exposure, described
from rateloom.drivers.support.errors import InputError

from .bold.bold_measures import BoldSource
from .measure_request import (
    RATES,
    MeasureRequest,
    check_signals,
    context_of,
    measured_exposures,
    own_measures,
    window_warnings,
)

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
        """Whether the measure has a value for each node."""
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
    exposure : str
        Its name.
    row : int
        Place of the exposure among the samples'.
    scale : float
        Values are multiplied by this first.
    columns : dict of str to Column
        What each measure is called for this exposure, and what it is.
    own : dict of str to Column
        Likewise of the user's own measures.
    """

    exposure: str
    row: int
    context: Context
    scale: float
    columns: dict[str, Column]
    own: dict[str, Column]

    @property
    def trend(self) -> str:
        """The name of the exposure's trend among the measures of a lane block, which no column can have."""
        return f"{TREND} of {self.exposure}"


@dataclass(frozen=True, eq=False)
class Recipe:
    """The measures that are taken of each work item.

    Attributes
    ----------
    exposures : tuple of str
        Those that are measured, in the model's order but for angles, which are last.
    parts : tuple of Part
        One for each of these.
    columns : tuple of Column
        Every measure, in the order in which results hold them.
    bold : BoldSource, optional
        What makes the BOLD signals that are measured in place of the samples.
    n_exposure : int
        Exposures of the samples, measured or not.
    warnings : tuple of SettingsWarning
        What is to be said of measures that will be NaN.
    """

    exposures: tuple[str, ...]
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    request: MeasureRequest
    n_node: int
    n_exposure: int
    bold: BoldSource | None = None
    warnings: tuple[SettingsWarning, ...] = ()

    @property
    def bytes_item(self) -> int:
        """Memory that the measures of a work item take."""
        return int(sum(c.dtype.itemsize * self.n_node**c.n_node for c in self.columns))

    @property
    def taken(self) -> tuple[str, ...]:
        """The requested measures by their names in the catalogue; requesting these gives the same."""
        names = {name for part in self.parts for name in names_of(part.context)}
        return chosen([n for n in names if not n.startswith(FIT)], self.request.settings) or ()


def recipe_of_subject(recipe: Recipe, connectome: Connectome) -> Recipe:
    """Return a recipe that compares with another connectome of the same regions."""
    weights, lengths = connectome.weights, connectome.tract_lengths
    parts = (
        replace(part, context=replace(part.context, weights=weights, tract_lengths=lengths))
        for part in recipe.parts
    )
    return replace(recipe, parts=tuple(parts))


def recipe_of(
    exposures: Sequence[Exposure],
    labels: Sequence[str] | None,
    n_node: int,
    samples: SampleTimes,
    dtype: str,
    request: MeasureRequest,
    bold: BoldSource | None = None,
    angles: Mapping[str, float] = MappingProxyType({}),
) -> Recipe:
    """Decide on the measures of a run's exposures, or of the BOLD signals that come of one of them.

    Parameters
    ----------
    dtype : str
        Precision of the samples.
    angles : mapping of str to float
        Exposures that are angles, with their periods; they have measures of synchrony alone.

    Raises
    ------
    InputError
        If all exposures are angles and not only synchrony is asked for, there is one sample only, windows are
        shorter than volumes are apart, or two measures would have one name.
    """
    times = samples.times if bold is None else bold.haemodynamics.timing.times
    if bold is None:
        names = [name for name, _, _ in exposures]
        measured = measured_exposures(names, angles, request, ", or keep averages (--keep averages)")
    else:
        exposures, measured = [bold.haemodynamics.described], [bold.haemodynamics.described[0]]
    if times.size < 2:
        raise InputError("keep='measures': there is one sample, and measures need two (period, duration)")
    dt = float((times[-1] - times[0]) / (times.size - 1))
    real = np.dtype(dtype).type
    regional = {m.name: is_regional(m, times.size, n_node, dt, real) for m in request.custom}
    parts = []
    rows = {exposure: (row, unit) for row, (exposure, unit, _) in enumerate(exposures)}
    for exposure in measured:
        row, unit = rows[exposure]
        context = context_of(request, unit, dt, labels or (), n_node, angles.get(exposure))
        if context.period is not None and not names_of(context):
            continue
        check_signals(exposure, context, times.size)
        if bold is not None:
            _check_windows(context)
        own = {
            m.name: Column(
                variable_name(m.name, exposure, context.rate), m.unit, m.description, int(regional[m.name])
            )
            for m in own_measures(context, request)
        }
        parts.append(
            Part(exposure, row, context, RATES.get(unit, 1.0), _columns(exposure, unit, context), own)
        )
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
    taken = tuple(part.exposure for part in parts)
    warnings = tuple(w for p in parts for w in window_warnings(p.exposure, p.context, times.size))
    return Recipe(taken, tuple(parts), tuple(columns), request, n_node, len(exposures), bold, warnings)


def _check_windows(context: Context) -> None:
    """Raise InputError if sliding windows are made that are too short for correlations of volumes."""
    windows, tr = context.settings, context.dt
    dynamic = has_dynamics(context) or any(target.kind == PHASE for target in context.targets)
    if dynamic and (windows.fcd_step < tr * _NEARLY or windows.fcd_window < _LEAST_WINDOW * tr * _NEARLY):
        raise InputError(
            f"fcd_window={windows.fcd_window:g} ms and fcd_step={windows.fcd_step:g} ms: volumes come every "
            f"tr={tr:g} ms, and a step takes one, a window {_LEAST_WINDOW}; change measure_settings "
            "(--fcd-window, --fcd-step), or leave these measures out"
        )


def _columns(exposure: str, unit: str, context: Context) -> dict[str, Column]:
    own, result = "Hz" if context.rate else unit, {}
    for name in names_of(context):
        entry, name_of_column = entry_of(name), variable_name(name, exposure, context.rate)
        own_unit = unit_of(name, own, context.convention)
        result[name] = Column(name_of_column, own_unit, entry.meaning, entry.n_node)
    return result

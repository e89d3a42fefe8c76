"""Measures of lane blocks as soon as they are simulated, so that no time series need be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError
from ..lane_block import LaneResult
from ..reduction import Reduction
from ..results import Exposure, described
from ..settings import Settings
from .batch import measure_items
from .catalogue import entry_of, unit_of, variable_name
from .dataset import RATES, Request, context_of
from .dynamics import bytes_needed
from .item import Context, names_of

_DOUBLE = 8


@dataclass(frozen=True)
class Column:
    """A measure of an exposure: ``mean_FR_E``, one a node if it is regional."""

    name: str
    unit: str
    description: str
    regional: bool

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
    names : dict of str to str
        What each measure is called for this exposure.
    """

    context: Context
    scale: float
    names: dict[str, str]


@dataclass(frozen=True, eq=False)
class Recipe:
    """The measures that are taken of each work item.

    Attributes
    ----------
    parts : tuple of Part
        One an exposure, in the model's order.
    columns : tuple of Column
        Every measure, in the order in which results hold them.
    """

    exposures: tuple[str, ...]
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    request: Request
    n_node: int

    @property
    def bytes_item(self) -> int:
        """What the measures of a work item take in double precision."""
        return _DOUBLE * sum(self.n_node if c.regional else 1 for c in self.columns)


def recipe_of(
    exposures: Sequence[Exposure],
    labels: Sequence[str] | None,
    n_node: int,
    settings: Settings,
    request: Request,
) -> Recipe:
    """Decide on the measures of a run's exposures.

    Raises
    ------
    InputError
        If there is one sample only, or two measures would have one name.
    """
    times = settings.times
    if times.size < 2:
        raise InputError("keep='measures': there is one sample, and measures need two (period, duration)")
    dt = float((times[-1] - times[0]) / (times.size - 1))
    parts, columns = [], []
    for exposure, unit, _ in exposures:
        context = context_of(request, unit, dt, labels or (), n_node)
        names = {name: variable_name(name, exposure, context.rate) for name in names_of(context)}
        parts.append(Part(context, RATES.get(unit, 1.0), names))
        own = "Hz" if context.rate else unit
        for name, column in names.items():
            entry = entry_of(name)
            columns.append(
                Column(column, unit_of(name, own, request.convention), entry.meaning, entry.n_node == 1)
            )
    names_so_far = [column.name for column in columns]
    for name in names_so_far:
        if names_so_far.count(name) > 1:
            raise InputError(f"two measures would be called {name}; rename an exposure of the model")
    called = tuple(name for name, _, _ in exposures)
    return Recipe(called, tuple(parts), tuple(columns), request, n_node)


def reduction_of(recipe: Recipe, settings: Settings) -> Reduction:
    """Reduce lane blocks to the measures of a recipe.

    On the processor each thread measures what it has simulated; what comes from a device is spread over the
    processor's threads.
    """
    threads = 1 if settings.backend == "numba" else settings.n_thread
    n_time, n_node = settings.n_sample, recipe.n_node
    how = recipe.request
    windows = max(
        (bytes_needed(how.settings, p.context.dt, n_time, n_node, how.convention) for p in recipe.parts),
        default=0,
    )
    # three arrays to write to, and the temporaries of the longest computation
    series = 6 * _DOUBLE * n_time * n_node

    def reduce(result: LaneResult) -> LaneResult:
        found: dict[str, Any] = {}
        for k, part in enumerate(recipe.parts):
            values = result.samples[:, k]
            taken = measure_items(values, part.context, scale=part.scale, threads=threads)
            found |= {part.names[name]: array for name, array in taken.items()}
        return replace(
            result, samples=np.empty((len(result.items), 0, 0, 0)), measures={**result.measures, **found}
        )

    return Reduction(recipe.bytes_item, threads * (series + windows), reduce)

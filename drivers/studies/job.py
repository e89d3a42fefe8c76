"""A job: a sweep that keeps measures, its plan, and the coordinates of what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.backends.registry import backend_for
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.execution.backend import Backend, Budget, Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.model.model_text import ModelText
from rateloom.drivers.observation.bold.kept_volumes import bold_attributes
from rateloom.drivers.observation.online import reduction_of
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.planning.study import Study
from rateloom.drivers.results.dataset import coordinates_of
from rateloom.drivers.runs.run_attributes import axis_units, run_attributes
from rateloom.drivers.support.attributes import plain_attributes
from rateloom.drivers.support.notices import Warn, pass_on, unsaid

from .layout import Layout, layout_of
from .plan_arrays import Arrays
from .plan_record import FREE, arrays_of, record_of

Advance = Callable[[int], None]
# Runs a plan in other processes, which are told of it by its record and arrays.
Elsewhere = Callable[[Plan, dict[str, Any], Arrays, Advance], Generator[LaneResult, None, None]]


@dataclass(frozen=True, eq=False)
class Job:
    """A sweep that keeps measures.

    Attributes
    ----------
    connectome : Connectome
        As it was given; the study's is normalized.
    elsewhere : callable, optional
        Where the plan runs, if not in this process alone.
    backend : Backend, optional
        What runs it, opened; what the study's settings name is opened by default.
    warn : callable
        Told each warning, once.
    """

    study: Study
    recipe: Recipe
    model: ModelText
    connectome: Connectome
    memory: int | None = None
    progress: bool | None = None
    announce: Callable[[str], None] | None = None
    elsewhere: Elsewhere | None = None
    backend: Backend | None = None
    warn: Warn = unsaid

    @property
    def n_volume(self) -> int | None:
        """Number of volumes, where BOLD signals are measured."""
        bold = self.recipe.bold
        return None if bold is None else bold.haemodynamics.timing.n_volume

    @property
    def bytes_given(self) -> int:
        """Bytes of the arrays that are kept beside the plan, as they are in memory."""
        return sum(a.nbytes for a in arrays_of(self.study, self.recipe, self.connectome).values())


def backend_of(job: Job) -> Backend:
    """Return the backend of a job, opened if it is not."""
    return job.backend or backend_for(job.study.settings)


def planned(job: Job) -> tuple[Plan, Layout, dict[str, Any], Arrays]:
    """Return the plan of a study, the layout of its tables, and its record with the arrays."""
    study = job.study
    budget = Budget(job.memory, keep_result=False)
    plan = backend_of(job).plan(study, budget, reduction_of(job.recipe, study))
    pass_on(job.warn, plan.table.warnings)
    layout = layout_of(study.grid, job.recipe.columns, job.recipe.n_node)
    return plan, layout, *record_of(plan, job.recipe, job.model, job.connectome)


def remaining(plan: Plan, is_done: NDArray[np.bool_]) -> Plan:
    """Return what is left of a plan: the same lane blocks, without those that are done.

    Whole lane blocks are done or not, so that what is left is cut into the same ones.
    """
    return plan.backend.part(plan, np.flatnonzero(~is_done))


def coordinates(plan: Plan, recipe: Recipe) -> xr.Dataset:
    """Axes, nodes and attributes of the measures."""
    study = plan.study
    coordinates = coordinates_of(
        study.grid, study.samples.times, study.connectome.labels, recipe.n_node, axis_units(plan)
    )
    del coordinates["time"]
    attributes = {k: v for k, v in run_attributes(plan).items() if k not in FREE} | {
        "keep": "measures",
        "exposures": list(recipe.exposures),
        "convention": recipe.request.convention,
        "measure_settings": asdict(recipe.request.settings),
    }
    if recipe.bold is not None:
        attributes = bold_attributes(recipe.bold.haemodynamics, recipe.bold.settings) | attributes
    return xr.Dataset(coords=coordinates, attrs=plain_attributes(attributes))

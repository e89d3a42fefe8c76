"""Running a study into a directory, from its start or from where it was left, or into memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.backends.registry import backend_for
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.execution.backend import Backend, Budget, Plan, check_result
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.model.model_text import ModelText
from rateloom.drivers.observation.bold.bold_measures import BoldSource
from rateloom.drivers.observation.bold.haemodynamics import BOLD
from rateloom.drivers.observation.bold.kept_volumes import bold_attributes
from rateloom.drivers.observation.measured_dataset import NODES, trend_warnings
from rateloom.drivers.observation.online import reduction_of
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.planning.study import Study
from rateloom.drivers.results.dataset import DIVERGED, coordinates_of
from rateloom.drivers.runs.announcements import announced
from rateloom.drivers.runs.divergence import DivergenceWarning, divergence
from rateloom.drivers.runs.run_attributes import axis_units, run_attributes
from rateloom.drivers.support.attributes import plain_attributes
from rateloom.drivers.support.destinations import check_disk_space, check_study_target
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import Warn, pass_on, unsaid
from rateloom.drivers.support.progress import progress_bar

from .arrays import ARRAYS, open_arrays, write_arrays
from .folder import locked, make_study
from .item_tables import (
    SECONDS_A_COMMIT,
    StoppedError,
    connected,
    create_tables,
    done_items,
    index_parameters,
    writing,
)
from .layout import Layout, layout_of
from .plan_arrays import Arrays
from .plan_difference import check_same
from .plan_file import read_record, write_plan
from .plan_record import FREE, record_of

# a row's own bytes in a table, and what an index of its parameters takes
_ROW_BYTES = 40

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


def backend_of(job: Job) -> Backend:
    """Return the backend of a job, opened if it is not."""
    return job.backend or backend_for(job.study.settings)


def measure_in_memory(job: Job) -> xr.Dataset:
    """Simulate every work item, keep its measures, and return them."""
    backend, recipe, budget = backend_of(job), job.recipe, Budget(job.memory)
    # calibration takes minutes: what does not fit is refused before it
    check_result(job.study, budget, reduction_of(recipe, job.study))
    study = backend.calibrated(job.study, job.announce)
    plan = backend.plan(study, budget, reduction_of(recipe, study))
    pass_on(job.warn, plan.table.warnings)
    n_item = study.grid.n_item
    data = {c.name: np.full((n_item, *[recipe.n_node] * c.n_node), np.nan, c.dtype) for c in recipe.columns}
    diverged = np.full(n_item, -1, np.int64)
    with (
        progress_bar(plan.node_steps, plan.model.name, "node-steps", job.progress) as bar,
        closing(_results(job, plan, plan, _announced(plan, job, bar))) as results,
    ):
        for result in results:
            for name, values in result.measures.items():
                data[name][result.items] = values
            diverged[result.items] = result.diverged_step
    pass_on(job.warn, divergence(diverged, study.settings.dt))
    shape, names = study.grid.shape, study.grid.names
    variables: dict[str, Any] = {"diverged_step": (names, diverged.reshape(shape), {"description": DIVERGED})}
    for c in recipe.columns:
        values = data[c.name]
        dimensions = (*names, *NODES[: c.n_node])
        variables[c.name] = (dimensions, values.reshape((*shape, *values.shape[1:])), c.attributes)
    return coordinates(plan, recipe).assign(variables)


def measure_in_directory(job: Job, path: Path, resume: bool = False, overwrite: bool = False) -> xr.Dataset:
    """Simulate every work item that is not done, into the directory of a study.

    Parameters
    ----------
    resume : bool
        Whether to go on with the study that is there, which must be this one.
    overwrite : bool
        Whether a study that is there may be replaced.

    Raises
    ------
    InputError
        If there is another study, another process writes to it, or the disk is full; what was done stays.
    """
    job, plan, layout = _resumed(job, path) if resume else _begun(job, path, overwrite)
    with locked(path):
        try:
            _run(job, plan, layout, path)
        except StoppedError:
            raise
        except InputError:
            # something that was given is wrong: there is nothing to go on with
            if not resume and not done_items(path, layout.grid).any():
                shutil.rmtree(path)
            raise
    return open_arrays(path, layout)


def _begun(job: Job, path: Path, overwrite: bool) -> tuple[Job, Plan, Layout]:
    """Make the directory of a study, with nothing done."""
    check_study_target(path, overwrite)
    # calibration takes minutes: what cannot be stored is refused before it
    layout = layout_of(job.study.grid, job.recipe.columns, job.recipe.n_node)
    bytes_item = 2 * job.recipe.bytes_item + _ROW_BYTES * (layout.n_node + 1)
    check_disk_space(path, layout.grid.n_item * bytes_item)
    backend = backend_of(job)
    job = replace(job, study=backend.calibrated(job.study, job.announce), backend=backend)
    plan, layout, record, arrays = planned(job)

    def fill(folder: Path) -> None:
        write_plan(folder, record, arrays)
        create_tables(folder, layout, job.study.connectome.labels)

    make_study(path, overwrite, fill)
    return job, plan, layout


def _resumed(job: Job, path: Path) -> tuple[Job, Plan, Layout]:
    """Plan a study as it was planned, with the kernels that it began with, and hold that against its plan."""
    saved = read_record(path)
    s = job.study.settings
    shape = {name: saved["settings"].get(name) for name in ("lanes", "block") if getattr(s, name) is None}
    job = replace(job, study=replace(job.study, settings=replace(s, **shape)))
    plan, layout, record, _ = planned(job)
    check_same(path, saved, record)
    return job, plan, layout


def planned(job: Job) -> tuple[Plan, Layout, dict[str, Any], Arrays]:
    """Return the plan of a study, the layout of its tables, and its record with the arrays."""
    study = job.study
    budget = Budget(job.memory, keep_result=False)
    plan = backend_of(job).plan(study, budget, reduction_of(job.recipe, study))
    pass_on(job.warn, plan.table.warnings)
    layout = layout_of(study.grid, job.recipe.columns, job.recipe.n_node)
    return plan, layout, *record_of(plan, job.recipe, job.model, job.connectome)


def _run(job: Job, plan: Plan, layout: Layout, path: Path) -> None:
    """Do what is not done, then write the arrays."""
    is_done = done_items(path, layout.grid)
    if is_done.any() and job.announce is not None:
        job.announce(f"{path}: {is_done.sum()} of {is_done.size} work items are done")
    remainder = remaining(plan, is_done)
    if remainder.groups:
        with progress_bar(remainder.node_steps, remainder.model.name, "node-steps", job.progress) as bar:
            advance = _announced(remainder, job, bar)
            # what comes from elsewhere comes seldom, and took long
            seconds = 0.0 if job.elsewhere else SECONDS_A_COMMIT
            with (
                writing(path, layout, seconds) as writer,
                closing(_results(job, plan, remainder, advance)) as results,
            ):
                for result in results:
                    writer.add(result)
    index_parameters(path, layout)
    if remainder.groups or not (path / ARRAYS).is_dir():
        try:
            write_arrays(path, layout, coordinates(plan, job.recipe))
        except OSError as problem:
            raise StoppedError(
                f"{path / ARRAYS}: cannot be written ({problem.strerror or problem}); when that is mended, "
                f"go on with: rateloom sweep --resume {path}"
            ) from None
    with connected(path) as connection:
        steps = connection.execute("SELECT diverged_step FROM work_items WHERE diverged_step >= 0").fetchall()
    diverged = np.full(layout.grid.n_item, -1, np.int64)
    diverged[: len(steps)] = [step for (step,) in steps]
    pass_on(job.warn, divergence(diverged, plan.study.settings.dt))


def _results(job: Job, plan: Plan, remainder: Plan, advance: Advance) -> Generator[LaneResult, None, None]:
    """Run what is left of a plan."""
    pass_on(job.warn, job.recipe.warnings)
    if job.elsewhere is None:
        results = remainder.backend.run(remainder, advance)
    else:
        record = record_of(plan, job.recipe, job.model, job.connectome)
        results = job.elsewhere(remainder, *record, advance)
    results = _without_trends(results, job.recipe, job.warn)
    return results if job.recipe.bold is None else _watched(results, job.recipe.bold, job.warn)


def _without_trends(
    results: Generator[LaneResult, None, None], recipe: Recipe, warn: Warn
) -> Generator[LaneResult, None, None]:
    """Take the trends of exposures out of the measures, and warn of those that dominate."""
    names = {part.trend: part.exposure for part in recipe.parts}
    shares: dict[str, list[NDArray[np.float64]]] = {}
    with closing(results):
        for result in results:
            for name in names.keys() & result.measures.keys():
                shares.setdefault(names[name], []).append(result.measures[name])
            yield replace(result, measures={k: v for k, v in result.measures.items() if k not in names})
    pass_on(warn, trend_warnings({exposure: np.concatenate(shares[exposure]) for exposure in sorted(shares)}))


def _watched(
    results: Generator[LaneResult, None, None], bold: BoldSource, warn: Warn
) -> Generator[LaneResult, None, None]:
    """Count the work items that did not diverge and of whose BOLD signals nothing is defined, and say so."""
    lost = n_item = 0
    with closing(results):
        for result in results:
            n_item += len(result.items)
            for k in np.flatnonzero(result.diverged_step < 0):
                lost += all(np.isnan(values[k]).all() for values in result.measures.values())
            yield result
    if lost:
        count_text = f"{lost} of {n_item} work items did not diverge and have no measures of {BOLD}"
        warn(DivergenceWarning(f"{count_text}: its signals do not vary or are NaN, or {bold.if_lost}"))


def remaining(plan: Plan, is_done: NDArray[np.bool_]) -> Plan:
    """Return what is left of a plan: the same lane blocks, without those that are done.

    Whole lane blocks are done or not, so that what is left is cut into the same ones.
    """
    return plan.backend.part(plan, np.flatnonzero(~is_done))


def _announced(plan: Plan, job: Job, bar: Callable[[float], None]) -> Callable[[int], None]:
    """Say what will be done, and return what is told of the progress."""
    bold = job.recipe.bold
    return announced(plan, None if bold is None else bold.haemodynamics.timing.n_volume, bar, job.announce)


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

"""Running a study into a directory, from its start or from where it was left, or into memory."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from rateloom.drivers.execution.backend import Budget, Plan, check_result
from rateloom.drivers.observation.measured_dataset import NODES
from rateloom.drivers.observation.online import reduction_of
from rateloom.drivers.results.dataset import DIVERGED
from rateloom.drivers.runs.announcements import announced
from rateloom.drivers.runs.divergence import divergence
from rateloom.drivers.support.destinations import check_disk_space, check_study_target
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import pass_on
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
from .job import Job, backend_of, coordinates, planned, remaining
from .layout import Layout, layout_of
from .measured_results import measured_results
from .plan_difference import check_same
from .plan_file import read_record, write_plan

# a row's own bytes in a table, and what an index of its parameters takes
_ROW_BYTES = 40


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
    with progress_bar(plan.node_steps, plan.model.name, "node-steps", job.progress) as bar:
        advance = announced(plan, job.n_volume, bar, job.announce)
        with closing(measured_results(job, plan, plan, advance)) as results:
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
    check_disk_space(path, layout.grid.n_item * bytes_item + job.bytes_given)
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


def _run(job: Job, plan: Plan, layout: Layout, path: Path) -> None:
    """Do what is not done, then write the arrays."""
    is_done = done_items(path, layout.grid)
    if is_done.any() and job.announce is not None:
        job.announce(f"{path}: {is_done.sum()} of {is_done.size} work items are done")
    remainder = remaining(plan, is_done)
    if remainder.groups:
        with progress_bar(remainder.node_steps, remainder.model.name, "node-steps", job.progress) as bar:
            advance = announced(remainder, job.n_volume, bar, job.announce, job.bytes_given)
            # what comes from elsewhere comes seldom, and took long
            seconds = 0.0 if job.elsewhere else SECONDS_A_COMMIT
            with (
                writing(path, layout, seconds) as writer,
                closing(measured_results(job, plan, remainder, advance)) as results,
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

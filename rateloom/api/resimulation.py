"""Time series of a study's work items, which kept none: simulated again, with the same random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from rateloom.api.bold import measured_study
from rateloom.api.saved_models import model_of_study
from rateloom.api.setup import Setup, built_study
from rateloom.drivers.backends.registry import backend_for
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.execution.backend import Budget, Plan
from rateloom.drivers.execution.variants import variant_difference
from rateloom.drivers.observation.bold.bold_measures import BoldSource
from rateloom.drivers.observation.bold.kept_volumes import bold_reduction
from rateloom.drivers.observation.series import kept_series
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.results.dataset import coordinates_of
from rateloom.drivers.studies.job import remaining
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.studies.plan_record import SavedStudy
from rateloom.drivers.support.attributes import described
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes
from rateloom.drivers.support.notices import issue, pass_on
from rateloom.drivers.support.progress import progress_bar
from rateloom.dsl.model import Model


def study_of(saved: SavedStudy, settings: Settings) -> tuple[Study, BoldSource | None]:
    """Return the study of a plan, with settings that change no result, and its source of BOLD signals.

    Raises
    ------
    ModelError
        If its model cannot be read any more.
    """
    model = model_of_study(saved)
    bold = None if saved.bold is None else saved.bold.settings
    setup = Setup(
        model, saved.connectome, settings, saved.samples, bold, saved.normalize, saved.math, saved.grid,
        saved.values["parameters"], saved.values["initial"], saved.values["inputs"], saved.history,
        subjects=saved.subjects,
    )  # fmt: skip
    study = built_study(setup)
    if saved.bold is None:
        return study, None
    return measured_study(study, saved.bold.settings, saved.bold.text)


def saved_connectomes(folder: Path) -> tuple[Connectome, ...]:
    """The connectomes of a study's axis of these, or the one, as they were given."""
    saved = read_plan(folder)
    return tuple(subject.connectome for subject in saved.subjects) or (saved.connectome,)


def saved_model(folder: Path) -> Model:
    """The model of a study, as it was."""
    return model_of_study(read_plan(folder))


def simulate_items(
    folder: Path, items: Sequence[int], progress: bool | None = None, threads: int | None = None
) -> xr.Dataset:
    """Simulate some work items of a study again, all in the lane blocks and with the kernels of its plan.

    Parameters
    ----------
    items : sequence of int
        Numbers of work items in the grid.
    progress, threads
        See `rateloom.sweep`.

    Returns
    -------
    Dataset
        Exposures of dimensions (item, time, node), or BOLD: what the measures were taken of, and
        ``diverged_step`` (item).

    Raises
    ------
    ModelError, InputError
        If the study cannot be run, or its series do not fit into memory.
    """
    saved = read_plan(folder)
    study, bold = study_of(saved, replace(saved.settings, threads=threads))
    reduction = bold_reduction(bold.haemodynamics) if bold else None
    full_plan = backend_for(study.settings).plan(study, Budget(keep_result=False), reduction)
    pass_on(issue, full_plan.table.warnings)
    if differs := variant_difference(saved.record.get("variant"), full_plan.backend.variant(full_plan)):
        raise InputError(
            f"{folder}: this machine or version would simulate other bits than were measured: {differs}"
        )
    plan = _only(full_plan, items)
    s, n_node = study.settings, study.connectome.n_node
    exposures = [(e.name, e.unit, e.description) for e in plan.model.exposures]
    times = study.samples.times
    if bold is not None:
        exposures, times = [bold.haemodynamics.described], bold.haemodynamics.timing.times
    names = [name for name, _, _ in exposures]
    needed = len(items) * len(names) * times.size * n_node * np.dtype(s.dtype).itemsize
    if needed > available_memory() // 2:
        raise InputError(
            f"{folder}: the series of {len(items)} work items take {format_bytes(needed)}; show fewer of them"
        )
    row = {item: k for k, item in enumerate(items)}
    series = np.full((len(items), len(names), times.size, n_node), np.nan, s.dtype)
    diverged = np.full(len(items), -1, np.int64)
    with (
        progress_bar(plan.node_steps, plan.model.name, "node-steps", progress) as bar,
        closing(plan.backend.run(plan, bar)) as results,
    ):
        for result in results:
            rows = [row[int(item)] for item in result.items]
            samples = kept_series(result, names)
            for k, name in enumerate(names):
                series[rows, k] = samples[name]
            diverged[rows] = result.diverged_step
    coordinates: dict[str, Any] = coordinates_of(
        replace(study.grid, axes=()), times, study.connectome.labels, n_node
    )
    return xr.Dataset(
        {
            **{
                name: (("item", "time", "node"), series[:, k], described(unit, description))
                for k, (name, unit, description) in enumerate(exposures)
            },
            "diverged_step": ("item", diverged),
        },
        coordinates | {"item": np.array(items, np.int64)},
    )


def _only(plan: Plan, items: Sequence[int]) -> Plan:
    """Return a plan of these work items alone."""
    is_other = np.ones(plan.study.grid.n_item, bool)
    is_other[list(items)] = False
    return remaining(plan, is_other)

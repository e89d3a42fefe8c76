"""Time series of a study's work items, which kept none: simulated again, with the same random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from rateloom.drivers.connectome import Connectome, normalized
from rateloom.drivers.engine import run_plan
from rateloom.drivers.errors import InputError
from rateloom.drivers.memory import available_memory, format_bytes
from rateloom.drivers.plan import Plan, Study, make_plan
from rateloom.drivers.progress import progress_bar
from rateloom.drivers.results import coordinates_of, described
from rateloom.drivers.settings import Settings
from rateloom.drivers.study_plan import SavedStudy, kernel_variants, read_plan
from rateloom.drivers.study_run import remaining
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model
from rateloom.generation import kernel_module, kernel_source


def study_of(saved: SavedStudy, settings: Settings) -> Study:
    """What a saved study runs, with settings that change no result.

    Raises
    ------
    ModelError
        If its model cannot be read any more.
    """
    model = load_model(saved.model.path, saved.model.text)
    return Study(
        kernel_module(model, saved.math), normalized(saved.connectome, saved.normalize), settings, saved.grid,
        saved.given["parameters"], saved.given["initial"], saved.given["inputs"], saved.history,
        record={"normalize": saved.normalize, "math": saved.math},
        cuda=None if settings.backend == "numba" else kernel_source(model, "cuda"),
    )  # fmt: skip


def saved_connectome(folder: Path) -> Connectome:
    """The connectome of a study, as it was given."""
    return read_plan(folder).connectome


def saved_model(folder: Path) -> Model:
    """The model of a study, as it was."""
    saved = read_plan(folder)
    return load_model(saved.model.path, saved.model.text)


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
        Exposures of dimensions (item, time, node), the samples that the measures were taken of, and
        ``diverged_step`` (item).

    Raises
    ------
    ModelError, InputError
        If the study cannot be run, or its series do not fit into memory.
    """
    saved = read_plan(folder)
    study = study_of(saved, replace(saved.settings, threads=threads))
    whole = make_plan(study, keep_result=False)
    if kernel_variants(whole) != saved.record["kernels"]:
        raise InputError(
            f"{folder}: this machine or version would simulate other bits than were measured; its kernels "
            f"are {kernel_variants(whole)}, and those of the study {saved.record['kernels']}"
        )
    plan = _only(whole, items)
    s, n_node = study.settings, study.connectome.n_node
    names = [exposure.name for exposure in plan.model.exposures]
    needed = len(items) * len(names) * s.n_sample * n_node * np.dtype(s.dtype).itemsize
    if needed > available_memory() // 2:
        raise InputError(
            f"{folder}: the series of {len(items)} work items take {format_bytes(needed)}; show fewer of them"
        )
    row = {item: k for k, item in enumerate(items)}
    series = np.full((len(items), len(names), s.n_sample, n_node), np.nan, s.dtype)
    diverged = np.full(len(items), -1, np.int64)
    with (
        progress_bar(plan.node_steps, plan.model.name, "node-steps", progress) as bar,
        closing(run_plan(plan, bar)) as results,
    ):
        for result in results:
            rows = [row[int(item)] for item in result.items]
            series[rows], diverged[rows] = result.samples, result.diverged_step
    coordinates: dict[str, Any] = coordinates_of(
        replace(study.grid, axes=()), s.times, study.connectome.labels, n_node
    )
    return xr.Dataset(
        {
            **{
                e.name: (("item", "time", "node"), series[:, k], described(e.unit, e.description))
                for k, e in enumerate(plan.model.exposures)
            },
            "diverged_step": ("item", diverged),
        },
        coordinates | {"item": np.array(items, np.int64)},
    )


def _only(plan: Plan, items: Sequence[int]) -> Plan:
    """What is left of a plan when all other work items are done."""
    others = np.ones(plan.study.grid.n_item, bool)
    others[list(items)] = False
    return remaining(plan, others)

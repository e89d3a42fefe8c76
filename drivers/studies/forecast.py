"""The forecast of a study's cost: it is planned, and a store and a lane block are tried on a small scale."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.observation.bold.bold_measures import for_trial
from rateloom.drivers.observation.online import reduction_of
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.runs.announcements import plan_lines
from rateloom.drivers.support.memory import format_bytes

from .arrays import ARRAYS, write_arrays
from .chunks import chunks_of
from .item_tables import TABLES, create_tables, index_parameters, writing
from .job import Job, coordinates, planned
from .layout import Layout, layout_of
from .plan_file import write_plan

# Work items of the store that is tried: enough for what belongs to no row to count little.
_SAMPLE = 1024
# Seconds of a processor that a trial of a lane block takes, and the samples of the first one.
_TRIAL = 2.0
_FIRST = 200
_HOUR = 3600.0


@dataclass(frozen=True)
class Forecast:
    """The memory, disk space and time that a study will take.

    Attributes
    ----------
    work_items, lane_blocks, chunks : int
        Chunks are those of an executor with as many workers, of a thread each, as there are threads.
    bytes_tables, bytes_arrays : float
        On disk, for each work item.
    bytes_plan : int
        Of the plan and of the arrays that were given, on disk.
    seconds : float or None
        Of one core for each work item, with its measures; None on a device.
    threads : int
    """

    work_items: int
    lane_blocks: int
    chunks: int
    bytes_tables: float
    bytes_arrays: float
    bytes_plan: int
    seconds: float | None
    threads: int

    @property
    def lines(self) -> list[str]:
        """The lines for the user."""
        n, tables, arrays = self.work_items, self.bytes_tables, self.bytes_arrays
        sizes = (n * (tables + arrays) + self.bytes_plan, tables, arrays, self.bytes_plan)
        total, tables_each, arrays_each, plan = (format_bytes(round(size)) for size in sizes)
        return [
            f"lane blocks: {self.lane_blocks}, in {self.chunks} chunks on an executor",
            f"store: {total}; for each work item {tables_each} in tables and {arrays_each} in arrays, and "
            f"{plan} for the plan with what was given",
            time_line(self.seconds, n, self.threads, "work item"),
        ]

    @property
    def attributes(self) -> dict[str, Any]:
        """The figures, by their names."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def time_line(seconds: float | None, n_item: int, threads: int, unit: str) -> str:
    """Say how long so many work items take, of so many seconds of one core each."""
    if seconds is None:
        return "time: not estimated on a device; run a small sweep"
    hours = seconds * n_item / _HOUR
    return (
        f"time: {1000 * seconds:.3g} ms a {unit} on one core, {hours:.3g} core-hours; "
        f"{hours / threads:.3g} h on {threads} threads of this machine"
    )


def seconds_an_item(plan: Plan, job: Job) -> tuple[float | None, LaneResult]:
    """Seconds of one core for each work item, none on a device, and what comes of a short lane block."""
    seconds, result = _lane_block(plan, job)
    on_device = BACKENDS[plan.study.settings.backend].has_device
    return None if on_device else seconds / len(result.items), result


def forecast(job: Job) -> Forecast:
    """Plan a study, and try a small store and a lane block of it in a temporary folder.

    Raises
    ------
    InputError
        If the study cannot be run.
    """
    # nothing is measured for the shape of kernels
    study = replace(job.study, settings=replace(job.study.settings, calibrate=False))
    plan, layout, record, arrays = planned(replace(job, study=study))
    if job.announce is not None:
        for line in plan_lines(plan, job.n_volume):
            job.announce(line)
    seconds, result = seconds_an_item(plan, job)
    n_item = study.grid.n_item
    chunks = chunks_of(replace(plan, threads=1), plan.threads)
    with tempfile.TemporaryDirectory(prefix="rateloom") as folder:
        full_store, sample = Path(folder, "whole"), Path(folder, "sample")
        full_store.mkdir()
        write_plan(full_store, record, arrays)
        bytes_plan = bytes_in(full_store)
        create_tables(full_store, layout, study.connectome.labels)
        sample.mkdir()
        tables, zarr = _store(sample, layout, job, plan, result)
    figures = Forecast(
        n_item, plan.n_block, sum(1 for _ in chunks), tables, zarr, bytes_plan, seconds,
        study.settings.n_thread,
    )  # fmt: skip
    if job.announce is not None:
        for line in figures.lines:
            job.announce(line)
    return figures


def _lane_block(plan: Plan, job: Job) -> tuple[float, LaneResult]:
    """Seconds of one core for a whole lane block, from short ones, and what comes of a short one."""
    n_sample = plan.study.samples.n_sample
    n_first = min(n_sample, _FIRST)
    _short(plan, job, n_first)  # compiles
    before, result = _short(plan, job, n_first)
    n_timed = int(min(n_sample, max(n_first + 1, n_first * _TRIAL / max(before, 1e-3))))
    if n_timed <= n_first:
        return before, result
    after, result = _short(plan, job, n_timed)
    return after + (n_sample - n_timed) * max(0.0, after - before) / (n_timed - n_first), result


def _short(plan: Plan, job: Job, n_sample: int) -> tuple[float, LaneResult]:
    """Simulate and measure a lane block for so many samples."""
    s, samples = plan.study.settings, replace(plan.study.samples, n_sample=n_sample)
    settings = replace(s, duration=samples.steps_needed * s.dt, threads=1)
    short_study = replace(plan.study, settings=settings, samples=samples)
    _, items = plan.groups[len(plan.groups) // 2]
    part = plan.backend.part(plan, items[: plan.lanes])
    recipe = job.recipe
    if recipe.bold is not None:
        recipe = replace(recipe, bold=for_trial(recipe.bold, n_sample))
    short_plan = replace(
        part, study=short_study, threads=1, at_once=1, reduction=reduction_of(recipe, short_study)
    )
    start = time.process_time()
    (result,) = short_plan.backend.run(short_plan)
    return time.process_time() - start, result


def _store(folder: Path, layout: Layout, job: Job, plan: Plan, result: LaneResult) -> tuple[float, float]:
    """Bytes a work item of tables and arrays, from those of the sweep's corner, filled with results."""
    grid = _corner(layout.grid)
    small = layout_of(grid, layout.columns, layout.n_node)
    n_item = grid.n_item
    create_tables(folder, small, None)
    generator = np.random.default_rng(0)
    repeated = np.resize(np.arange(len(result.items)), n_item)

    def other(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        # different in their last digits, since equal numbers would be stored in less space
        rows = values[repeated]
        changed = rows * (1 + 1e-3 * generator.standard_normal(rows.shape))
        return changed.astype(values.dtype)

    measures: Mapping[str, Any] = {name: other(values) for name, values in result.measures.items()}
    rows = LaneResult(np.arange(n_item), result.samples[repeated], result.diverged_step[repeated], measures)
    with writing(folder, small) as writer:
        writer.add(rows)
    index_parameters(folder, small)
    study = replace(plan.study, grid=grid)
    write_arrays(folder, small, coordinates(replace(plan, study=study), job.recipe))
    return (folder / TABLES).stat().st_size / n_item, bytes_in(folder / ARRAYS) / n_item


def bytes_in(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _corner(grid: Grid) -> Grid:
    """The first values of each axis, in number about a sample."""
    n_left, axes = _SAMPLE, []
    for axis in reversed(grid.axes):
        n_value = max(1, min(axis.values.size, n_left))
        n_left //= n_value
        axes.append(Axis(axis.name, axis.values[:n_value], axis.names[:n_value]))
    kept = tuple(reversed(axes))
    return Grid(kept, {name: values[: kept[0].values.size] for name, values in grid.own.items()})

"""Running a study: plan, simulate, and put the results together in memory or on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.backends.registry import backend_for
from rateloom.drivers.execution.backend import Backend, Budget, Plan, bytes_of_result, check_result
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.variants import kernel_of
from rateloom.drivers.observation.series import Series, kept_series, watched
from rateloom.drivers.planning.parameters import SPEED, swept_settings
from rateloom.drivers.planning.sample_times import SampleTimes, settings_record
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.results.dataset import Frame, dataset_of
from rateloom.drivers.results.final_state import FINAL_STEP, final_variables
from rateloom.drivers.results.origins import origin_variables
from rateloom.drivers.results.result_files import check_netcdf_size, open_result, write_netcdf
from rateloom.drivers.results.store import result_store
from rateloom.drivers.support.arguments import optional_switch
from rateloom.drivers.support.destinations import check_disk_space, check_target, is_netcdf
from rateloom.drivers.support.errors import path_of
from rateloom.drivers.support.memory import format_bytes
from rateloom.drivers.support.notices import NOBODY, Reports, pass_on
from rateloom.drivers.support.progress import progress_bar

# From the results of this process to all that go into the dataset.
Through = Callable[[Iterator[LaneResult]], Iterable[LaneResult]]

# seconds of running that an estimate is made from
_ESTIMATE_AFTER = 1.0


class DivergenceWarning(UserWarning):
    """Work items overflowed or became NaN; ``diverged_step`` in the result says which and when."""


@dataclass(frozen=True)
class Output:
    """A result to write, and whether one that is there already may be replaced.

    A Zarr store is written as results come, a netCDF file (.nc) when all of them are there.
    """

    path: str | PathLike[str]
    overwrite: bool = False


def run_study(
    study: Study,
    *,
    backend: Backend | None = None,
    series: Series | None = None,
    out: Output | None = None,
    memory: int | None = None,
    reports: Reports = NOBODY,
    through: Through = lambda results: results,
) -> xr.Dataset:
    """Simulate every work item of a study.

    Parameters
    ----------
    study : Study
        What to simulate.
    backend : Backend, optional
        What runs it; what the settings name is opened by default.
    series : Series, optional
        What is kept, if it is not the monitor's samples.
    out : Output, optional
        Where results are written; the dataset returned is then opened from there.
    memory : int, optional
        Most memory to use in bytes; half of what is free by default.
    reports : Reports
        Who is told what.
    through : callable, optional
        What the results go through on their way into the dataset: others may join them.

    Returns
    -------
    xarray.Dataset
        One variable an exposure, or one of the series, with the sweep's axes, time (ms) and node as
        dimensions.

    Raises
    ------
    InputError
        If anything given cannot be used, does not fit, or `out` cannot be written.
    """
    progress, announce = reports.progress, reports.announce
    optional_switch("progress", progress)
    if out is not None:
        out = Output(path_of("out", out.path), out.overwrite)
        check_target(Path(out.path), out.overwrite)
    reduction = series.reduction if series else None
    in_file = out is not None and is_netcdf(Path(out.path))
    backend, budget = backend or backend_for(study.settings), Budget(memory, out is None or in_file)
    # calibration takes minutes: what cannot be stored is refused before it
    check_result(study, budget, reduction)
    if out is not None:
        check_disk_space(Path(out.path), bytes_of_result(study, reduction))
        if in_file:
            check_netcdf_size(Path(out.path), bytes_of_result(study, reduction))
    plan = backend.plan(backend.calibrated(study, announce), budget, reduction)
    pass_on(reports.warn, plan.table.warnings)
    if announce is not None:
        for line in plan_lines(plan, None if series is None else series.times.size):
            announce(line)
    frame, lost = _frame(plan, series), list[int]()
    further = origin_variables(plan)
    pipeline: Through = through if series is None else lambda results: watched(through(results), lost)
    with progress_bar(plan.node_steps, plan.model.name, "node-steps", progress) as bar:
        advance = bar if announce is None else with_estimate(bar, plan.node_steps, announce)
        if out is None or in_file:
            result = _in_memory(plan, frame, advance, pipeline, further)
        else:
            result = _on_disk(plan, frame, advance, pipeline, out, further)
    if out is not None and in_file:
        write_netcdf(result, Path(out.path))
        result = open_result(Path(out.path))
    diverged = np.atleast_1d(result["diverged_step"].values).ravel()
    pass_on(reports.warn, divergence(diverged, study.settings.dt))
    if series is not None and lost:
        count_text = (
            f"{len(lost)} of {study.grid.n_item} work items have NaN in {series.exposures[0][0]} though they"
        )
        reports.warn(DivergenceWarning(f"{count_text} did not diverge: {series.if_lost}"))
    return result


def _frame(plan: Plan, series: Series | None) -> Frame:
    """Return all that a result has beside its values."""
    study = plan.study
    exposures = [(e.name, e.unit, e.description) for e in plan.model.exposures]
    angles = {"angles": plan.model.angles} if plan.model.angles else {}
    return Frame(
        study.grid,
        series.times if series else study.samples.times,
        study.connectome.labels,
        series.exposures if series else exposures,
        run_attributes(plan) | dict(series.attributes if series else angles),
        axis_units(plan),
    )


def _on_disk(
    plan: Plan,
    frame: Frame,
    advance: Callable[[int], None],
    through: Through,
    out: Output,
    further: dict[str, xr.Variable],
) -> xr.Dataset:
    """Write results as they come; those that keep their state add it to what is written further."""
    names = [name for name, _, _ in frame.exposures]
    n_node, dtype = plan.study.connectome.n_node, plan.study.settings.dtype
    store = result_store(Path(out.path), frame, n_node, dtype, out.overwrite, further)
    with store as write, closing(plan.backend.run(plan, advance)) as results:
        for result in through(results):
            write(result.items, kept_series(result, names), result.diverged_step)
            further |= final_variables(result.kept)
    opened: xr.Dataset = xr.open_zarr(out.path)
    # a store knows no order of its variables
    others = [str(n) for n in opened.data_vars if n not in names]
    return opened[[*names, *others]].assign_coords({name: opened[name] for name in further})


def _in_memory(
    plan: Plan,
    frame: Frame,
    advance: Callable[[int], None],
    through: Through,
    further: dict[str, xr.Variable],
) -> xr.Dataset:
    s, n_item = plan.study.settings, plan.study.grid.n_item
    shape = (n_item, frame.times.size, plan.study.connectome.n_node)
    data = {name: np.empty(shape, s.dtype) for name, _, _ in frame.exposures}
    diverged = np.empty(n_item, np.int64)
    with closing(plan.backend.run(plan, advance)) as results:
        for result in through(results):
            for name, values in kept_series(result, list(data)).items():
                data[name][result.items] = values
            diverged[result.items] = result.diverged_step
            further |= final_variables(result.kept)
    return dataset_of(frame, data, diverged).assign_coords(further)


def with_estimate(
    advance: Callable[[int], None], total: int, announce: Callable[[str], None]
) -> Callable[[int], None]:
    """Say once how long the rest will take, from the rate after the first, compiled segment."""
    lock, progress, announced = threading.Lock(), [0, 0.0, 0], threading.Event()

    def advance_and_estimate(node_steps: int) -> None:
        advance(node_steps)
        if announced.is_set():
            return
        with lock:
            now = time.perf_counter()
            progress[0] += node_steps
            if not progress[1]:
                progress[1:] = now, progress[0]
            elif now - progress[1] > _ESTIMATE_AFTER and not announced.is_set():
                announced.set()
                seconds_left = (total - progress[0]) * (now - progress[1]) / (progress[0] - progress[2])
                announce(f"estimated time left: {timedelta(seconds=round(seconds_left))}")

    return advance_and_estimate


def plan_lines(plan: Plan, n_volume: int | None = None, given: int = 0) -> list[str]:
    """Say what a run will do: work items, steps and memory.

    Parameters
    ----------
    n_volume : int, optional
        Number of volumes, where BOLD signals are made of the samples.
    given : int
        Bytes of what was given, where that is kept beside the result.
    """
    study, s = plan.study, plan.study.settings
    axes = " x ".join(f"{a.name} ({a.values.size})" for a in study.grid.axes) or "one simulation"
    described = plan.backend.describe(plan)
    *memory, last = described.memory
    beside = f", and {format_bytes(given)} of what was given" if given else ""
    kept = f"samples: {study.samples.n_sample}"
    if n_volume is not None:
        kept = f"volumes: {n_volume}, of {study.samples.n_sample} samples"
    return [
        f"{plan.model.name} on {study.connectome.name or 'a connectome'}, {study.connectome.n_node} nodes",
        f"work items: {study.grid.n_item} = {axes}, {described.lanes}",
        f"steps: {s.n_step} of {s.dt:g} ms ({s.integrator}, {s.dtype}); {kept}",
        *memory,
        f"{last}; result: {format_bytes(plan.bytes_result)}{beside}",
    ]


def run_attributes(plan: Plan) -> dict[str, Any]:
    """Return all that a run was made from, so that it can be made again."""
    study, variant = plan.study, plan.backend.variant(plan)
    settings, samples = settings_record(study.settings, study.samples), study.samples
    blocks = sorted({w.block for w, _ in plan.groups})
    recorded = {
        k: v for k, v in settings.items() if v is not None and k not in swept_settings(plan.model, study.grid)
    }
    return (
        recorded
        | effective_lengths(study.settings, samples)
        | dict(study.record)
        | {
            "kernel": kernel_of(variant),
            "variant": variant,
            "model": plan.model.name,
            "model_hash": plan.model.hash,
            "rateloom_version": plan.model.generator,
            "connectome": study.connectome.name,
            "connectome_hash": study.connectome.hash,
            "parameters": _settable(plan),
            "initial": {name: values.tolist() for name, values in plan.initial.items()},
            "inputs": sorted(study.inputs or {}),
            "history": study.history is not None,
            "item": study.first_item,
            "first_step": samples.first_step or None,
            FINAL_STEP: samples.end_step if study.keep_state else None,
            "lanes": plan.lanes,
            "block": blocks[0] if len(blocks) == 1 else blocks,
        }
    )


def effective_lengths(settings: Settings, samples: SampleTimes) -> dict[str, float]:
    """Durations as they are in whole steps, so that times can be told from them."""
    lengths = {"duration": settings.n_step * settings.dt}
    if samples.monitor == "tavg":
        lengths["period"] = samples.step
    return {name: float(f"{length:.12g}") for name, length in lengths.items()}


def _settable(plan: Plan) -> dict[str, Any]:
    """Values of the parameters that no axis varies, in the form in which a run takes them."""
    swept = {name.split("[")[0] for name in plan.study.grid.swept}
    values, begin = {}, 0
    for p in plan.model.parameters:
        rows = plan.table.values[begin : begin + (p.size or 1)]
        begin += len(rows)
        rows = rows[:, 0] if (rows == rows[:, :1]).all() else rows
        if p.name not in swept:
            values[p.name] = (rows if p.size else rows[0]).tolist()
    return values


def axis_units(plan: Plan) -> dict[str, str]:
    """Units of what a sweep's axes can be."""
    return {p.name: p.unit for p in plan.model.parameters if p.unit} | {SPEED: "mm/ms"}


def divergence(diverged_step: NDArray[np.int64], dt: float) -> tuple[DivergenceWarning, ...]:
    """Return a warning that counts the diverged work items and says what to do, if there are any."""
    steps = diverged_step[diverged_step >= 0]
    if not steps.size:
        return ()
    lost = f"{steps.size} of {diverged_step.size} work items diverged (overflow or NaN)"
    hint = f"lower dt, which is {dt:g} ms, or change parameters; diverged_step in the result says when"
    return (DivergenceWarning(f"{lost}, the first at step {steps.min()}: {hint}"),)

"""Running a study: plan, simulate, and put the results together in memory or on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from rateloom.drivers.backends.registry import backend_for
from rateloom.drivers.execution.backend import Backend, Budget, Plan, bytes_of_result, check_result
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.observation.series import Series, kept_series, watched
from rateloom.drivers.planning.study import Study
from rateloom.drivers.results.dataset import Frame, dataset_of
from rateloom.drivers.results.final_state import FinalStates
from rateloom.drivers.results.origins import origin_variables
from rateloom.drivers.results.result_files import check_netcdf_size, open_result, write_netcdf
from rateloom.drivers.results.store import result_store
from rateloom.drivers.support.arguments import optional_switch
from rateloom.drivers.support.destinations import check_disk_space, check_target, is_netcdf
from rateloom.drivers.support.notices import NOBODY, Reports, pass_on
from rateloom.drivers.support.progress import progress_bar

from .announcements import announced
from .divergence import divergence, undefined_series
from .run_attributes import axis_units, run_attributes

# From the results of this process to all that go into the dataset.
Through = Callable[[Iterator[LaneResult]], Iterable[LaneResult]]


@dataclass(frozen=True)
class Output:
    """A result to write, and whether one that is there already may be replaced.

    A Zarr store is written as results come, a netCDF file (.nc) when all of them are there.
    """

    path: Path
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
    optional_switch("progress", reports.progress)
    if out is not None:
        check_target(out.path, out.overwrite)
    backend, reduction = backend or backend_for(study.settings), series.reduction if series else None
    budget = Budget(memory, keep_result=out is None or is_netcdf(out.path))
    # calibration takes minutes: what cannot be stored is refused before it
    check_result(study, budget, reduction)
    if out is not None:
        _check_room(out.path, bytes_of_result(study, reduction))
    plan = backend.plan(backend.calibrated(study, reports.announce), budget, reduction)
    pass_on(reports.warn, plan.table.warnings)
    frame, lost = _frame(plan, series), list[int]()
    pipeline: Through = through if series is None else lambda results: watched(through(results), lost)
    with progress_bar(plan.node_steps, plan.model.name, "node-steps", reports.progress) as bar:
        advance = announced(plan, None if series is None else series.times.size, bar, reports.announce)
        if out is None:
            result = _in_memory(plan, frame, advance, pipeline)
        elif is_netcdf(out.path):
            result = _in_file(plan, frame, advance, pipeline, out.path)
        else:
            result = _in_store(plan, frame, advance, pipeline, out)
    diverged = np.atleast_1d(result["diverged_step"].values).ravel()
    pass_on(reports.warn, divergence(diverged, study.settings.dt))
    if series is not None:
        pass_on(reports.warn, undefined_series(series, lost, study.grid.n_item))
    return result


def _check_room(path: Path, needed: int) -> None:
    """Raise InputError if a result of so many bytes has no room on the disk, or in a file of its format."""
    check_disk_space(path, needed)
    if is_netcdf(path):
        check_netcdf_size(path, needed)


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


def _in_memory(plan: Plan, frame: Frame, advance: Callable[[int], None], through: Through) -> xr.Dataset:
    """Put results together in memory; those that keep their state add it."""
    s, n_item = plan.study.settings, plan.study.grid.n_item
    shape = (n_item, frame.times.size, plan.study.connectome.n_node)
    data = {name: np.empty(shape, s.dtype) for name, _, _ in frame.exposures}
    diverged, further = np.empty(n_item, np.int64), origin_variables(plan)
    final = FinalStates(plan.study.grid, plan.longest_delay + 1)
    with closing(plan.backend.run(plan, advance)) as results:
        for result in through(results):
            for name, values in kept_series(result, list(data)).items():
                data[name][result.items] = values
            diverged[result.items] = result.diverged_step
            final.take(result)
    return dataset_of(frame, data, diverged).assign_coords(further | final.variables)


def _in_file(
    plan: Plan, frame: Frame, advance: Callable[[int], None], through: Through, path: Path
) -> xr.Dataset:
    """Write a netCDF file when all results are there, and open it."""
    write_netcdf(_in_memory(plan, frame, advance, through), path)
    return open_result(path)


def _in_store(
    plan: Plan, frame: Frame, advance: Callable[[int], None], through: Through, out: Output
) -> xr.Dataset:
    """Write results to a Zarr store as they come, and open it; those that keep their state add it."""
    names, further = [name for name, _, _ in frame.exposures], origin_variables(plan)
    n_node, dtype = plan.study.connectome.n_node, plan.study.settings.dtype
    store = result_store(out.path, frame, n_node, dtype, out.overwrite, further)
    final = FinalStates(plan.study.grid, plan.longest_delay + 1)
    with store as write, closing(plan.backend.run(plan, advance)) as results:
        for result in through(results):
            write(result.items, kept_series(result, names), result.diverged_step)
            final.take(result)
        further |= final.variables
    opened: xr.Dataset = xr.open_zarr(out.path)
    # a store knows no order of its variables
    others = [str(n) for n in opened.data_vars if n not in names]
    return opened[[*names, *others]].assign_coords({name: opened[name] for name in further})

"""Sweeps that keep measures: in memory, or in the directory of a study that can be gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path

import xarray as xr

from rateloom.api.bold import measured_study
from rateloom.api.chunk_tasks import own_settings
from rateloom.api.executors import Workers, with_workers
from rateloom.api.jobs import Run, job_of, saved_job
from rateloom.api.loading import model_text
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.observation.measured_dataset import MeasureRequest
from rateloom.drivers.planning.study import Study
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.studies.study_run import Job, measure_in_directory, measure_in_memory
from rateloom.drivers.support.errors import InputError, path_of
from rateloom.drivers.support.memory import check_memory
from rateloom.drivers.terminal.request import check_executor
from rateloom.dsl.model import Model


def sweep_measures(
    study: Study,
    model: Model,
    run: Run,
    request: MeasureRequest,
    *,
    bold: BoldSettings | None = None,
    out: str | PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> xr.Dataset:
    """Simulate a study and keep the measures of each work item; see `rateloom.sweep`.

    Parameters
    ----------
    request : MeasureRequest
        What is measured. Its connectome is as it was given, not normalized: functional connectivity is
        compared with this one.
    bold : BoldSettings, optional
        Where BOLD signals are measured, what these are made with.
    """
    if out is None and resume:
        raise InputError("resume=True: give the study's directory with out=")
    if study.grid.own and out is not None:
        raise InputError("out=: a list of work items is kept in memory only; leave out= out, or give axes")
    source = None
    if bold is not None:
        study, source = measured_study(study, bold)
    job = job_of(study, model_text(model), run, request, source)
    return _measured(job, run, None if out is None else path_of("out", out), resume, overwrite)


def resume(
    study: str | PathLike[str],
    *,
    threads: int | None = None,
    device: int | None = None,
    memory: int | str | None = None,
    executor: object = None,
    scheduler: object = None,
    progress: bool | None = None,
    announce: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """Go on with a study that was stopped, by its plan; work items that are done are not done again.

    Parameters
    ----------
    study : path
        The directory that ``rateloom.sweep(..., keep="measures", out=...)`` began.
    threads, device, memory, executor, scheduler, progress, announce
        See `rateloom.sweep`.

    Returns
    -------
    xarray.Dataset
        What the sweep would have returned, bit for bit.

    Raises
    ------
    ModelError, InputError
        If there is no study, this version or this machine's kernels would give other results, or another
        process is at work on it.
    """
    folder = path_of("study", study)
    saved = read_plan(folder)
    run = Run(check_memory(memory), progress, announce, executor, scheduler)
    job = saved_job(saved, replace(saved.settings, threads=threads, device=device), run)
    return _measured(job, run, folder, True, False)


def _measured(job: Job, run: Run, path: Path | None, resume: bool, overwrite: bool) -> xr.Dataset:
    """Do a job where it is to be done."""
    # a dry run needs no workers, but says what the run would
    if not isinstance(run.executor, Workers):
        check_executor(run.executor, run.scheduler)
    if job.study.grid.own and run.executor not in (None, "threads"):
        raise InputError("executor: a list of work items is simulated in this process; leave executor= out")

    if run.dry:
        from rateloom.drivers.studies.forecast import forecast

        return xr.Dataset(attrs=forecast(job).attributes)

    def work(workers: Workers | None) -> xr.Dataset:
        todo = job
        if workers is not None:
            study = replace(job.study, settings=own_settings(job.study.settings))
            todo = replace(job, study=study, elsewhere=partial(workers.run, memory=run.memory))
            if run.announce is not None:
                here = " beside this process" if workers.here else ""
                run.announce(f"executor: {workers.width()} chunks at once{here}")
        if path is None:
            return measure_in_memory(todo)
        return measure_in_directory(todo, path, resume, overwrite)

    return with_workers(run.executor, run.scheduler, work)

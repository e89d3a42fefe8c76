"""Sweeps that keep measures: in memory, or in the directory of a study that can be gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from os import PathLike

import xarray as xr

from rateloom.api.bold import measured_study
from rateloom.api.chunk_tasks import own_settings
from rateloom.api.executors import Workers, with_workers
from rateloom.api.jobs import job_of, saved_job
from rateloom.api.loading import model_text
from rateloom.api.measuring import request_of
from rateloom.api.setup import Destination, Run, Setup, built_study
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.studies.job import Job
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.studies.study_run import measure_in_directory, measure_in_memory
from rateloom.drivers.support.compile_notice import compiling_announced
from rateloom.drivers.support.errors import InputError, path_of
from rateloom.drivers.support.memory import check_memory
from rateloom.drivers.support.notices import issue, pass_on
from rateloom.drivers.terminal.request import check_executor


def sweep_measures(setup: Setup, keep: Keep, run: Run, destination: Destination) -> xr.Dataset:
    """Simulate a setup and keep the measures of each work item; see `rateloom.sweep`.

    Functional connectivity is compared with the connectome as it was given, not normalized.
    """
    if destination.out is None and destination.resume:
        raise InputError("resume=True: give the study's directory with out=")
    pass_on(run.warn, setup.warnings)
    study, source, bold = built_study(setup), None, setup.bold
    request = request_of(setup.connectome, keep, bold, setup.subjects)
    if bold is not None:
        study, source = measured_study(study, bold)
    return _measured(job_of(study, model_text(setup.model), run, request, source), run, destination)


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
    run = Run(check_memory(memory), progress, announce, executor, scheduler, warn=issue)
    pass_on(run.warn, saved.samples.warnings)
    job = saved_job(saved, replace(saved.settings, threads=threads, device=device), run)
    return _measured(job, run, Destination(folder, resume=True))


def _measured(job: Job, run: Run, destination: Destination) -> xr.Dataset:
    """Do a job where it is to be done."""
    # a dry run needs no workers, but says what the run would
    if not isinstance(run.executor, Workers):
        check_executor(run.executor, run.scheduler)
    if run.dry:
        from rateloom.drivers.studies.forecast import forecast

        return xr.Dataset(attrs=forecast(job).attributes)

    def work(workers: Workers | None) -> xr.Dataset:
        todo = job
        if workers is not None:
            study = replace(job.study, settings=own_settings(job.study.settings))
            todo = replace(job, study=study, elsewhere=partial(workers.run, memory=run.memory))
            if run.announce is not None:
                beside = " beside this process" if workers.here else ""
                run.announce(f"executor: {workers.width()} chunks at once{beside}")
        path = destination.path
        with compiling_announced(run.announce):
            if path is None:
                return measure_in_memory(todo)
            return measure_in_directory(todo, path, destination.resume, destination.overwrite)

    return with_workers(run.executor, run.scheduler, work)

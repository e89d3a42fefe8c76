"""Running a setup: the one way from what was given to what is kept of it, for Python and for commands."""

from __future__ import annotations

import xarray as xr

from rateloom.api.bold import bold_study
from rateloom.api.continuing import check_no_state
from rateloom.api.setup import Destination, Run, Setup, built_study
from rateloom.api.study_sweeps import sweep_measures
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.runs.run import Output, run_study
from rateloom.drivers.support.compile_notice import compiling_announced
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.notices import pass_on
from rateloom.drivers.terminal.request import is_here


def run_sweep(setup: Setup, keep: Keep, run: Run, destination: Destination) -> xr.Dataset:
    """Simulate every work item of a setup, and keep what is to be kept; see `sweep`.

    Raises
    ------
    InputError
        If anything given does not fit.
    """
    if keep.kind == "measures":
        check_no_state(setup)
        return sweep_measures(setup, keep, run, destination)
    if run.dry:
        raise InputError(f"dry_run=True: only for keep='measures', not keep={keep.kind!r}")
    if not is_here(run.executor):
        raise InputError(f"executor={shown(run.executor)}: only for keep='measures', not keep={keep.kind!r}")
    if destination.resume:
        raise InputError(f"resume=True: only keep='measures' can be gone on with, not keep={keep.kind!r}")
    return run_series(setup, run, destination)


def run_series(setup: Setup, run: Run, destination: Destination) -> xr.Dataset:
    """Simulate every work item of a setup, and keep its samples or BOLD signals; see `simulate`."""
    pass_on(run.warn, setup.warnings)
    study, series = built_study(setup), None
    if setup.bold is not None:
        study, series = bold_study(study, setup.bold)
    out = None
    if destination.out is not None:
        out = Output(path_of("out", destination.out), destination.overwrite)
    with compiling_announced(run.announce):
        return run_study(study, series=series, out=out, memory=run.memory, reports=run.reports)

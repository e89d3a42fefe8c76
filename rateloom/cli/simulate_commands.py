"""Commands that simulate: run and sweep."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rateloom.cli.common import MODEL
from rateloom.cli.study_commands import (
    refuse_model,
    resume_study,
    resumed_targets,
    stoppable,
    study_to_resume,
)
from rateloom.drivers.support.destinations import keeps_series
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.ending import finish
from rateloom.drivers.terminal.option import Command, CommandLine
from rateloom.drivers.terminal.options import SIMULATION, of_groups
from rateloom.drivers.terminal.output_files import check_taken, result_targets, study_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from rateloom.api.setup import Run, Setup
    from rateloom.drivers.terminal.request import Request


def run(options: CommandLine) -> None:
    """Simulate a model over a connectome once. Writes the result and a picture of its time series.

    \b
    Example:
      rateloom run montbrio --connectome tvb76 --set eta=-5 --duration 2000
    """
    _, setup = checked(options["model"], options)
    targets = result_targets(setup.model.name, False, options["out"], options["plot"])
    check_taken(targets, options["overwrite"])
    from rateloom.api.continuing import check_other_place, with_state
    from rateloom.api.running import run_series
    from rateloom.api.setup import Destination, Run
    from rateloom.drivers.support.notices import issue

    check_other_place(options["continue_from"], targets.store)
    setup = with_state(setup, options["continue_from"], options["keep_state"])
    reported = Run(announce=print, warn=issue)
    finish(run_series(setup, reported, Destination(targets.store, options["overwrite"])), targets)


def sweep(options: CommandLine) -> None:
    """Simulate a model at every point of a grid.

    Writes a directory with measures of each simulation, which a sweep that was stopped goes on with, and a
    heat map; or, with --keep averages, --out NAME.zarr or --out NAME.nc, a Zarr store or netCDF file of time
    series, a heat map and a grid of time series.

    \b
    Example:
      rateloom sweep montbrio --sweep G=0:0.2:16 --sweep eta=-6:-4:16 --dt 0.02 --duration 500 --out pilot
      rateloom sweep --resume pilot
    """
    on_executor(options, partial(_sweep, options))


def _sweep(options: CommandLine, executor: object) -> None:
    model, keep, resume = (options[name] for name in ("model", "keep", "resume"))
    varied = options["axes"] or options["items"]
    out, plot, overwrite = (options[name] for name in ("out", "plot", "overwrite"))
    if resume is not None and model is None:
        resume_study(options, executor)
        return
    if resume is not None and not varied:
        refuse_model(resume, model)
    if model is None or not varied:
        lacking = "argument 'MODEL'" if model is None else "option '--sweep' or '--items'"
        raise InputError(f"Missing {lacking} (see rateloom sweep --help)")
    if keep is None:
        series = "bold" if options["monitor"] == "bold" else "averages"
        of_series = series == "bold" or (out is not None and keeps_series(out))
        keep = series if of_series else "measures"
        options = options.changed(keep=keep)
    if resume is not None:
        out = study_to_resume(resume, out, keep)
    request, setup = checked(model, options)
    measured = keep == "measures"
    targets = (
        study_targets(setup.model.name, out, plot)
        if measured
        else result_targets(setup.model.name, True, out, plot)
    )
    # a dry run writes nothing
    if not options["dry_run"]:
        if resume is None:
            check_taken(targets, overwrite)
        else:
            targets = resumed_targets(targets, plot, overwrite)
    from rateloom.api.continuing import check_other_place, with_state
    from rateloom.api.running import run_sweep
    from rateloom.api.setup import Destination
    from rateloom.drivers.measures.origin import measures_in

    keep_settings = replace(
        request.keep, custom=measures_in(options["custom"] or ()), matrices=options["matrices"]
    )
    destination = Destination(targets.store, overwrite, resume is not None)
    check_other_place(options["continue_from"], targets.store)
    setup = with_state(setup, options["continue_from"], options["keep_state"])
    call = partial(run_sweep, setup, keep_settings, run_of(request, options, executor), destination)
    if options["dry_run"]:
        call()
        return
    finish(stoppable(call, targets.store) if measured else call(), targets)


def run_of(request: Request, options: CommandLine, executor: object) -> Run:
    """Return the run of a sweep that prints what it does and issues its warnings."""
    from rateloom.api.setup import Run
    from rateloom.drivers.support.notices import issue

    return Run(
        request.memory,
        announce=print,
        executor=executor,
        scheduler=options.get("scheduler"),
        dry=options.get("dry_run", False),
        warn=issue,
    )


def on_executor(options: CommandLine, work: Callable[[object], None]) -> None:
    """Do a command's work with the executor that is asked for.

    Under MPI the first rank does what a process alone does, and the others run its chunks.
    """
    executor = options["executor"]
    if executor != "mpi":
        work(executor)
        return
    from rateloom.drivers.terminal.request import check_executor

    check_executor(executor, options["scheduler"])
    from rateloom.api.executors import mpi_workers

    with mpi_workers() as workers:
        if workers is not None:
            work(workers)


def checked(model: str, options: CommandLine) -> tuple[Request, Setup]:
    """Read the options and what they name; all that is wrong is found before anything slow is imported."""
    from rateloom.drivers.terminal.request import check_request, given_connectomes, read_request, with_regions

    request = read_request(options)
    from rateloom.api.loading import default_connectome, load
    from rateloom.api.schemes import check_integrator
    from rateloom.drivers.model.description import describe
    from rateloom.drivers.support.notices import issue, pass_on
    from rateloom.generator.targets.description import described

    check_integrator(request.settings.integrator)
    loaded = load(model)
    name = options["connectome"]
    if name is None and not request.subjects:
        name = default_connectome()
    # normalized when it is used, and recorded as such
    subjects = given_connectomes(request, name, issue)
    brain = subjects[0].connectome
    request, assumed = with_regions(request, brain.labels)
    pass_on(issue, assumed)
    check_request(request, describe(described(loaded)), brain.n_node)
    from rateloom.api.setup import Setup

    return request, Setup(
        loaded,
        brain,
        request.settings,
        request.samples,
        request.bold,
        request.normalize,
        options["math"],
        request.grid,
        request.parameters,
        request.initial,
        request.inputs,
        subjects=subjects if request.subjects else (),
    )


RUN = Command("run", (MODEL, *of_groups(*SIMULATION, "continuing", "bold", "output")), run)
SWEEP = Command(
    "sweep",
    (
        replace(MODEL, default=None),
        *of_groups("sweep", *SIMULATION, "continuing", "bold", "keeping", "study", "output"),
    ),
    sweep,
)

"""Commands that simulate: run and sweep."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from rateloom.cli.common import ModelName, OptionalModelName
from rateloom.cli.study_commands import (
    refuse_model,
    resume_study,
    resumed_targets,
    stoppable,
    study_to_resume,
)
from rateloom.drivers.support.destinations import check_taken, result_targets, study_targets
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal import options
from rateloom.drivers.terminal.ending import finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from rateloom.drivers.connectome.connectome import Connectome
    from rateloom.drivers.terminal.request import Request
    from rateloom.dsl.model import Model


def run(
    context: typer.Context,
    model: ModelName,
    connectome: options.ConnectomeName = None,
    normalize: options.Normalize = "max",
    duration: options.Duration = 1000.0,
    dt: options.TimeStep = 0.1,
    integrator: options.Integrator = "heun",
    settings: options.Settings = None,
    initial: options.Initial = None,
    speed: options.Speed = 3.0,
    monitor: options.Monitor = "tavg",
    period: options.Period = 1.0,
    seed: options.Seed = 0,
    noise: options.NoiseOn = True,
    inputs: options.Inputs = None,
    backend: options.Backend = "numba",
    device: options.Device = None,
    list_devices: options.ListDevices = False,
    history_dtype: options.HistoryDtype = None,
    dtype: options.Dtype = "float32",
    math: options.Math = "fast",
    threads: options.Threads = None,
    lanes: options.Lanes = None,
    block: options.Block = None,
    calibrate: options.Calibrate = None,
    bold_from: options.BoldFrom = None,
    tr: options.RepetitionTime = None,
    bold_dt: options.BoldStep = None,
    warm_up: options.WarmUp = None,
    bold_settings: options.BoldSet = None,
    out: options.Out = None,
    plot: options.Plot = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Simulate a model over a connectome once. Writes the result and a picture of its time series.

    \b
    Example:
      rateloom run montbrio --connectome tvb76 --set eta=-5 --duration 2000
    """
    request, loaded, brain = checked(model, context.params)
    targets = result_targets(loaded.name, False, out, plot)
    check_taken(targets, overwrite)
    from rateloom.api.simulation import simulate

    arguments = request.arguments | ({"monitor": "bold"} if request.bold else {})
    result = simulate(
        loaded, connectome=brain, math=math, out=targets.store, overwrite=overwrite, **arguments
    )
    finish(result, targets)


def sweep(
    context: typer.Context,
    model: OptionalModelName = None,
    axes: options.Axes = None,
    connectome: options.ConnectomeName = None,
    normalize: options.Normalize = "max",
    duration: options.Duration = 1000.0,
    dt: options.TimeStep = 0.1,
    integrator: options.Integrator = "heun",
    settings: options.Settings = None,
    initial: options.Initial = None,
    speed: options.Speed = 3.0,
    monitor: options.Monitor = "tavg",
    period: options.Period = 1.0,
    seed: options.Seed = 0,
    noise: options.NoiseOn = True,
    inputs: options.Inputs = None,
    backend: options.Backend = "numba",
    device: options.Device = None,
    list_devices: options.ListDevices = False,
    history_dtype: options.HistoryDtype = None,
    dtype: options.Dtype = "float32",
    math: options.Math = "fast",
    threads: options.Threads = None,
    lanes: options.Lanes = None,
    block: options.Block = None,
    calibrate: options.Calibrate = None,
    bold_from: options.BoldFrom = None,
    tr: options.RepetitionTime = None,
    bold_dt: options.BoldStep = None,
    warm_up: options.WarmUp = None,
    bold_settings: options.BoldSet = None,
    keep: options.Keep = None,
    measures: options.Measures = None,
    custom: options.Custom = None,
    matrices: options.Matrices = False,
    resume: options.Resume = None,
    memory: options.Memory = None,
    executor: options.Executor = "threads",
    scheduler: options.Scheduler = None,
    dry_run: options.DryRun = False,
    out: options.Out = None,
    plot: options.Plot = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Simulate a model at every point of a grid.

    Writes a directory with measures of each simulation, which a sweep that was stopped goes on with, and a
    heat map; or, with --keep averages or --out NAME.zarr, a Zarr store of time series, a heat map and a grid
    of time series.

    \b
    Example:
      rateloom sweep montbrio --sweep G=0:0.2:16 --sweep eta=-6:-4:16 --dt 0.02 --duration 500 --out pilot
      rateloom sweep --resume pilot
    """
    on_executor(context, partial(_sweep, context))


def _sweep(context: typer.Context, executor: object) -> None:
    given = context.params
    model, axes, keep, resume = (given[name] for name in ("model", "axes", "keep", "resume"))
    out, plot, overwrite = (given[name] for name in ("out", "plot", "overwrite"))
    if resume is not None and model is None:
        resume_study(context, resume, plot, executor)
        return
    if resume is not None and not axes:
        refuse_model(resume, model)
    if model is None or not axes:
        lacking = "argument 'MODEL'" if model is None else "option '--sweep'"
        raise InputError(f"Missing {lacking} (see rateloom sweep --help)")
    if keep is None:
        series = "bold" if given["monitor"] == "bold" else "averages"
        of_series = series == "bold" or (out is not None and out.suffix == ".zarr")
        keep = given["keep"] = series if of_series else "measures"
    if resume is not None:
        out = study_to_resume(resume, out, keep)
    request, loaded, brain = checked(model, given)
    measured = keep == "measures"
    targets = (
        study_targets(loaded.name, out, plot) if measured else result_targets(loaded.name, True, out, plot)
    )
    # a dry run writes nothing
    if not given["dry_run"]:
        if resume is None:
            check_taken(targets, overwrite)
        else:
            targets = resumed_targets(targets, plot, overwrite)
    from rateloom.api.simulation import sweep as sweep_model
    from rateloom.drivers.measures.origin import measures_in

    call = partial(
        sweep_model,
        loaded,
        {axis.name: axis.values for axis in request.grid.axes},
        connectome=brain,
        math=given["math"],
        keep=keep,
        measures=request.measures,
        custom=measures_in(given["custom"] or ()),
        matrices=given["matrices"],
        memory=request.memory,
        executor=executor,
        scheduler=given["scheduler"],
        dry_run=given["dry_run"],
        out=targets.store,
        overwrite=overwrite,
        resume=resume is not None,
        announce=print,
        **request.arguments,
    )
    if given["dry_run"]:
        call()
        return
    finish(stoppable(call, targets.store) if measured else call(), targets)


def on_executor(context: typer.Context, work: Callable[[object], None]) -> None:
    """Do a command's work with the executor that is asked for.

    Under MPI the first rank does what a process alone does, and the others run its chunks.
    """
    executor = context.params["executor"]
    if executor != "mpi":
        work(executor)
        return
    from rateloom.drivers.terminal.request import check_executor

    check_executor(executor, context.params["scheduler"])
    from rateloom.api.executors import mpi_workers

    with mpi_workers() as workers:
        if workers is not None:
            work(workers)


def checked(model: str, given: dict[str, Any]) -> tuple[Request, Model, Connectome]:
    """Read the options and what they name; all that is wrong is found before anything slow is imported."""
    from rateloom.drivers.terminal.request import check_request, read_request

    request = read_request(given)
    from rateloom.api.loading import default_connectome, load
    from rateloom.drivers.connectome.connectome import load_connectome
    from rateloom.drivers.model.description import describe
    from rateloom.generator.targets.description import described

    loaded = load(model)
    # normalized when it is used, and recorded as such
    name = given["connectome"]
    brain = load_connectome(default_connectome() if name is None else name, "none")
    check_request(request, describe(described(loaded)), brain.n_node)
    return request, loaded, brain

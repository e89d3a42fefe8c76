"""The command fit: sweep a model, compare every work item with data, and say which fit best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rateloom.cli import fit_options as own
from rateloom.cli import search_command as cli_search
from rateloom.cli.common import console
from rateloom.cli.simulate_commands import checked, on_executor
from rateloom.cli.study_commands import stoppable
from rateloom.drivers.support.destinations import (
    PLAN,
    check_places,
    check_study_target,
    check_unused,
    fit_targets,
)
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal import options

if TYPE_CHECKING:
    from rateloom.api.best_fits import RankedFits
    from rateloom.drivers.observation.bold.bold_settings import BoldSettings

# What says where the best fits are written, and its values.
_PLACES = "--csv, --plot or --series-out"
_NAMED = ("csv", "plot", "series_out")
# What may be given beside something that is ranked as it is.
_OF_RANKING = (
    "source", "by", "best", "exposure", "csv", "plot", "series_out", "overwrite", "threads",
    "list_devices",
)  # fmt: skip
_OF_TARGETS = ("fc", "fcd", "phase_fcd", "series", "samples_apart", "target_labels", "fcd_window", "fcd_step")


def fit(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="A model to sweep, or a study or a .zarr store to rank."),
    ],
    axes: options.Axes = None,
    search: cli_search.Search = None,
    free: cli_search.FreeNumbers = None,
    sampler: cli_search.Sampler = "tpe",
    trials: cli_search.Trials = 256,
    batch: cli_search.Batch = None,
    maximize: cli_search.Maximize = None,
    minimize: cli_search.Minimize = None,
    resume: cli_search.Resume = None,
    fc: own.Fc = None,
    fcd: own.Fcd = None,
    phase_fcd: own.PhaseFcd = None,
    series: own.Series = None,
    samples_apart: own.SamplesApart = None,
    target_labels: own.TargetLabels = None,
    by: own.By = "fc",
    best: own.Best = 10,
    exposure: own.Exposure = None,
    fcd_window: own.FcdWindow = None,
    fcd_step: own.FcdStep = None,
    csv: own.Csv = None,
    series_out: own.SeriesOut = None,
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
    bold_dt: options.BoldStep = None,
    warm_up: options.WarmUp = None,
    bold_settings: options.BoldSet = None,
    measures: options.Measures = None,
    memory: options.Memory = None,
    executor: options.Executor = "threads",
    scheduler: options.Scheduler = None,
    out: options.Out = None,
    plot: options.Plot = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Sweep a model, compare every work item with data, and say which fit best.

    Writes the directory of a study, whose tables hold every comparison, a table of the best fits and a
    picture. A study or a store of time series is ranked as it is. With --search optuna, an optimiser chooses
    what to simulate.

    \b
    Example:
      rateloom fit montbrio --sweep G=0:0.3:8 --sweep eta=-6:-4:8 --fc rest=fc.npy --dt 0.05 --out pilot
      rateloom fit pilot --best 3 --series-out best.zarr
      rateloom fit series.zarr --fc rest=fc.npy
      rateloom fit montbrio --search optuna --free G=0:0.3 --free eta@node=-6:-4 --fc rest=fc.npy --dt 0.05
    """
    from rateloom.api.loading import model_file
    from rateloom.drivers.fitting.ranking import check_ranking

    check_ranking(by, best)
    if search is not None:
        cli_search.search_fit(context.params, _targets_of)
        return
    cli_search.refuse_search(context)
    place = Path(source)
    if not axes and ((place / PLAN).is_file() or place.suffix == ".zarr"):
        _rank(context, place)
        return
    if not axes:
        if not place.is_dir():
            model_file(source)  # what is no model is said first
        raise InputError(f"{source}: give --sweep to sweep a model; {source} is no study and no .zarr store")
    on_executor(context, partial(_sweep, context.params | {"keep": "measures"}))


def _sweep(given: dict[str, Any], executor: object) -> None:
    """Sweep a model on an executor, then rank what came of it."""
    from rateloom.drivers.fitting.ranking import compared, orders_of
    from rateloom.drivers.observation.bold.haemodynamics import BOLD

    of_bold = given["monitor"] == "bold"
    # volumes are as far apart as the samples that they are compared with
    tr = {"tr": given["samples_apart"]} if of_bold else {}
    request, loaded, brain = checked(given["source"], given | tr)
    targets, windows = _targets_of(given, brain.labels, request.bold)
    if not targets:
        raise InputError("Missing option '--fc', '--fcd', '--phase-fcd' or '--series' (rateloom fit --help)")
    exposures = [BOLD] if of_bold else [e.name for e in loaded.exposures]
    orders_of(targets, compared(targets, exposures), given["by"], given["exposure"])
    folder = given["out"] or Path(f"{loaded.name}_sweep")
    files = fit_targets(folder, *(given[name] for name in _NAMED))
    check_places(folder, None, study=True)
    check_study_target(folder, given["overwrite"])
    check_unused((folder, *files), given["overwrite"], f"--out, {_PLACES}")
    from rateloom.api.simulation import sweep as sweep_model

    call = partial(
        sweep_model,
        loaded,
        {axis.name: axis.values for axis in request.grid.axes},
        connectome=brain,
        math=given["math"],
        keep="measures",
        measures=request.measures,
        targets=targets,
        measure_settings=windows,
        memory=request.memory,
        executor=executor,
        scheduler=given["scheduler"],
        out=folder,
        overwrite=given["overwrite"],
        announce=print,
        **request.arguments,
    )
    measured = stoppable(call, folder)
    print(f"wrote {folder}")
    _finish(folder, given, files)
    if bool((measured["diverged_step"] >= 0).all()):
        raise typer.Exit(1)


def _rank(context: typer.Context, place: Path) -> None:
    """Rank a study, or a store of time series, as it is."""
    is_study = (place / PLAN).is_file()
    free = _OF_RANKING if is_study else (*_OF_RANKING, *_OF_TARGETS)
    what = "a store of series is not simulated"
    if is_study:
        what = "a study has its targets and settings; sweep anew for others (rateloom fit MODEL)"
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if parameter.name not in free and source is not None and source.name == "COMMANDLINE":
            raise InputError(f"{place}: {what}; leave {parameter.opts[-1]} out")
    files = fit_targets(place, *(context.params[name] for name in _NAMED))
    check_unused(files, context.params["overwrite"], _PLACES)
    _finish(place, context.params, files)


def _targets_of(
    given: dict[str, Any], order: Sequence[str] | None, bold: BoldSettings | None = None
) -> tuple[Any, Any]:
    """Targets, and the measures' settings that their dynamics are compared with."""
    from rateloom.drivers.fitting.data_sources import read_names, targets_of
    from rateloom.drivers.measures.measure_settings import MeasureSettings
    from rateloom.drivers.observation.bold.bold_settings import windows_of

    windows = MeasureSettings() if bold is None else windows_of(bold)
    lengths = {name: given[name] for name in ("fcd_window", "fcd_step") if given[name] is not None}
    windows = replace(windows, **lengths)
    chosen = {name: given[name] for name in ("fc", "fcd", "phase_fcd", "series")}
    names = None if given["target_labels"] is None else read_names(given["target_labels"])
    return targets_of(
        **chosen, tr=given["samples_apart"], settings=windows, labels=names, order=order
    ), windows


def _finish(place: Path, given: dict[str, Any], files: list[Path]) -> None:
    """Rank, print, and write the table, the picture, and the time series of the best."""
    from rateloom.api import best_fits
    from rateloom.drivers.studies.query import write_rows

    how = (given["by"], given["best"], given["exposure"], given["threads"])
    if (place / PLAN).is_file():
        ranked = best_fits.ranked_study(place, *how)
    else:
        ranked = best_fits.ranked_store(place, *_targets_of(given, best_fits.labels_of(place)), *how)
    _print_best(ranked)
    table, picture, *store = files
    write_rows(ranked.best, table, "csv")
    print(f"wrote {table}")
    series = best_fits.series_of_best(ranked)
    if best_fits.draw(ranked, series, picture):
        print(f"wrote {picture}")
    for path in store:
        best_fits.write_series(series, path)
        print(f"wrote {path}")


def _print_best(ranked: RankedFits) -> None:
    from rich.table import Table

    for order in ranked.orders:
        rows = ranked.best[ranked.best["target"] == order.target]
        names = [*dict.fromkeys(("rank", "score", "item", *ranked.axes, *order.shown(rows.columns)))]
        table = Table(*names, title=f"target {order.target}, exposure {order.exposure}", title_justify="left")
        for row in rows[names].itertuples(index=False):
            table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row))
        console().print(table)

"""The command fit: sweep a model, compare every work item with data, and say which fit best."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rateloom.cli import fit_options
from rateloom.cli.common import console
from rateloom.cli.simulate_commands import checked, on_executor, run_of
from rateloom.cli.study_commands import stoppable
from rateloom.drivers.support.destinations import PLAN, check_study_target, keeps_series
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.option import Command, CommandLine
from rateloom.drivers.terminal.options import SIMULATION, named, of_groups
from rateloom.drivers.terminal.output_files import check_places, check_unused, fit_targets

if TYPE_CHECKING:
    from rateloom.api.best_fits import RankedFits

# The options that say where the best fits are written, and their names.
_RESULT_OPTIONS = "--csv, --plot or --series-out"
_RESULT_NAMES = ("csv", "plot", "series_out")
# The options that go with a source that is ranked as it is.
_RANKING_NAMES = {option.name for option in fit_options.TARGETS if option.group == "ranking"}
_ALLOWED_WITH_STUDY = {"source", "plot", "overwrite", "threads", "list_devices"} | _RANKING_NAMES
_TARGET_NAMES = {option.name for option in fit_options.TARGETS} - _RANKING_NAMES


def fit(options: CommandLine) -> None:
    """Sweep a model, compare every work item with data, and say which fit best.

    Writes the directory of a study, whose tables hold every comparison, a table of the best fits and a
    picture. A study or a store of time series is ranked as it is. Where a grid would be too large, rateloom
    search lets an optimiser choose what to simulate.

    \b
    Example:
      rateloom fit montbrio --sweep G=0:0.3:8 --sweep eta=-6:-4:8 --fc rest=fc.npy --dt 0.05 --out pilot
      rateloom fit pilot --best 3 --series-out best.zarr
      rateloom fit series.zarr --fc rest=fc.npy
    """
    from rateloom.api.loading import model_file
    from rateloom.drivers.fitting.ranking import check_ranking

    check_ranking(options["by"], options["best"])
    source, axes = options["source"], options["axes"] or options["items"]
    path = Path(source)
    if not axes and ((path / PLAN).is_file() or keeps_series(path)):
        _rank(options, path)
        return
    if not axes:
        if not path.is_dir():
            model_file(source)  # what is no model is said first
        raise InputError(
            f"{source}: give --sweep to sweep a model; {source} is no study, .zarr store or .nc file"
        )
    on_executor(options, partial(_sweep, options.changed(keep="measures")))


def _sweep(options: CommandLine, executor: object) -> None:
    """Sweep a model on an executor, then rank what came of it."""
    from rateloom.api.exposures import measured_exposures
    from rateloom.drivers.fitting.orientation import regions_of
    from rateloom.drivers.fitting.ranking import compared, orders_of
    from rateloom.drivers.observation.bold.haemodynamics import BOLD

    request, setup = checked(options["source"], fit_options.with_tr(options))
    targets, windows = fit_options.targets_of(options, regions_of(setup.connectome), setup.bold)
    if not targets:
        raise InputError("Missing option '--fc', '--fcd', '--phase-fcd' or '--series' (rateloom fit --help)")
    exposures = measured_exposures(setup.model) if setup.bold is None else [BOLD]
    orders_of(targets, compared(targets, exposures), options["by"], options["exposure"])
    folder = options["out"] or Path(f"{setup.model.name}_sweep")
    files = fit_targets(folder, *(options[name] for name in _RESULT_NAMES))
    check_places(folder, None, study=True)
    # a dry run writes nothing
    if not options["dry_run"]:
        check_study_target(folder, options["overwrite"])
        check_unused((folder, *files), options["overwrite"], f"--out, {_RESULT_OPTIONS}")
    from rateloom.api.setup import Destination
    from rateloom.api.study_sweeps import sweep_measures

    keep = replace(request.keep, targets=targets, settings=windows)
    destination = Destination(folder, options["overwrite"])
    call = partial(sweep_measures, setup, keep, run_of(request, options, executor), destination)
    if options["dry_run"]:
        call()
        return
    measured = stoppable(call, folder)
    print(f"wrote {folder}")
    _finish(folder, options, files)
    if bool((measured["diverged_step"] >= 0).all()):
        raise typer.Exit(1)


def _rank(options: CommandLine, path: Path) -> None:
    """Rank a study, or a store of time series, as it is."""
    is_study = (path / PLAN).is_file()
    allowed = _ALLOWED_WITH_STUDY if is_study else _ALLOWED_WITH_STUDY | _TARGET_NAMES
    reason = "a store of series is not simulated"
    if is_study:
        reason = "a study has its targets and settings; sweep anew for others (rateloom fit MODEL)"
    for name, flag in options.typed.items():
        if name not in allowed:
            raise InputError(f"{path}: {reason}; leave {flag} out")
    files = fit_targets(path, *(options[name] for name in _RESULT_NAMES))
    check_unused(files, options["overwrite"], _RESULT_OPTIONS)
    _finish(path, options, files)


def _finish(source: Path, options: CommandLine, files: list[Path]) -> None:
    """Rank, print, and write the table, the picture, and the time series of the best."""
    from rateloom.api import best_fits
    from rateloom.drivers.studies.query import write_rows

    choices = (options["by"], options["best"], options["exposure"], options["threads"])
    if (source / PLAN).is_file():
        ranked = best_fits.ranked_study(source, *choices)
    else:
        ranked = best_fits.ranked_store(
            source, *fit_options.targets_of(options, best_fits.regions_of_store(source)), *choices
        )
    _print_best(ranked)
    table, picture, *store = files
    write_rows(ranked.best, table)
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


FIT = Command(
    "fit",
    (
        fit_options.SOURCE,
        *of_groups("sweep"),
        *fit_options.TARGETS,
        *of_groups(*SIMULATION),
        *(option for option in of_groups("bold") if option.name != "tr"),
        *named("measures", "memory", "executor", "scheduler", "dry_run"),
        *of_groups("output"),
    ),
    fit,
)

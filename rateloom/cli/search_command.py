"""The command search: an optimiser chooses what to simulate."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rateloom.cli import fit_options
from rateloom.cli.common import MODEL, console
from rateloom.cli.simulate_commands import checked, run_of
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.option import Command, CommandLine
from rateloom.drivers.terminal.options import SIMULATION, named, of_groups
from rateloom.drivers.terminal.output_files import check_unused, fit_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from rateloom.api.setup import Setup


def search(options: CommandLine) -> None:
    """Let an optimiser choose what to simulate, where a grid would be too large.

    Seeks what is most like the targets, or what --maximize and --minimize say. Writes a directory with all
    trials, which a search that was stopped goes on with, a table of them and a picture.

    \b
    Example:
      rateloom search montbrio --free G=0:0.3 --free eta=-6:-4 --maximize mean_FC_r --dt 0.05 --out found
      rateloom search montbrio --free G=0:0.3 --free eta@node=-6:-4 --fc rest=fc.npy --dt 0.05 --sampler cmaes
    """
    from rateloom.drivers.fitting.ranking import check_ranking

    check_ranking(options["by"], options["best"])
    if not options["free"]:
        raise InputError("Missing option '--free' (see rateloom search --help)")
    changed = options.changed(keep="measures", out=None)
    request, setup = checked(options["model"], fit_options.with_tr(changed))
    folder = _folder(options, f"{setup.model.name}_search")
    result_paths = options["csv"], options["plot"], options["series_out"]
    files = fit_targets(folder, *result_paths, endings=("_trials.csv", ".png"))
    # those of a search that is gone on with are replaced
    replaced = options["resume"] is not None
    if not options["dry_run"]:
        check_unused([path for path in files if not replaced or path in result_paths], options["overwrite"])
    from rateloom.drivers.fitting.orientation import regions_of
    from rateloom.drivers.search.free_text import parse_free

    regions = regions_of(setup.connectome)
    free = parse_free(options["free"], regions.labels)
    targets, windows = fit_options.targets_of(options, regions, setup.bold)
    from rateloom.api.search_aim import Aim
    from rateloom.api.searches import Sampling, search_setup
    from rateloom.api.setup import Destination

    keep = replace(request.keep, targets=targets, settings=windows)
    aim = Aim(options["maximize"] or (), options["minimize"] or (), options["by"], options["exposure"])
    sampling = Sampling(**options.only("sampler", "trials", "batch"))
    run = run_of(request, options, None)
    destination = Destination(folder, options["overwrite"], replaced)
    call = partial(search_setup, setup, free, keep, aim, sampling, run, destination)
    if options["dry_run"]:
        call()
        return
    results = _stoppable(call, folder)
    print(f"wrote {folder}")
    _finish(results, options["best"], files)
    if not results.attrs["best"]:
        print("no trial has a value: all diverged, or what is sought is undefined", file=sys.stderr)
        raise typer.Exit(1)
    if options["series_out"] is not None:
        _simulate_again(results, options["best"], options["series_out"], partial(_again, setup))


def _folder(options: CommandLine, default: str) -> Path:
    """Return the directory of the search; what is there is checked before anything slow."""
    from rateloom.drivers.search.trials import check_search_place

    out, resume = options["out"], options["resume"]
    if resume is None:
        folder = Path(default) if out is None else out
        check_search_place(folder, options["overwrite"] or options["dry_run"])
        return Path(folder)
    if out is not None and out != resume:
        raise InputError(f"--resume {resume} and --out {out} are two directories; leave --out out")
    return Path(resume)


def _stoppable(work: Callable[[], xr.Dataset], folder: Path) -> xr.Dataset:
    """Search; whoever interrupts it is told how to go on."""
    try:
        return work()
    except KeyboardInterrupt:
        if folder.is_dir():
            print(f"go on with: the same command and --resume {folder}", file=sys.stderr)
        raise


def _finish(results: xr.Dataset, count: int, files: Sequence[Path]) -> None:
    """Print the best trials, and write the table and the picture."""
    import json

    from rich.table import Table

    from rateloom.drivers.search.outcome import write_table
    from rateloom.drivers.search.search_plot import draw_search

    numbers = [name for names in json.loads(results.attrs["free"]).values() for name in names]
    objectives = list(json.loads(results.attrs["objectives"]))
    best = results.attrs["best"][:count]
    table_of_best = Table("trial", *objectives, *numbers, title="best trials", title_justify="left")
    for trial in best:
        values = (f"{float(results[name][trial]):.4g}" for name in (*objectives, *numbers))
        table_of_best.add_row(str(trial), *values)
    if best:
        console().print(table_of_best)
    table, picture, *_ = files
    write_table(results, table)
    draw_search(results, picture)
    print(f"wrote {table}\nwrote {picture}")


def _again(setup: Setup, settings: dict[str, Any]) -> xr.Dataset:
    from rateloom.api.simulation import simulate

    return simulate(setup.model, connectome=setup.connectome, inputs=setup.inputs, **settings)


def _simulate_again(
    results: xr.Dataset, count: int, path: Path, again: Callable[[dict[str, Any]], xr.Dataset]
) -> None:
    """Simulate the best trials again, and write their time series."""
    import xarray as xr

    from rateloom.api.best_fits import write_series
    from rateloom.api.searches import trial

    best = results.attrs["best"][:count]
    series = xr.concat(
        [again(trial(results, number)) for number in best], "trial", combine_attrs="drop_conflicts"
    )
    write_series(series.assign_coords(trial=best), path)
    print(f"wrote {path}")


SEARCH = Command(
    "search",
    (
        MODEL,
        *fit_options.SEARCH,
        *fit_options.TARGETS,
        *of_groups(*SIMULATION),
        *(option for option in of_groups("bold") if option.name != "tr"),
        *named("measures", "memory", "dry_run"),
        *of_groups("output"),
    ),
    search,
)

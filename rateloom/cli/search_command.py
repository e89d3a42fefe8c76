"""Searches by ``rateloom fit``, where an optimiser chooses what to simulate."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rateloom.cli.common import console
from rateloom.cli.fit_options import SEARCH
from rateloom.cli.simulate_commands import checked, run_of
from rateloom.drivers.fitting.orientation import regions_of
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.option import CommandLine
from rateloom.drivers.terminal.output_files import check_unused, fit_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from rateloom.api.setup import Setup

# Options of a search alone.
_SEARCH_NAMES = {option.name for option in SEARCH} - {"search"}


def refuse_search(options: CommandLine) -> None:
    """Raise InputError for options of a search where there is none."""
    for name, flag in options.typed.items():
        if name in _SEARCH_NAMES:
            raise InputError(f"{flag} is an option of a search; give --search optuna too")


def search_fit(options: CommandLine, targets_of: Callable[..., tuple[Any, Any]]) -> None:
    """Search with an optimiser: a directory with all trials, a table, a picture, and the best of them.

    Parameters
    ----------
    options : CommandLine
        The options of rateloom fit.
    targets_of : callable
        Reads the targets from these and the labels of the nodes.
    """
    if options["search"] != "optuna":
        raise InputError(f"--search {options['search']} is unknown; use optuna")
    if options["axes"] or options["items"]:
        raise InputError("--search chooses what to simulate, and --sweep says it; leave one of them out")
    if options["monitor"] == "bold":
        raise InputError("--search compares what the model exposes, not BOLD signals; give --sweep for these")
    if options["executor"] != "threads" or options["scheduler"] is not None:
        raise InputError("--search simulates in this process; leave --executor and --scheduler out")
    if not options["free"]:
        raise InputError("Missing option '--free' (see rateloom fit --help)")
    request, setup = checked(options["source"], options.changed(keep="measures", out=None))
    folder = _folder(options, f"{setup.model.name}_search")
    result_paths = options["csv"], options["plot"], options["series_out"]
    files = fit_targets(folder, *result_paths, endings=("_trials.csv", ".png"))
    # those of a search that is gone on with are replaced
    replaced = options["resume"] is not None
    check_unused([path for path in files if not replaced or path in result_paths], options["overwrite"])
    from rateloom.drivers.search.free_text import parse_free

    regions = regions_of(setup.connectome)
    free = parse_free(options["free"], regions.labels)
    targets, windows = targets_of(options, regions)
    from rateloom.api.search_aim import Aim
    from rateloom.api.searches import Sampling, search_setup
    from rateloom.api.setup import Destination

    keep = replace(request.keep, targets=targets, settings=windows)
    aim = Aim(options["maximize"] or (), options["minimize"] or (), options["by"], options["exposure"])
    sampling = Sampling(**options.only("sampler", "trials", "batch"))
    run = run_of(request, options, None)
    destination = Destination(folder, options["overwrite"], options["resume"] is not None)
    call = partial(search_setup, setup, free, keep, aim, sampling, run, destination)
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
        check_search_place(folder, options["overwrite"])
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

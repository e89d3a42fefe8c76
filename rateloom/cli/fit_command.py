"""The command fit: sweep a model, compare every work item with data, and say which fit best."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rateloom.cli import fit_options
from rateloom.cli.common import console
from rateloom.cli.search_command import refuse_search, search_fit
from rateloom.cli.simulate_commands import checked, on_executor, run_of
from rateloom.cli.study_commands import stoppable
from rateloom.drivers.fitting.orientation import Regions, regions_of
from rateloom.drivers.support.destinations import PLAN, check_study_target, keeps_series
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.option import Command, CommandLine
from rateloom.drivers.terminal.options import SIMULATION, named, of_groups
from rateloom.drivers.terminal.output_files import check_places, check_unused, fit_targets

if TYPE_CHECKING:
    from rateloom.api.best_fits import RankedFits
    from rateloom.drivers.measures.cleaning import SignalCleaning
    from rateloom.drivers.observation.bold.bold_settings import BoldSettings

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

    check_ranking(options["by"], options["best"])
    if options["search"] is not None:
        search_fit(options, _targets_of)
        return
    refuse_search(options)
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
    from rateloom.drivers.fitting.ranking import compared, orders_of
    from rateloom.drivers.observation.bold.haemodynamics import BOLD

    of_bold = options["monitor"] == "bold"
    # volumes are as far apart as the samples that they are compared with
    with_tr = options.changed(tr=options["samples_apart"]) if of_bold else options
    request, setup = checked(options["source"], with_tr)
    targets, windows = _targets_of(options, regions_of(setup.connectome), setup.bold)
    if not targets:
        raise InputError("Missing option '--fc', '--fcd', '--phase-fcd' or '--series' (rateloom fit --help)")
    exposures = [BOLD] if of_bold else measured_exposures(setup.model)
    orders_of(targets, compared(targets, exposures), options["by"], options["exposure"])
    folder = options["out"] or Path(f"{setup.model.name}_sweep")
    files = fit_targets(folder, *(options[name] for name in _RESULT_NAMES))
    check_places(folder, None, study=True)
    check_study_target(folder, options["overwrite"])
    check_unused((folder, *files), options["overwrite"], f"--out, {_RESULT_OPTIONS}")
    from rateloom.api.setup import Destination
    from rateloom.api.study_sweeps import sweep_measures

    keep = replace(request.keep, targets=targets, settings=windows)
    destination = Destination(folder, options["overwrite"])
    call = partial(sweep_measures, setup, keep, run_of(request, options, executor), destination)
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


def _targets_of(options: CommandLine, regions: Regions, bold: BoldSettings | None = None) -> tuple[Any, Any]:
    """Targets, and the measures' settings that their dynamics are compared with."""
    from rateloom.drivers.fitting.data_sources import targets_of
    from rateloom.drivers.fitting.target_form import TargetForm
    from rateloom.drivers.measures.measure_settings import MeasureSettings
    from rateloom.drivers.observation.bold.bold_settings import windows_of
    from rateloom.drivers.support.notices import issue, pass_on
    from rateloom.drivers.tables.labels import read_labels

    windows = MeasureSettings() if bold is None else windows_of(bold)
    lengths = {name: options[name] for name in ("fcd_window", "fcd_step") if options[name] is not None}
    windows = replace(windows, **lengths, cleaning=_cleaning_of(options))
    chosen = options.only("fc", "fcd", "phase_fcd", "series")
    names = None if options["target_labels"] is None else read_labels(options["target_labels"])
    form = TargetForm(names, options["target_scale"], options["target_triangle"], options["censor"])
    targets, warnings = targets_of(
        **chosen, tr=options["samples_apart"], settings=windows, form=form, regions=regions
    )
    pass_on(issue, warnings)
    return targets, windows


def _cleaning_of(options: CommandLine) -> SignalCleaning | None:
    """Return what is done to signals before they are compared; nothing, where no option asks for it."""
    from rateloom.drivers.measures.cleaning import SignalCleaning

    names = ("band_pass", "filter_order", "zscore", "global_signal_regression")
    if not any(name in options.typed for name in names):
        return None
    if "filter_order" in options.typed and options["band_pass"] is None:
        raise InputError("--filter-order is that of --band-pass; give that too")
    return SignalCleaning(**options.only(*names[1:]), band_pass=_band_of(options["band_pass"]))


def _band_of(text: str | None) -> tuple[float, float] | None:
    """Return the edges of ``LOW:HIGH``."""
    if text is None:
        return None
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        raise InputError(f"--band-pass {text!r}: give LOW:HIGH in Hz, like 0.01:0.1") from None
    return low, high


def _finish(source: Path, options: CommandLine, files: list[Path]) -> None:
    """Rank, print, and write the table, the picture, and the time series of the best."""
    from rateloom.api import best_fits
    from rateloom.drivers.studies.query import write_rows

    choices = (options["by"], options["best"], options["exposure"], options["threads"])
    if (source / PLAN).is_file():
        ranked = best_fits.ranked_study(source, *choices)
    else:
        ranked = best_fits.ranked_store(
            source, *_targets_of(options, best_fits.regions_of_store(source)), *choices
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
        *fit_options.SEARCH,
        *fit_options.TARGETS,
        *of_groups(*SIMULATION),
        *(option for option in of_groups("bold") if option.name != "tr"),
        *named("measures", "memory", "executor", "scheduler"),
        *of_groups("output"),
    ),
    fit,
)

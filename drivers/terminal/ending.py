"""The end of a command: its results are drawn, and what was written is named."""

from __future__ import annotations

from typing import Any

import typer

from rateloom.drivers.terminal.output_files import Targets


def finish(result: Any, targets: Targets) -> None:
    """Draw the result of a run, or of a sweep the heat map and, where these are kept, its time series.

    Parameters
    ----------
    result : xarray.Dataset
        As `simulate` or `sweep` returns it.

    Raises
    ------
    typer.Exit
        With status 1, if every work item diverged: what was written is there to be looked at, but a script
        must not go on with it.
    """
    from rateloom.drivers.pictures.plots import plot_grid, plot_measures, plot_run, plot_sweep
    from rateloom.drivers.results.sweep_statistics import has_statistics

    plot_first = plot_sweep if len(targets.pictures) > 1 else plot_run
    if targets.study:
        plot_first = plot_measures
    pictures = targets.pictures
    if targets.study and not has_statistics(result):
        from rateloom.drivers.pictures.chosen import plot_chosen

        pictures = tuple(picture for picture in pictures if plot_chosen(result, picture))
    else:
        for plot, picture in zip((plot_first, plot_grid), pictures, strict=False):
            plot(result, picture)
    for path in (targets.store, *pictures):
        print(f"wrote {path}")
    if bool((result["diverged_step"] >= 0).all()):
        raise typer.Exit(1)

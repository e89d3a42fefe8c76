"""Pictures of results: the time series of a run, the heat maps and the time series of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rateloom.drivers.results.sweep_statistics import SweepStatistics, measured_statistics, sweep_statistics

from .panels import Panel, draw_series_grid
from .plot_style import (
    caption,
    cell_edges,
    colour,
    name_with_unit,
    numbered,
    save,
    set_scale,
    set_time_range,
    set_title,
    thinned,
    tidy,
    value_text,
)

_MOST_NODES = 100
_MOST_PANELS = 6


def plot_run(dataset: xr.Dataset, path: str | Path) -> None:
    """Draw the time series of a single run: a panel for each exposure, each node thin, their mean thick.

    Parameters
    ----------
    dataset : xarray.Dataset
        Exposures of dimensions (time, node), time in ms. At most 100 nodes are drawn.
    path : str or Path
        Picture to write; its ending says in which format.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    save(draw_run(dataset, caption(dataset)), path)


def draw_run(dataset: xr.Dataset, title: str) -> Figure:
    """Draw the figure of `plot_run`."""
    names = exposure_names(dataset)
    figure = Figure(figsize=(9, 0.9 + 2.1 * len(names)), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    times, n_node = dataset["time"].values, dataset.sizes["node"]
    nodes = _evenly(n_node, _MOST_NODES)
    for k, (panel, name) in enumerate(zip(panels, names, strict=True)):
        values = dataset[name].values
        for node in nodes:
            panel.plot(
                *thinned(times, values[:, node]), color=colour(k), linewidth=0.5, alpha=_alpha(nodes.size)
            )
        panel.plot(*thinned(times, _node_mean(values)), color="black", linewidth=1.3)
        panel.set_ylabel(name_with_unit(dataset[name]))
        set_time_range(panel, times)
        tidy(panel)
    figure.align_ylabels(panels)
    panels[-1].set_xlabel("time (ms)")
    thin = "each node" if nodes.size == n_node else f"{nodes.size} of {n_node} nodes"
    step = _diverged_step(dataset)
    remark = f"diverged at step {step}" if step >= 0 else ""
    set_title(figure, title, f"coloured: {thin}, black: mean of all nodes", remark)
    return figure


def plot_sweep(dataset: xr.Dataset, path: str | Path) -> None:
    """Draw the dependence of each exposure's mean and standard deviation over time on swept parameters.

    Both are taken over time in each node and then averaged over nodes. Two axes give heat maps, one axis
    gives lines, no axis gives `plot_run`. Of more axes, the first two are drawn and the others are fixed at
    their middle value. Diverged work items are grey or missing.

    Parameters
    ----------
    dataset : xarray.Dataset
        A few work items are read at a time, so that a store may be larger than the memory.
    path : str or Path
        Picture to write; its ending says in which format.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    axes = sweep_axes(dataset)
    if not axes:
        plot_run(dataset, path)
        return
    plane = _hold_further_axes(numbered(dataset, axes), axes)
    statistics = {name: sweep_statistics(plane[name]) for name in exposure_names(plane)}
    _save_sweep(plane, axes, statistics, path)


def plot_measures(dataset: xr.Dataset, path: str | Path) -> None:
    """Draw the picture of `plot_sweep` from a sweep that keeps measures.

    Parameters
    ----------
    dataset : xarray.Dataset
        With the mean and standard deviation of each exposure; rates are in Hz.
    path : str or Path
        Picture to write; its ending says in which format.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    axes = [str(name) for name in dataset["diverged_step"].dims]
    plane = _hold_further_axes(numbered(dataset, axes), axes)
    statistics = {}
    for name in plane.attrs["exposures"]:
        statistics[name], mean = measured_statistics(plane, name)
        plane = plane.assign({name: mean})
    _save_sweep(plane, axes, statistics, path)


def _save_sweep(
    plane: xr.Dataset, axes: list[str], statistics: Mapping[str, SweepStatistics], path: str | Path
) -> None:
    figure = (_draw_lines if len(axes) == 1 else _draw_heat_maps)(plane, axes[:2], statistics)
    diverged = np.isnan(next(iter(statistics.values())).mean)
    appearance = "missing" if len(axes) == 1 else "grey"
    remark = (
        f"{diverged.sum()} of {diverged.size} work items diverged ({appearance})" if diverged.any() else ""
    )
    set_title(figure, caption(plane, *axes[2:]), remark)
    save(figure, path)


def plot_grid(dataset: xr.Dataset, path: str | Path) -> None:
    """Draw the activity over time in a grid of panels over the first two axes of a sweep.

    Each panel shows the exposures' means over nodes. Columns are values of the first axis, rows of the second
    with the largest at the top, at most six of each, evenly spaced. Other axes are fixed at their middle
    value.
    After figure 2 of van der Vlag et al. 2024, doi 10.3390/app14052211.

    Parameters
    ----------
    dataset : xarray.Dataset
        Only the panels' work items are read.
    path : str or Path
        Picture to write; its ending says in which format.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    axes = sweep_axes(dataset)
    if not axes:
        plot_run(dataset, path)
        return
    plane = _hold_further_axes(numbered(dataset, axes), axes)
    columns, column_titles = _chosen(plane, axes[0])
    rows, row_titles = _chosen(plane, axes[1]) if len(axes) > 1 else ([0], [""])
    panels = [
        [_panel(plane.isel(dict(zip(axes[:2], (column, row), strict=False)))) for column in columns]
        for row in rows[::-1]
    ]
    names = [name_with_unit(plane[name]) for name in exposure_names(plane)]
    figure = draw_series_grid(plane["time"].values, panels, names, row_titles[::-1], column_titles)
    set_title(figure, caption(plane, *axes[2:]), "mean over nodes")
    save(figure, path)


def exposure_names(dataset: xr.Dataset) -> list[str]:
    """Return the names of the variables that are time series of nodes."""
    return [str(name) for name in dataset.data_vars if dataset[name].dims[-2:] == ("time", "node")]


def sweep_axes(dataset: xr.Dataset) -> list[str]:
    """Return the names of the swept parameters in order."""
    return [str(name) for name in dataset[exposure_names(dataset)[0]].dims[:-2]]


def _hold_further_axes(dataset: xr.Dataset, axes: list[str]) -> xr.Dataset:
    return dataset.isel({name: dataset.sizes[name] // 2 for name in axes[2:]})


def _draw_lines(plane: xr.Dataset, axes: list[str], statistics: Mapping[str, SweepStatistics]) -> Figure:
    figure = Figure(figsize=(7, 0.9 + 2.4 * len(statistics)), layout="constrained")
    panels = figure.subplots(len(statistics), 1, sharex=True, squeeze=False)[:, 0]
    order = np.argsort(plane[axes[0]].values)
    swept = plane[axes[0]].values[order]
    for k, (panel, (name, statistic)) in enumerate(zip(panels, statistics.items(), strict=True)):
        mean, deviation = statistic.mean[order], statistic.deviation[order]
        panel.fill_between(swept, mean - deviation, mean + deviation, color=colour(k), alpha=0.2, linewidth=0)
        panel.plot(swept, mean, color=colour(k), marker="o", markersize=3, linewidth=1.3)
        panel.set_ylabel(name_with_unit(plane[name]))
        set_scale(panel, "x", plane[axes[0]])
        panel.label_outer()
        tidy(panel)
    panels[0].set_title(
        "mean over time and nodes, band: standard deviation over time", fontsize=9, loc="left"
    )
    figure.align_ylabels(panels)
    return figure


def _draw_heat_maps(plane: xr.Dataset, axes: list[str], statistics: Mapping[str, SweepStatistics]) -> Figure:
    figure = Figure(figsize=(9.5, 0.8 + 3.1 * len(statistics)), layout="constrained")
    panels = figure.subplots(len(statistics), 2, sharex=True, sharey=True, squeeze=False)
    x, y = (np.argsort(plane[name].values) for name in axes)
    edges = [cell_edges(np.sort(plane[name].values)) for name in axes]
    for row, (name, statistic) in zip(panels, statistics.items(), strict=True):
        for panel, values, colours in zip(
            row, (statistic.mean, statistic.deviation), ("viridis", "magma"), strict=True
        ):
            mesh = panel.pcolormesh(*edges, values[np.ix_(x, y)].T, cmap=colours, rasterized=True)
            bar = figure.colorbar(mesh, ax=panel, label=name_with_unit(plane[name]))
            bar.ax.tick_params(labelsize=8)
            # Cells without a value are not drawn.
            panel.set_facecolor("0.8")
            set_scale(panel, "x", plane[axes[0]])
            set_scale(panel, "y", plane[axes[1]])
            panel.label_outer()
            panel.tick_params(labelsize=8)
    for panel, title in zip(
        panels[0], ("mean over time and nodes", "standard deviation over time, mean over nodes"), strict=True
    ):
        panel.set_title(title, fontsize=10)
    return figure


def _chosen(plane: xr.Dataset, axis: str) -> tuple[list[int], list[str]]:
    """Return at most six indices along an axis, by rising value, and their titles."""
    order = np.argsort(plane[axis].values)
    chosen = order[_evenly(order.size, _MOST_PANELS)]
    return [int(i) for i in chosen], [f"{axis} = {value_text(plane[axis][i])}" for i in chosen]


def _panel(item: xr.Dataset) -> Panel:
    means = tuple(_node_mean(item[name].values) for name in exposure_names(item))
    return Panel(means, _diverged_step(item))


def _node_mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(values.mean(axis=-1, dtype=np.float64))


def _alpha(n_line: int) -> float:
    """Return the opacity of lines: many lines are fainter, so that dense regions still show."""
    return float(np.clip(12 / n_line, 0.15, 0.8))


def _diverged_step(item: xr.Dataset) -> int:
    return int(item["diverged_step"]) if "diverged_step" in item else -1


def _evenly(size: int, most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(np.int64))

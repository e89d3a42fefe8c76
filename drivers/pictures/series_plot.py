"""Time series of work items of a sweep, in a grid over two axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .measured import Results
from .panels import Panel, draw_series_grid
from .plot_style import name_with_unit, set_title
from .view import View, axis_value_text, fixed_axes_text, item_of

# Returns exposures of dimensions (item, time, node) for numbers of work items.
SeriesOf = Callable[[Sequence[int]], xr.Dataset]
_MOST_PANELS = 6


def series_items(results: Results, view: View, most: int = _MOST_PANELS) -> NDArray[np.int64]:
    """Return work items on a grid over a view's axes, (row, column): at most `most` of each, evenly spaced.

    Rows are values of y, the largest first; a sweep of one axis has one row.
    """
    columns = _chosen(results, view.x, most)
    rows: list[dict[str, int]] = [{}]
    if view.y is not None:
        rows = [{view.y: row} for row in _chosen(results, view.y, most)[::-1]]
    indices = [[{**view.fixed_axes, **row, view.x: column} for column in columns] for row in rows]
    return np.array(
        [[item_of(results, item_indices) for item_indices in row_indices] for row_indices in indices],
        np.int64,
    )


def draw_series(results: Results, view: View, series_of: SeriesOf) -> Figure:
    """Draw the means over nodes in a grid of panels, after figure 2 of 10.3390/app14052211."""
    items = series_items(results, view)
    series = series_of([int(item) for item in items.ravel()])
    names = exposures_of(series)
    panels = [
        [_panel(series.isel(item=k), names) for k in range(start, start + items.shape[1])]
        for start in range(0, items.size, items.shape[1])
    ]
    columns = [axis_value_text(results, view.x, k) for k in _chosen(results, view.x, _MOST_PANELS)]
    rows = [""]
    if view.y is not None:
        rows = [axis_value_text(results, view.y, k) for k in _chosen(results, view.y, _MOST_PANELS)[::-1]]
    figure = draw_series_grid(
        series["time"].values, panels, [name_with_unit(series[name]) for name in names], rows, columns
    )
    set_title(figure, results.about, fixed_axes_text(results, view.fixed_axes), "mean over nodes")
    return figure


def exposures_of(series: xr.Dataset) -> list[str]:
    """Return the names of the variables that are series of nodes."""
    return [str(name) for name in series.data_vars if series[name].dims[-2:] == ("time", "node")]


def _chosen(results: Results, name: str, most: int) -> list[int]:
    """Return at most `most` indices of an axis's values, by rising value."""
    values = next(axis for axis in results.grid.axes if axis.name == name).values
    order = np.argsort(values)
    chosen = np.unique(np.linspace(0, values.size - 1, min(values.size, most)).round().astype(np.int64))
    return [int(k) for k in order[chosen]]


def _panel(item: xr.Dataset, names: Sequence[str]) -> Panel:
    with np.errstate(invalid="ignore", over="ignore"):
        means = tuple(np.asarray(item[name].values.mean(axis=-1, dtype=np.float64)) for name in names)
    return Panel(means, int(item["diverged_step"]))

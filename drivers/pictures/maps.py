"""Heat maps of measures over two axes of a sweep, with facets for a third; lines over one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .measured import Results, values_of
from .plot_style import cell_edges, colour, name_with_unit, set_scale, set_title, tidy
from .view import NODE, View, axis_value_text, facet_indices, fixed_axes_text, shown_values

_Floats = NDArray[np.float64]
_MOST_COLUMNS = 3
_MOST_LABELS = 24


def draw_maps(results: Results, names: Sequence[str], view: View) -> Figure:
    """Draw measures over the axes of a view, after figures 3 to 6 of 10.3390/app14052211.

    Each measure has a colour scale, which its facets share. Undefined values are grey, work items that are
    not done are white.

    Parameters
    ----------
    names : sequence of str
        Measures.
    """
    arrays = [shown_values(values_of(results, name, view.fixed_axes), view) for name in names]
    waiting = _waiting(results, view)
    figure = _heat_maps(results, arrays, waiting, view) if view.y else _lines(results, arrays, view)
    regional = any(results.measures[name].regional for name in names) and NODE not in view.axes
    node = "" if view.node is None else f"node {results.labels[view.node]}"
    remarks = [
        fixed_axes_text(results, view.fixed_axes),
        (node or "mean over nodes") if regional else "",
        remark_on_done(results),
    ]
    set_title(figure, results.about, *remarks)
    return figure


def remark_on_done(results: Results) -> str:
    """Return how many work items of an unfinished study are done; empty for a finished one."""
    n_done, n_item = int(results.simulated.sum()), results.grid.n_item
    return "" if n_done == n_item else f"{n_done} of {n_item} work items are done"


def _waiting(results: Results, view: View) -> xr.DataArray:
    """Return which work items of a view are not done."""
    grid = results.grid
    coordinates = {axis.name: axis.values for axis in grid.axes}
    waiting = xr.DataArray(~results.simulated.reshape(grid.shape), coordinates, grid.names)
    return waiting.isel(view.fixed_axes)


def _facets(results: Results, view: View) -> list[int | None]:
    if view.facet is None:
        return [None]
    size = len(results.labels) if view.facet == NODE else dict(_sizes(results))[view.facet]
    return list(facet_indices(size))


def _sizes(results: Results) -> list[tuple[str, int]]:
    return [(axis.name, axis.values.size) for axis in results.grid.axes]


def _facet_slice(array: xr.DataArray, view: View, index: int | None) -> xr.DataArray:
    if index is None or view.facet not in array.dims:
        return array
    return array.isel({view.facet: index})


def _panels(n_measure: int, n_facet: int, wide: float, high: float) -> tuple[Figure, list[list[Axes]]]:
    """Make a panel for each measure and facet: measures are rows, or are wrapped if there are no facets."""
    wrapped = n_measure * n_facet if 1 in (n_measure, n_facet) else 0
    n_column = min(wrapped, 4 if n_facet > 1 else _MOST_COLUMNS) if wrapped else n_facet
    n_row = -(-wrapped // n_column) if wrapped else n_measure
    size = (max(5.0, wide * n_column), 0.8 + high * n_row)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(n_row, n_column, squeeze=False)
    flat = list(grid.ravel())
    for panel in flat[n_measure * n_facet :]:
        panel.set_visible(False)
    return figure, [flat[k * n_facet : (k + 1) * n_facet] for k in range(n_measure)]


def _heat_maps(results: Results, arrays: Sequence[xr.DataArray], waiting: xr.DataArray, view: View) -> Figure:
    facets = _facets(results, view)
    figure, rows = _panels(len(arrays), len(facets), 3.4, 2.7)
    for array, row in zip(arrays, rows, strict=True):
        facet_slices = [_facet_slice(array, view, index) for index in facets]
        low, high = _limits(facet_slices)
        for panel, facet_slice, index in zip(row, facet_slices, facets, strict=True):
            mesh = _heat_map(
                results, panel, facet_slice, _facet_slice(waiting, view, index), view, (low, high)
            )
            title = "" if index is None else axis_value_text(results, str(view.facet), index)
            panel.set_title(title or str(array.name), fontsize=9)
        label = name_with_unit(array) if view.facet else str(array.attrs.get("unit", ""))
        bar = figure.colorbar(mesh, ax=row, label=label)
        bar.ax.tick_params(labelsize=8)
    return figure


def _limits(facet_slices: Sequence[xr.DataArray]) -> tuple[float, float]:
    values = np.concatenate([facet_slice.values.ravel() for facet_slice in facet_slices])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)


def _heat_map(
    results: Results,
    panel: Axes,
    facet_slice: xr.DataArray,
    waiting: xr.DataArray,
    view: View,
    limits: tuple[float, float],
) -> QuadMesh:
    """Draw one panel; a measure is constant along axes that it does not have (``node``)."""
    assert view.y is not None
    coordinates = [_coordinate(results, name) for name in (view.x, view.y)]
    x, y = (np.argsort(c.values) for c in coordinates)
    edges = [cell_edges(np.sort(c.values)) for c in coordinates]
    shape = (coordinates[1].size, coordinates[0].size)
    values = _spread(facet_slice, view, shape)[np.ix_(y, x)]
    mesh = panel.pcolormesh(*edges, values, cmap="viridis", vmin=limits[0], vmax=limits[1], rasterized=True)
    # Cells without a value are not drawn.
    panel.set_facecolor("0.8")
    gaps = _spread(waiting, view, shape)[np.ix_(y, x)]
    if gaps.any():
        white = np.where(gaps, 0.0, np.nan)
        panel.pcolormesh(*edges, white, cmap="gray_r", vmin=0, vmax=1, rasterized=True)
    for direction, name, coordinate in zip("xy", (view.x, view.y), coordinates, strict=True):
        set_scale(panel, direction, coordinate)
        if name == NODE:
            _label_nodes(panel, direction, results.labels)
    for label in (panel.xaxis.label, panel.yaxis.label):
        label.set_fontsize(9)
    panel.tick_params(labelsize=8)
    return mesh


def _spread(array: xr.DataArray, view: View, shape: tuple[int, int]) -> NDArray[np.float64]:
    values = array.transpose(*(name for name in (view.y, view.x) if name in array.dims)).values
    if view.y not in array.dims:
        values = values[None]
    if view.x not in array.dims:
        values = values[:, None]
    return np.broadcast_to(values, shape)


def _coordinate(results: Results, name: str) -> xr.DataArray:
    if name == NODE:
        return xr.DataArray(np.arange(len(results.labels), dtype=np.float64), name=NODE)
    axis = next(a for a in results.grid.axes if a.name == name)
    about = {"unit": results.units.get(name, ""), "names": list(axis.names)}
    return xr.DataArray(axis.values, name=name, attrs=about)


def _label_nodes(panel: Axes, direction: str, labels: Sequence[str]) -> None:
    if len(labels) <= _MOST_LABELS:
        axis = panel.xaxis if direction == "x" else panel.yaxis
        axis.set_ticks(range(len(labels)), labels, fontsize=6, rotation=90 if direction == "x" else 0)


def _lines(results: Results, arrays: Sequence[xr.DataArray], view: View) -> Figure:
    """Draw a panel for each measure, with a line for each facet."""
    facets = _facets(results, view)
    figure, rows = _panels(len(arrays), 1, 3.4, 2.3)
    coordinate = _coordinate(results, view.x)
    order = np.argsort(coordinate.values)
    for array, (panel,) in zip(arrays, rows, strict=True):
        for k, index in enumerate(facets):
            values = np.broadcast_to(_facet_slice(array, view, index).values, order.shape)[order]
            label = None if index is None else axis_value_text(results, str(view.facet), index)
            panel.plot(
                coordinate.values[order], values, color=colour(k), marker="o", markersize=3, linewidth=1.3,
                label=label,
            )  # fmt: skip
        set_scale(panel, "x", coordinate)
        panel.set_ylabel(name_with_unit(array), fontsize=9)
        tidy(panel)
    if view.facet is not None:
        figure.legend(*rows[0][0].get_legend_handles_labels(), loc="outside right upper", fontsize=8)
    return figure

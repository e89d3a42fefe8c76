"""The picture of a fit: data to fit beside the best simulations, and the score over swept parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rateloom.drivers.measures.cleaning import SignalCleaning, cleaned
from rateloom.drivers.pictures.plot_style import cell_edges, number_text, save, set_names, set_title, tidy

Floats = NDArray[np.float64]
_MATRIX = {"cmap": "RdBu_r", "vmin": -1.0, "vmax": 1.0, "interpolation": "nearest"}


@dataclass(frozen=True, eq=False)
class Row:
    """A row of the picture.

    Attributes
    ----------
    matrix_to_fit : (node, node) array
        Functional connectivity to fit.
    best : sequence of (title, (node, node) array)
        Functional connectivity of the best simulations.
    axes : sequence of (name, values)
        The first axes of the sweep, two at most; of connectomes, their names.
    scores : array of one dimension an axis
        The best score over all further axes; NaN if there is none.
    """

    name: str
    matrix_to_fit: Floats
    best: Sequence[tuple[str, Floats]]
    axes: Sequence[tuple[str, NDArray[Any]]]
    scores: Floats


def plot_fit(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw a row for each matrix to fit: the matrix, those of the best simulations, and the score.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    n_best = max(len(row.best) for row in rows)
    figure = Figure(figsize=(2.4 * (n_best + 1) + 4.2, 0.7 + 2.6 * len(rows)), layout="constrained")
    widths = [1.0] * (n_best + 1) + [1.5]
    panels = figure.subplots(len(rows), n_best + 2, squeeze=False, gridspec_kw={"width_ratios": widths})
    for row, line in zip(rows, panels, strict=True):
        matrices = [(f"target {row.name}", row.matrix_to_fit), *row.best]
        for panel, (text, matrix) in zip(line[: n_best + 1], matrices, strict=False):
            image = panel.imshow(_without_diagonal(matrix), **_MATRIX)
            panel.set_title(text, fontsize=8)
            panel.set_xticks([])
            panel.set_yticks([])
        for panel in line[len(matrices) : n_best + 1]:
            panel.set_axis_off()
        bar = figure.colorbar(image, ax=line[n_best], label="correlation")
        bar.ax.tick_params(labelsize=7)
        _draw_scores(figure, line[-1], row)
    set_title(figure, title, "left: target; middle: best; right: best score over all other parameters")
    save(figure, path)


def _draw_scores(figure: Figure, panel: Axes, row: Row) -> None:
    if not row.axes:
        panel.set_axis_off()
        return
    orders = [np.argsort(values) for _, values in row.axes]
    values = [_numbers(np.sort(values)) for _, values in row.axes]
    panel.set_xlabel(row.axes[0][0], fontsize=8)
    panel.set_title(f"best score, target {row.name}", fontsize=8)
    if len(row.axes) == 1:
        panel.plot(values[0], row.scores[orders[0]], marker="o", markersize=3, linewidth=1.2)
        tidy(panel)
        _set_names(panel, row, orders)
        return
    edges = [cell_edges(axis_values) for axis_values in values]
    mesh = panel.pcolormesh(*edges, row.scores[np.ix_(*orders)].T, cmap="viridis", rasterized=True)
    panel.set_facecolor("0.8")
    panel.set_ylabel(row.axes[1][0], fontsize=8)
    panel.tick_params(labelsize=7)
    _set_names(panel, row, orders)
    bar = figure.colorbar(mesh, ax=panel)
    bar.ax.tick_params(labelsize=7)


def _numbers(values: NDArray[Any]) -> Floats:
    """Return values of an axis as numbers: names are counted."""
    return np.arange(len(values), dtype=np.float64) if values.dtype.kind in "UTO" else values


def _set_names(panel: Axes, row: Row, orders: Sequence[NDArray[np.intp]]) -> None:
    """Set the names of axes that have them."""
    for direction, (_, values), order in zip("xy", row.axes, orders, strict=False):
        if values.dtype.kind in "UTO":
            set_names(panel, direction, [str(value) for value in values[order]])


def _without_diagonal(matrix: Floats) -> Floats:
    shown = matrix.copy()
    np.fill_diagonal(shown, np.nan)
    return shown


def connectivity(values: NDArray[Any], dt: float, cleaning: SignalCleaning | None = None) -> Floats:
    """Return functional connectivity (node, node) of series (time, node) every `dt` ms, cleaned or not.

    It is NaN for a constant region.
    """
    if cleaning is not None and np.isfinite(values).all():
        values = cleaned(values.T, dt, cleaning).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.corrcoef(values.astype(np.float64).T))


def caption_of(row: Any, axes: Sequence[str]) -> str:
    """Return rank, score and parameters of one of the best fits as a panel's title."""
    values = {name: row[name] if isinstance(row[name], str) else number_text(row[name]) for name in axes}
    parameters = ", ".join(f"{name} {text}" for name, text in values.items())
    return f"{row['rank']}: {row['score']:.3f}\n{parameters}"

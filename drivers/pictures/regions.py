"""A regional measure over a whole sweep: the number of work items that visit a high rate, or the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

from .maps import remark_on_done
from .measured import FixedAxes, Results, values_of
from .plot_style import colour, set_title, tidy
from .view import NODE, fixed_axes_text

_COUNTED = "high_rate_visits"
_MOST_LABELS = 100


@dataclass(frozen=True, eq=False)
class RegionCounts:
    """Statistics of a regional measure over work items.

    Attributes
    ----------
    visited : (node,) array
        Number of work items in which the measure is above zero.
    mean, deviation : (node,) arrays
        Over the work items in which it is defined.
    n_item : int
        Number of work items.
    """

    visited: NDArray[np.int64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    n_item: int


def is_counted(name: str) -> bool:
    """Tell whether work items are counted, as in figure 7 of 10.3390/app14052211, instead of averaged."""
    return name.startswith(_COUNTED)


def default_regional(results: Results) -> str:
    """Return the regional measure that is drawn by default.

    Raises
    ------
    InputError
        If there is none.
    """
    names = sorted(results.regional, key=lambda name: not is_counted(name))
    if not names:
        raise InputError(f"{results.source} has no measure of each region")
    return names[0]


def region_counts(results: Results, name: str, fixed_axes: FixedAxes) -> RegionCounts:
    """Count and average a regional measure over the work items at fixed axes.

    Raises
    ------
    InputError
        If the measure is not regional.
    """
    if not results.measures[name].regional:
        listed = ", ".join(results.regional) or "none"
        raise InputError(f"measure {name} has one value a work item; measures of each region: {listed}")
    n_node = len(results.labels)
    total, squares, count = np.zeros(n_node), np.zeros(n_node), np.zeros(n_node, np.int64)
    visited = np.zeros(n_node, np.int64)
    free = [axis.name for axis in results.grid.axes if axis.name not in fixed_axes]
    # one slice of the first axis at a time: all regions of all work items may be larger than the memory
    first = next((axis for axis in results.grid.axes if axis.name in free), None)
    for k in range(1 if first is None else first.values.size):
        slice_axes = dict(fixed_axes) if first is None else {**fixed_axes, first.name: k}
        values = values_of(results, name, slice_axes).transpose(..., NODE).values.reshape(-1, n_node)
        finite = np.isfinite(values)
        finite_values = np.where(finite, values, 0.0)
        total += finite_values.sum(axis=0)
        squares += (finite_values**2).sum(axis=0)
        count += finite.sum(axis=0)
        visited += (finite_values > 0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    index = tuple(fixed_axes.get(axis.name, slice(None)) for axis in results.grid.axes)
    n_item = int(np.sum(results.simulated.reshape(results.grid.shape)[index]))
    return RegionCounts(visited, mean, deviation, n_item)


def draw_regions(results: Results, name: str, fixed_axes: FixedAxes) -> Figure:
    """Draw a bar for each region: the number of work items that visit a high rate, or a measure's mean."""
    counts = region_counts(results, name, fixed_axes)
    n_node = len(results.labels)
    figure = Figure(figsize=(max(6.0, min(16.0, 0.14 * n_node + 1.5)), 4.2), layout="constrained")
    panel = figure.subplots()
    counted = is_counted(name)
    heights = counts.visited if counted else counts.mean
    spread = None if counted else counts.deviation
    panel.bar(
        range(n_node), heights, yerr=spread, color=colour(1), width=0.8,
        error_kw={"elinewidth": 0.6, "ecolor": "0.4"},
    )  # fmt: skip
    if n_node <= _MOST_LABELS:
        panel.set_xticks(range(n_node), results.labels, rotation=90, fontsize=6)
    else:
        panel.set_xlabel("node")
    panel.set_xlim(-0.7, n_node - 0.3)
    measured = values_name(results, name)
    panel.set_ylabel("work items" if counted else measured)
    tidy(panel)
    if n_node <= _MOST_LABELS:
        panel.tick_params(axis="x", labelsize=6)
    subject = (
        f"{name}: work items, of {counts.n_item}, in which the region visits a high rate"
        if counted
        else f"{name}: mean over {counts.n_item} work items and standard deviation"
    )
    set_title(figure, results.about, subject, fixed_axes_text(results, fixed_axes), remark_on_done(results))
    return figure


def values_name(results: Results, name: str) -> str:
    """Return ``name (unit)``, or the name if there is no unit."""
    unit = results.measures[name].unit
    return f"{name} ({unit})" if unit else name

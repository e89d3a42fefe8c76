"""A grid of small panels, each with the activity of one work item over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .plot_style import colour, set_time_range, thinned, tidy

_Floats = NDArray[np.float64]
# A line that fills a smaller share of an axis is drawn against the other axis.
_LEAST_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Panel:
    """One work item: the mean over nodes of each exposure, and the step at which it diverged or -1."""

    means: tuple[_Floats, ...]
    diverged_step: int


def draw_series_grid(
    times: _Floats,
    panels: Sequence[Sequence[Panel]],
    names: Sequence[str],
    row_titles: Sequence[str],
    column_titles: Sequence[str],
) -> Figure:
    """Draw rows of panels with common scales.

    An exposure whose values lie too far from the others', or vary too little beside them, is drawn against
    an axis at the right.
    """
    n_row, n_column = len(panels), len(panels[0])
    size = (max(6.0, 1.0 + 1.75 * n_column), 1.5 + 1.15 * n_row)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False)
    limits = _limits(panels, len(names))
    right = _right_hand(limits)
    for i, row in enumerate(panels):
        for j, panel in enumerate(row):
            twin = grid[i, j].twinx() if right else None
            _draw_panel(grid[i, j], twin, times, panel, right)
            if twin is not None:
                _set_limits(twin, [limits[k] for k in right])
                twin.spines["right"].set_visible(j == n_column - 1)
                twin.tick_params(labelright=j == n_column - 1, right=j == n_column - 1, labelsize=7)
    _set_limits(grid[0, 0], [limit for k, limit in enumerate(limits) if k not in right])
    set_time_range(grid[0, 0], times)
    grid[0, 0].xaxis.set_major_locator(MaxNLocator(4))
    for j, title in enumerate(column_titles):
        grid[0, j].set_title(title, fontsize=9)
    for i, title in enumerate(row_titles):
        grid[i, 0].set_ylabel(title, fontsize=9)
    figure.supxlabel("time (ms)", fontsize=9)
    texts = [f"{name}, right axis" if k in right else name for k, name in enumerate(names)]
    lines = [grid[0, 0].plot([], [], color=colour(k), label=text)[0] for k, text in enumerate(texts)]
    figure.legend(
        handles=lines, loc="outside upper right", ncols=min(len(lines), 4), frameon=False, fontsize=9
    )
    return figure


def _draw_panel(left: Axes, twin: Any, times: _Floats, panel: Panel, right: frozenset[int]) -> None:
    for k, values in enumerate(panel.means):
        axes = twin if k in right else left
        axes.plot(*thinned(times, values), color=colour(k), linewidth=0.9)
    if panel.diverged_step >= 0:
        left.set_facecolor("0.85")
        text = f"diverged at\nstep {panel.diverged_step}"
        left.text(0.5, 0.5, text, transform=left.transAxes, ha="center", va="center", fontsize=7)
    tidy(left)
    left.tick_params(labelsize=7)
    if twin is not None:
        tidy(twin)
        # It is drawn above the left-hand panel, and would hide its background.
        twin.patch.set_visible(False)


def _limits(panels: Sequence[Sequence[Panel]], n_exposure: int) -> list[tuple[float, float]]:
    """Return the least and greatest value of each exposure; diverged work items do not count."""
    good = [panel for row in panels for panel in row if panel.diverged_step < 0]
    result = []
    for k in range(n_exposure):
        values = [panel.means[k][np.isfinite(panel.means[k])] for panel in good]
        ranges = [(float(v.min()), float(v.max())) for v in values if v.size]
        result.append((min(a for a, _ in ranges), max(b for _, b in ranges)) if ranges else (0.0, 1.0))
    return result


def _right_hand(limits: Sequence[tuple[float, float]]) -> frozenset[int]:
    """Return the exposures that do not fit on an axis with the first."""
    left = [limits[0]]
    right = set()
    for k, limit in enumerate(limits[1:], start=1):
        together = [*left, limit]
        span = max(b for _, b in together) - min(a for a, _ in together)
        if all(b - a >= _LEAST_SHARE * span for a, b in together if b > a):
            left = together
        else:
            right.add(k)
    return frozenset(right)


def _set_limits(panel: Axes, limits: Sequence[tuple[float, float]]) -> None:
    low, high = min(a for a, _ in limits), max(b for _, b in limits)
    margin = 0.06 * (high - low) or 0.5
    panel.set_ylim(low - margin, high + margin)

"""The best work items of a sweep in parallel coordinates: each has a line, each quantity an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rateloom.drivers.support.arguments import count
from rateloom.drivers.support.errors import InputError

from .maps import remark_on_done
from .measured import Results, values_of
from .plot_style import number_text, set_title
from .regions import values_name

_TICKS = 5


@dataclass(frozen=True, eq=False)
class RankedItems:
    """The best work items.

    Attributes
    ----------
    items : (k,) array of int64
        Their numbers, the best first.
    columns : dict of str to (k,) array
        Their parameters and measures.
    """

    items: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]


def ranked(results: Results, by: str, names: Sequence[str], n_best: int, lowest: bool) -> RankedItems:
    """Rank work items by a measure.

    Parameters
    ----------
    by : str
        Measure of the whole brain; work items where it is undefined do not count.
    names : sequence of str
        Further measures.
    n_best : int
        Largest number of work items.
    lowest : bool
        Whether low values are the best.

    Raises
    ------
    InputError
        If a measure has a value for each node, or is undefined in every work item.
    """
    n_best = count("best", n_best)
    for name in (by, *names):
        if results.measures[name].regional:
            raise InputError(
                f"measure {name} has a value a region; parallel coordinates show the whole brain's"
            )
    values = values_of(results, by, {}).transpose(*results.grid.names).values.ravel()
    defined = np.flatnonzero(np.isfinite(values))
    if not defined.size:
        raise InputError(f"{results.source}: {by} is undefined in every work item; rank by another measure")
    order = np.argsort(values[defined] if lowest else -values[defined], kind="stable")
    items = defined[order[:n_best]].astype(np.int64)
    columns = {name: results.grid.item_values(name, items) for name in results.grid.names}
    for name in (*[n for n in names if n != by], by):
        columns[name] = values_of(results, name, {}).transpose(*results.grid.names).values.ravel()[items]
    return RankedItems(items, columns)


def draw_parallel(results: Results, by: str, names: Sequence[str], n_best: int, lowest: bool) -> Figure:
    """Draw the best work items, after figure 1 of 10.3390/app14052211.

    Every quantity has an axis, parameters first and the ranking's measure last. The lines' colours are that
    measure's. A line ends where a quantity is undefined.
    """
    best = ranked(results, by, names, n_best, lowest)
    columns = list(best.columns.values())
    limits = [_limits(values) for values in columns]
    heights = np.stack(
        [(values - low) / (high - low) for values, (low, high) in zip(columns, limits, strict=True)], axis=1
    )
    figure = Figure(figsize=(max(6.0, 1.5 * len(columns)), 4.4), layout="constrained")
    panel = figure.subplots()
    colours = ScalarMappable(Normalize(*limits[-1]), colormaps["viridis"])
    across = np.arange(len(columns), dtype=np.float64)
    # the best are drawn last, above the others
    lines = [np.column_stack((across, row)) for row in heights[::-1]]
    panel.add_collection(
        LineCollection(lines, colors=colours.to_rgba(columns[-1][::-1]), linewidths=1.0, alpha=0.7)
    )
    panel.set(xlim=(-0.1, len(columns) - 0.9), ylim=(-0.04, 1.04), yticks=[])
    panel.spines[["top", "bottom", "left", "right"]].set_visible(False)
    names_by_axis = {axis.name: axis.names for axis in results.grid.axes}
    texts = [_axis_text(results, name) for name in best.columns]
    panel.set_xticks(across, texts, fontsize=8)
    for k, limit in enumerate(limits):
        _draw_axis(panel, k, limit, names_by_axis.get(list(best.columns)[k], ()))
    figure.colorbar(colours, ax=panel, label=values_name(results, by)).ax.tick_params(labelsize=8)
    extreme = "lowest" if lowest else "highest"
    subject = f"the {best.items.size} work items with the {extreme} {by}"
    set_title(figure, results.about, subject, remark_on_done(results))
    return figure


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    good = values[np.isfinite(values)]
    if not good.size:
        return 0.0, 1.0
    low, high = float(good.min()), float(good.max())
    half = 0.5 * abs(low) or 0.5
    return (low, high) if high > low else (low - half, high + half)


def _draw_axis(panel: Axes, position: int, limits: tuple[float, float], names: Sequence[str]) -> None:
    """Draw an axis with some of its values, or with the names that they stand for."""
    panel.axvline(position, color="0.3", linewidth=0.8)
    low, high = limits
    values = np.linspace(low, high, _TICKS)
    if names:
        values = np.unique(values.round().clip(0, len(names) - 1))
    for value in values:
        text = names[int(value)] if names else number_text(float(value))
        panel.text(
            position + 0.03, float((value - low) / (high - low)), text, fontsize=7, va="center", color="0.2",
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _axis_text(results: Results, name: str) -> str:
    if name in results.measures:
        return values_name(results, name)
    unit = results.units.get(name, "")
    return f"{name} ({unit})" if unit else name

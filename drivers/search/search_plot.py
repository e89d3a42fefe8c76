"""The picture of a search: every trial, and the best one so far."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from rateloom.drivers.pictures.plot_style import caption, colour, name_with_unit, save, set_title, tidy

from .outcome import TRIAL


def draw_search(search_result: xr.Dataset, path: Path) -> None:
    """Draw the result of `rateloom.search`: objectives over the trials, and two against each other."""
    objectives: dict[str, str] = json.loads(search_result.attrs["objectives"])
    names = list(objectives)
    has_front = len(names) == 2
    figure = Figure(figsize=(7.0, 2.6 * len(names) + (3.4 if has_front else 0.8)), layout="constrained")
    panels = np.ravel(figure.subplots(len(names) + has_front, 1, squeeze=False))
    for panel, name in zip(panels, names, strict=False):
        _draw_course(panel, search_result, name, objectives[name])
    for panel in panels[: len(names)]:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.set_xlabel("trial")
    if has_front:
        _draw_front(panels[-1], search_result, names)
    method = json.loads(search_result.attrs["method"])
    failed = int((search_result["diverged_step"].values >= 0).sum())
    remark = f"{failed} of {search_result.sizes[TRIAL]} diverged" if failed else ""
    set_title(figure, caption(search_result), f"{method['sampler']}, {method['batch']} at once", remark)
    save(figure, path)


def _draw_course(panel: Axes, search_result: xr.Dataset, name: str, direction: str) -> None:
    values = search_result[name].values.astype(float)
    panel.plot(search_result[TRIAL].values, values, ".", color=colour(5), markersize=4, label="trial")
    best: Any = np.fmax if direction == "maximize" else np.fmin
    reached = best.accumulate(values)
    panel.step(search_result[TRIAL].values, reached, where="post", color=colour(0), label="best so far")
    panel.set_ylabel(f"{name_with_unit(search_result[name])}\n{direction}d")
    panel.legend(frameon=False, fontsize=8)
    tidy(panel)


def _draw_front(panel: Axes, search_result: xr.Dataset, names: list[str]) -> None:
    x, y = (search_result[name].values for name in names)
    best = np.atleast_1d(np.asarray(search_result.attrs["best"], int))
    panel.plot(x, y, ".", color=colour(5), markersize=4, label="trial")
    panel.plot(x[best], y[best], "o-", color=colour(0), markersize=4, linewidth=1, label="beaten by none")
    panel.set(xlabel=name_with_unit(search_result[names[0]]), ylabel=name_with_unit(search_result[names[1]]))
    panel.legend(frameon=False, fontsize=8)
    tidy(panel)

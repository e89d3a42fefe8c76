"""The picture of a regression: overlaid traces, and their differences over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rateloom.drivers.pictures.plot_style import colour, save, set_title, tidy

from .differences import FREE_RUN
from .regression import ORACLE, Regression

# Smaller differences, zero among them, are drawn at this value.
_LEAST = 1e-18


def plot_regression(regression: Regression, path: str | Path) -> None:
    """Draw each variable at the node that differs most from the oracle, and its differences over time.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    reference = regression.series[ORACLE]
    figure = Figure(figsize=(10, 1.6 * len(reference) + 1.2), layout="constrained")
    panels = figure.subplots(len(reference), 2, squeeze=False, sharex=True, width_ratios=(2, 1))
    for row, variable in zip(panels, reference, strict=True):
        _traces(row[0], regression, variable)
        _differences(row[1], regression, variable)
    for panel in panels[-1]:
        panel.set_xlabel("time (ms)", fontsize=8)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8, frameon=False)
    s = regression.settings
    remark = "left: where targets differ most from the oracle; right: largest difference, relative"
    set_title(figure, f"{regression.model}, {s.integrator}, {s.dtype}", remark)
    save(figure, path)


def _traces(panel: Axes, regression: Regression, variable: str) -> None:
    series = regression.series
    reference = series[ORACLE][variable]
    apart = sum(np.abs(series[t][variable] - reference) for t in regression.targets)
    item, _, node = np.unravel_index(int(np.argmax(np.nan_to_num(apart, nan=np.inf))), reference.shape)
    times = regression.samples.times
    panel.plot(times, reference[item, :, node], color="0.75", linewidth=4, label=ORACLE)
    for number, target in enumerate(regression.targets):
        dashes = (0, (4, 2 + 2 * number))
        panel.plot(
            times, series[target][variable][item, :, node], color=colour(number), linewidth=1.2,
            linestyle=dashes, label=target,
        )  # fmt: skip
    panel.set_ylabel(variable, fontsize=8)
    panel.set_title(f"work item {item}, node {node}", fontsize=7, loc="right")
    tidy(panel)


def _differences(panel: Axes, regression: Regression, variable: str) -> None:
    reference = regression.series[ORACLE][variable]
    scale = float(np.abs(reference).max()) or 1.0
    for number, target in enumerate(regression.targets):
        share = np.abs(regression.series[target][variable] - reference).max(axis=(0, 2)) / scale
        panel.plot(regression.samples.times, np.maximum(share, _LEAST), color=colour(number), linewidth=1)
    panel.axhline(np.sqrt(FREE_RUN), color="0.5", linewidth=0.8, linestyle=":")
    panel.set_yscale("log")
    tidy(panel)

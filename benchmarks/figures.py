"""Plots of measurements, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from report import Spread

from rateloom.drivers.support.files import whole

# (x, measurement) of each point of a line
Line = Sequence[tuple[float, Spread]]


def log_log(
    panels: Mapping[str, Mapping[str, Line]],
    x_labels: Sequence[str],
    y_label: str,
) -> Figure:
    """Draw panels of lines over logarithmic axes, bars from the lowest to the highest round.

    Parameters
    ----------
    panels : mapping of title to mapping of label to line
    """
    figure, axes = plt.subplots(
        1, len(panels), figsize=(5.2 * len(panels), 4.2), squeeze=False, sharey=True, layout="constrained"
    )
    for axis, (title, lines), x_label in zip(axes[0], panels.items(), x_labels, strict=True):
        for number, (label, line) in enumerate(lines.items()):
            x = [at for at, _ in line]
            middle, low, high = np.array([(s.median, s.low, s.high) for _, s in line]).T
            style = {"marker": "o", "markersize": 4, "capsize": 2, "color": f"C{number}"}
            axis.errorbar(x, middle, (middle - low, high - middle), label=label, **style)
        axis.set(xscale="log", yscale="log", title=title, xlabel=x_label)
        axis.grid(alpha=0.3)
        axis.legend(fontsize="x-small")
    axes[0, 0].set_ylabel(y_label)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a picture; a picture that is there already stays until the new one is complete."""
    with whole(path) as partial:
        figure.savefig(partial, dpi=110)
    plt.close(figure)

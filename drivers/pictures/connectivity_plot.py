"""Functional connectivity of a simulation beside its structural connectivity."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rateloom.drivers.connectome.connectome import Connectome

from .plot_style import number_text, set_title


def functional_connectivity(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return Pearson's correlation of each pair of nodes of (time, node); NaN for a constant node."""
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    length = np.sqrt((centred**2).sum(axis=0))
    # rounding leaves a small length to a constant node
    length[length <= 1e-7 * np.abs(values).max(axis=0, initial=0.0) * np.sqrt(len(values))] = np.nan
    scaled = centred / length
    return np.asarray(np.clip(scaled.T @ scaled, -1.0, 1.0))


def pair_correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return Pearson's correlation of two symmetric matrices over pairs of nodes."""
    pairs = np.triu_indices(len(first), 1)
    a, b = first[pairs], second[pairs]
    good = np.isfinite(a) & np.isfinite(b)
    a, b = a[good], b[good]
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def draw_connectivity(
    item: xr.Dataset, names: list[str], connectome: Connectome | None, about: str
) -> Figure:
    """Draw the weights of a connectome and the functional connectivity of each exposure.

    Parameters
    ----------
    item : Dataset
        One simulation, exposures of dimensions (time, node).
    names : list of str
        Exposures.
    connectome : Connectome, optional
        The simulation's connectome; None if it is not known.
    about : str
        Title.
    """
    n_panel = len(names) + (connectome is not None)
    figure = Figure(figsize=(4.4 * n_panel, 4.6), layout="constrained")
    panels = list(figure.subplots(1, n_panel, squeeze=False)[0])
    if connectome is not None:
        _draw_weights(figure, panels.pop(0), connectome)
    for panel, name in zip(panels, names, strict=True):
        matrix = functional_connectivity(item[name].values)
        image = panel.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        figure.colorbar(image, ax=panel, label="correlation", shrink=0.8).ax.tick_params(labelsize=8)
        title = f"functional connectivity of {name}"
        if connectome is not None:
            weights = (connectome.weights + connectome.weights.T) / 2
            alike = number_text(pair_correlation(matrix, weights))
            title += f"\ncorrelation with the weights: {alike}"
        panel.set_title(title, fontsize=9)
        _label(panel)
    set_title(figure, about)
    return figure


def _draw_weights(figure: Figure, panel: Axes, connectome: Connectome) -> None:
    weights = np.where(connectome.weights > 0, connectome.weights, np.nan)
    good = weights[np.isfinite(weights)]
    # weights of a connectome span some orders of magnitude
    norm = LogNorm(good.min(), good.max()) if good.size and good.min() < good.max() else None
    image = panel.imshow(weights, cmap="viridis", norm=norm, interpolation="nearest")
    figure.colorbar(image, ax=panel, label="weight", shrink=0.8).ax.tick_params(labelsize=8)
    panel.set_facecolor("0.9")
    panel.set_title(f"structural connectivity\n{connectome.name or 'weights'}", fontsize=9)
    _label(panel)


def _label(panel: Axes) -> None:
    panel.set_xlabel("node", fontsize=8)
    panel.tick_params(labelsize=8)

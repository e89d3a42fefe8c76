"""The picture of a fitted transfer function: measured rates as points, the fit as lines and as a surface."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .plot_style import number_text, save, set_title, tidy

_MOST_LINES = 6
_RATE = "output rate (Hz)"
_NU_E, _NU_I = "excitatory rate (Hz)", "inhibitory rate (Hz)"

_Floats = NDArray[np.float64]


def plot_transfer(
    path: str | Path,
    title: str,
    remark: str,
    axes: tuple[_Floats, _Floats],
    measured: _Floats,
    fit: _Floats,
    fitted: NDArray[np.bool_],
) -> None:
    """Draw a transfer function.

    Parameters
    ----------
    path : str or Path
        Picture to write; its ending says in which format.
    title, remark : str
        Title, and a remark on the quality of the fit.
    axes : pair of arrays
        Rates of one excitatory and one inhibitory synapse, Hz.
    measured, fit, fitted : (excitatory, inhibitory) arrays
        Output rates in Hz, and whether the fit used each point; unused ones are hollow.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    order_e, order_i = (np.argsort(values) for values in axes)
    nu_e, nu_i = axes[0][order_e], axes[1][order_i]
    order = np.ix_(order_e, order_i)
    measured, fit, fitted = measured[order], fit[order], fitted[order]
    _draw_lines(left, nu_e, nu_i, measured, fit, fitted)
    _draw_surface(figure, right, nu_e, nu_i, measured, fit, fitted)
    set_title(figure, title, remark, "points: simulated neurons; hollow: left out of the fit")
    save(figure, path)


def _draw_lines(
    panel: Axes, nu_e: _Floats, nu_i: _Floats, measured: _Floats, fit: _Floats, fitted: NDArray[np.bool_]
) -> None:
    chosen = np.unique(np.linspace(0, nu_i.size - 1, min(nu_i.size, _MOST_LINES)).round().astype(int))
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.9, chosen.size))
    for column, colour in zip(chosen, colours, strict=True):
        inside = fitted[:, column]
        panel.plot(nu_e, fit[:, column], color=colour, linewidth=1.3, label=number_text(nu_i[column]))
        panel.plot(nu_e[inside], measured[inside, column], "o", color=colour, markersize=4)
        panel.plot(
            nu_e[~inside], measured[~inside, column], "o", color=colour, markersize=4, fillstyle="none"
        )
    panel.legend(title=_NU_I, fontsize=8, title_fontsize=8, frameon=False)
    panel.set(xlabel=_NU_E, ylabel=_RATE)
    tidy(panel)


def _draw_surface(
    figure: Figure,
    panel: Axes,
    nu_e: _Floats,
    nu_i: _Floats,
    measured: _Floats,
    fit: _Floats,
    fitted: NDArray[np.bool_],
) -> None:
    scale = matplotlib.colors.Normalize(0, max(float(measured.max()), float(fit.max())))
    surface = panel.pcolormesh(
        nu_e, nu_i, fit.T, norm=scale, cmap="viridis", shading="gouraud", rasterized=True
    )
    x, y = np.meshgrid(nu_e, nu_i, indexing="ij")
    edges = np.where(fitted.ravel(), "white", "black")
    panel.scatter(x, y, c=measured, norm=scale, cmap="viridis", s=18, linewidths=0.6, edgecolors=list(edges))
    figure.colorbar(surface, ax=panel, label=_RATE)
    panel.set(xlabel=_NU_E, ylabel=_NU_I)
    panel.set_title("surface: fit, points: simulated (black edge: left out)", fontsize=9, loc="left")
    tidy(panel)

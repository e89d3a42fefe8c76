"""The common style of all pictures: colours, texts, axes, and their saving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import whole

# Okabe and Ito's colours, which differ with any colour vision.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
_DPI = 150
_MOST_TICKS = 8
_MOST_LETTERS = 36
_MOST_NAMES = 24
_BINS = 1000


def colour(index: int) -> str:
    """Return the colour of an exposure by its index."""
    return COLOURS[index % len(COLOURS)]


def tidy(panel: Axes) -> None:
    """Remove the spines of a panel that carry no information."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=8)


def number_text(value: float) -> str:
    """Write a number in four digits with a true minus sign."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def name_with_unit(array: xr.DataArray) -> str:
    """Return ``name (unit)``, or the name if there is no unit."""
    unit = array.attrs.get("unit", "")
    return f"{array.name} ({unit})" if unit else str(array.name)


def about_text(model: object, connectome: object) -> str:
    """Return the names of a model and of what it was simulated on: a connectome, or a list of them."""
    if isinstance(connectome, str | None):
        return " on ".join(str(name) for name in (model, connectome) if name)
    return f"{model} on {np.size(np.asarray(connectome))} connectomes"


def caption(dataset: xr.Dataset, *fixed_axes: str) -> str:
    """Return a caption: the model, the connectome, and the values of fixed axes."""
    model, connectome = (dataset.attrs.get(key, "") for key in ("model", "connectome"))
    texts = [about_text(model, connectome) if model else ""]
    for name in fixed_axes:
        unit = dataset[name].attrs.get("unit", "")
        texts.append(f"{name} = {value_text(dataset[name])} {unit}".strip())
    return ", ".join(text for text in texts if text)


def numbered(dataset: xr.Dataset, axes: Sequence[str]) -> xr.Dataset:
    """Return a dataset whose axes all have numbers: those of names have these among their attributes."""
    for name in axes:
        values = dataset[name].values
        if values.dtype.kind in "UTO":
            about = {"names": [str(value) for value in values]}
            dataset = dataset.assign_coords({name: (name, np.arange(len(values), dtype=np.float64), about)})
    return dataset


def value_text(value: xr.DataArray) -> str:
    """Write a single value of an axis: a number, or the name that it stands for."""
    names = value.attrs.get("names")
    return names[int(value)] if names else number_text(float(value))


def set_title(figure: Figure, title: str, *remarks: str) -> None:
    """Set a title at the left, with remarks in a line below it."""
    below = "; ".join(remark for remark in remarks if remark)
    text = "\n".join(line for line in (title, below) if line)
    figure.suptitle(text, x=0.01, horizontalalignment="left", fontsize=10)


def is_logarithmic(values: NDArray[np.float64]) -> bool:
    """Tell whether rising values have even ratios rather than even differences."""
    if values.size < 3 or values[0] <= 0 or values[-1] < 8 * values[0]:
        return False
    differences, factors = np.diff(values), np.diff(np.log(values))
    return bool(factors.std() / factors.mean() < differences.std() / differences.mean())


def cell_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of cells around rising values, half-way between neighbours on the axis's scale."""
    if is_logarithmic(values):
        return np.exp(_middles(np.log(values)))
    return _middles(values)


def _middles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if values.size == 1:
        half = 0.5 * abs(values[0]) or 0.5
        return np.array([values[0] - half, values[0] + half])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate(([2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]))


def set_scale(panel: Axes, direction: str, coordinate: xr.DataArray) -> None:
    """Set name, scale and ticks of the axis ``"x"`` or ``"y"`` of a swept parameter."""
    values = np.sort(coordinate.values)
    panel.set(**{f"{direction}label": name_with_unit(coordinate)})
    if is_logarithmic(values):
        panel.set(**{f"{direction}scale": "log"})
    if names := coordinate.attrs.get("names"):
        set_names(panel, direction, names)
        return
    texts = [number_text(float(value)) for value in values]
    if values.size <= _MOST_TICKS and len(" ".join(texts)) <= _MOST_LETTERS:
        axis = panel.xaxis if direction == "x" else panel.yaxis
        axis.set_ticks(values, texts)
        axis.set_ticks([], minor=True)


def set_names(panel: Axes, direction: str, names: Sequence[str]) -> None:
    """Set names in place of the numbers 0, 1, … along the axis ``"x"`` or ``"y"``, if these are few."""
    axis = panel.xaxis if direction == "x" else panel.yaxis
    shown = range(0, len(names), -(-len(names) // _MOST_NAMES))
    axis.set_ticks(shown, [names[k] for k in shown], fontsize=6, rotation=90 if direction == "x" else 0)


def set_time_range(panel: Axes, times: NDArray[np.float64]) -> None:
    """Set the time axis from half a sample before the first to half a sample after the last."""
    half = (times[1] - times[0]) / 2 if times.size > 1 else 0.5
    panel.set_xlim(times[0] - half, times[-1] + half)


def thinned(times: NDArray[np.float64], values: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Thin a line to fewer points that look the same: the least and greatest value of each stretch."""
    length = values.size // _BINS
    if length <= 2:
        return times, values
    stretches = values[: values.size // length * length].reshape(-1, length)
    # fmin and fmax pass over NaN without a warning.
    ends = np.stack((np.fmin.reduce(stretches, axis=1), np.fmax.reduce(stretches, axis=1)), axis=1)
    starts = times[: stretches.size : length]
    half = (times[length] - times[0]) / 2
    return np.stack((starts, starts + half), axis=1).ravel(), ends.ravel()


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure under a temporary name, then rename it.

    Raises
    ------
    InputError
        If the file's ending is no known format, or it cannot be written.
    """
    destination = Path(path)
    file_format = destination.suffix.removeprefix(".").lower()
    if file_format not in figure.canvas.get_supported_filetypes():
        raise InputError(f"picture {destination}: unknown ending; use .png, .pdf or .svg")
    try:
        with whole(destination) as partial:
            figure.savefig(partial, dpi=_DPI, format=file_format)
    except OSError as error:
        raise InputError(f"picture {destination}: cannot be written ({error.strerror or error})") from error

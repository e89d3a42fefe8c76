"""Views: the axes of a sweep that a picture shows, and the indices at which the others are fixed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from rateloom.drivers.model.description import check_names
from rateloom.drivers.support.arguments import is_whole
from rateloom.drivers.support.errors import InputError, shown

from .measured import Results
from .plot_style import number_text

NODE = "node"
_MOST_FACETS = 8


@dataclass(frozen=True)
class View:
    """The axes of a picture.

    Attributes
    ----------
    x, y, facet : str, optional
        Shown axes; a sweep of one axis has no y.
    fixed_axes : dict of str to int
        Index at which each other axis is fixed.
    node : int, optional
        The node whose regional measures are shown; None for the average over nodes.
    """

    x: str
    y: str | None
    facet: str | None
    fixed_axes: dict[str, int]
    node: int | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """Return the names of the shown axes."""
        return tuple(name for name in (self.facet, self.y, self.x) if name is not None)


def view_of(
    results: Results,
    x: str | None = None,
    y: str | None = None,
    facet: str | None = None,
    at: Mapping[str, object] | None = None,
    regional: bool = False,
) -> View:
    """Choose the axes of a picture: the sweep's first two by default.

    Parameters
    ----------
    x, y, facet : str, optional
        Axes, or ``node``.
    at : mapping of str to number, optional
        Values at which other axes are fixed, each at the nearest value of the axis; the middle one by
        default. A node is given by its label or number.
    regional : bool
        Whether ``node`` can be an axis.

    Raises
    ------
    InputError
        If an axis does not exist, or occurs twice.
    """
    sizes = {axis.name: axis.values.size for axis in results.grid.axes}
    axis_names = [*sizes, *[NODE] * regional]
    shown_axes = [name for name in (x, y, facet) if name is not None]
    at = dict(at or {})
    check_names([*shown_axes, *at], axis_names, "axis", str(results.source))
    for name in [*shown_axes, *at]:
        if [*shown_axes, *at].count(name) > 1:
            raise InputError(f"{name} is wanted twice; an axis is shown as x, y or facet, or held (at)")
    # axes with one value come last: there is nothing to see along them
    free = [n for n in sorted(sizes, key=lambda n: sizes[n] == 1) if n not in shown_axes and n not in at]
    if x is None:
        if not free:
            raise InputError(f"{results.source}: no axis is left for x; hold fewer axes (at)")
        x = free.pop(0)
    if y is None and free:
        y = free.pop(0)
    fixed_axes = {name: nearest_index(results, name, at[name]) for name in at if name != NODE}
    fixed_axes |= {name: sizes[name] // 2 for name in free}
    node = None if NODE not in at else node_of(results, at[NODE])
    return View(x, y, facet, {n: fixed_axes[n] for n in sizes if n in fixed_axes}, node)


def nearest_index(results: Results, name: str, value: object) -> int:
    """Return the index of an axis's value that is nearest to `value`; of names, that of this one.

    Raises
    ------
    InputError
        If `value` is no number, or none of the names.
    """
    axis = next(a for a in results.grid.axes if a.name == name)
    if axis.names:
        check_names([str(value)], axis.names, name, str(results.source))
        return axis.names.index(str(value))
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{name}={shown(value)}: it must be a number, as in {name}={axis.values[0]:g}")
    return int(np.abs(axis.values - number).argmin())


def node_of(results: Results, value: object) -> int:
    """Return the number of a node by its label or number.

    Raises
    ------
    InputError
        If there is no such node.
    """
    text = str(value)
    if text in results.labels:
        return results.labels.index(text)
    if text.isdigit() and int(text) < len(results.labels):
        return int(text)
    close = difflib.get_close_matches(text, results.labels, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(
        f"{results.source} has no node {shown(value)}; {hint}nodes are given by label or number, from 0 to "
        f"{len(results.labels) - 1}"
    )


def fixed_axes_text(results: Results, fixed_axes: Mapping[str, int]) -> str:
    """Return the values of fixed axes as a caption."""
    return ", ".join(axis_value_text(results, name, index) for name, index in fixed_axes.items())


def axis_value_text(results: Results, name: str, index: int) -> str:
    """Return ``speed = 4 mm/ms``, or a node's label."""
    if name == NODE:
        return results.labels[index]
    axis = next(a for a in results.grid.axes if a.name == name)
    text = axis.names[index] if axis.names else number_text(float(axis.values[index]))
    return f"{name} = {text} {results.units.get(name, '')}".strip()


def facet_indices(size: int) -> list[int]:
    """Return the indices of at most eight values of an axis, evenly spaced."""
    return [int(k) for k in np.unique(np.linspace(0, size - 1, min(size, _MOST_FACETS)).round())]


def shown_values(array: xr.DataArray, view: View) -> xr.DataArray:
    """Return a measure over the axes of a view, in the order facet, y, x.

    Of a regional measure, the view's node is taken, or else the average over the nodes that have a value.
    """
    if NODE in array.dims and NODE not in view.axes:
        array = array.mean(NODE) if view.node is None else array.isel({NODE: view.node})
    axes = [name for name in view.axes if name in array.dims]
    return array.transpose(*axes)


def item_of(results: Results, indices: Mapping[str, int]) -> int:
    """Return the number of the work item at an index of each axis."""
    if not results.grid.axes:
        return 0
    return int(np.ravel_multi_index([indices[name] for name in results.grid.names], results.grid.shape))


def item_indices(results: Results, item: object) -> dict[str, int]:
    """Return the index of each axis at a work item.

    Raises
    ------
    InputError
        If there is no such work item.
    """
    n_item = results.grid.n_item
    if not is_whole(item) or not 0 <= int(item) < n_item:
        raise InputError(f"item={shown(item)}: {results.source} has the work items 0 to {n_item - 1}")
    indices: Sequence[np.intp] = np.unravel_index(int(item), results.grid.shape)
    return {name: int(k) for name, k in zip(results.grid.names, indices, strict=True)}


def indices_at(results: Results, at: Mapping[str, object] | None) -> dict[str, int]:
    """Return the index of each axis: the nearest to its value in `at`, or the middle one.

    Raises
    ------
    InputError
        If there is no such axis, or a value is no number.
    """
    at = dict(at or {})
    check_names(at, results.grid.names, "axis", str(results.source))
    return {
        axis.name: nearest_index(results, axis.name, at[axis.name])
        if axis.name in at
        else axis.values.size // 2
        for axis in results.grid.axes
    }

"""The grid of a sweep: axes of values, and work items counted through them, the last axis fastest.

A list of work items, each with values of its own, is a grid with one axis that numbers them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.region_values import column_names

# A work item is known to the random numbers by a 32-bit index.
MAX_ITEM = 2**32
MAX_AXIS = 2**24
# the axis that numbers a list of work items, that of repetitions, and that of subjects
ITEM, SEED, CONNECTOME = "item", "seed", "connectome"


@dataclass(frozen=True, eq=False)
class Axis:
    """One swept parameter and its values.

    Parameters
    ----------
    name : str
        The parameter, ``speed``, ``seed`` or ``connectome``.
    values : (k,) array of float64
        Finite and different from one another, in the order in which results hold them.
    names : tuple of str
        Of the values, where these are no quantities but number connectomes; a result shows the names.

    Raises
    ------
    InputError
        If there are no values, too many, the same one twice, or what is not a finite number.
    """

    name: str
    values: NDArray[np.float64]
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = _axis_values(self.name, self.values)
        if values.size == 0:
            raise InputError(f"sweep {self.name}: no values; give at least one")
        if values.size > MAX_AXIS:
            raise InputError(f"sweep {self.name}: {values.size} values; at most {MAX_AXIS} are possible")
        if not np.isfinite(values).all():
            wrong = values[~np.isfinite(values)][0]
            raise InputError(f"sweep {self.name}: {wrong} is not a finite number")
        ordered = np.sort(values)
        same = ordered[1:][np.diff(ordered) == 0]
        if same.size:
            raise InputError(
                f"sweep {self.name}: the value {same[0]:g} is there more than once; repetitions, with other "
                "random numbers, are an axis seed=0:9"
            )
        object.__setattr__(self, "values", values)

    @property
    def labels(self) -> NDArray[Any]:
        """What a result shows along the axis: the names, or else the values."""
        return np.array(self.names) if self.names else np.array(self.values)


@dataclass(frozen=True, eq=False)
class Grid:
    """Every combination of the axes' values; a work item is one, counted in C order.

    Parameters
    ----------
    axes : tuple of Axis
        The last one varies fastest; none at all makes a single work item.
    own : mapping of str to (n_item,) or (n_item, n_node) array of float64
        Parameters that each work item has values of its own of; the one axis then numbers the work items,
        see `work_items`.
    regions : mapping of str to tuple of str
        Names of the nodes of values in `own`, until these are in the connectome's order.

    Raises
    ------
    InputError
        If two axes have one name, or there are more than 2**32 combinations.
    """

    axes: tuple[Axis, ...] = ()
    own: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"sweep {name}: given twice; an axis is one parameter")
        if self.n_item > MAX_ITEM:
            sizes = " x ".join(str(size) for size in self.shape)
            raise InputError(f"sweep of {sizes} = {self.n_item} work items; at most {MAX_ITEM} are possible")

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values along each axis."""
        return tuple(axis.values.size for axis in self.axes)

    @property
    def n_item(self) -> int:
        """Number of work items."""
        return math.prod(self.shape)

    @property
    def names(self) -> tuple[str, ...]:
        """The axes' names in order."""
        return tuple(axis.name for axis in self.axes)

    @property
    def connectomes(self) -> tuple[str, ...]:
        """Names of the swept connectomes; none where these are no axis."""
        return next((axis.names for axis in self.axes if axis.names), ())

    @property
    def tabled(self) -> tuple[str, ...]:
        """Names of what a table has a column of: the axes, or what each listed work item has one value of."""
        return tuple(n for n, values in self.own.items() if values.ndim == 1) if self.own else self.names

    @property
    def swept(self) -> Mapping[str, NDArray[np.float64]]:
        """All values of the parameters that differ from work item to work item."""
        return self.own or {axis.name: axis.values for axis in self.axes}

    def item_values(self, name: str, items: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """A swept parameter's value in each work item, or in some of them.

        Parameters
        ----------
        name : str
            One of `swept`.
        items : (k,) array of int64, optional
            Work items; all of them by default.

        Returns
        -------
        (k,) or (n_item,) array of float64
            With a second dimension, the nodes, if each of them has a value of its own.
        """
        chosen = np.arange(self.n_item, dtype=np.int64) if items is None else items
        if name in self.own:
            return self.own[name][chosen]
        return self.axes[self.names.index(name)].values[self._places(name, chosen)]

    def item_labels(self, name: str, items: NDArray[np.int64]) -> NDArray[Any]:
        """What a result shows of a swept parameter in some work items: names where the axis has these."""
        if name in self.own:
            return self.own[name][items]
        return self.axes[self.names.index(name)].labels[self._places(name, items)]

    def _places(self, name: str, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of work items along an axis."""
        which = self.names.index(name)
        return items // math.prod(self.shape[which + 1 :]) % self.shape[which]

    def index_without(self, name: str, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return indices of work items in the grid without an axis; in a list they stay what they are."""
        if name not in self.names:
            return items
        which = self.names.index(name)
        after = math.prod(self.shape[which + 1 :])
        return items // (after * self.shape[which]) * after + items % after

    def without(self, name: str) -> Grid:
        """Return the grid without an axis."""
        return replace(self, axes=tuple(axis for axis in self.axes if axis.name != name))


def axis_of(name: str, labels: NDArray[Any]) -> Axis:
    """Return the axis that a result shows by some labels: values, or names."""
    if labels.dtype.kind in "UTO":
        return Axis(name, np.arange(len(labels), dtype=np.float64), tuple(str(label) for label in labels))
    return Axis(name, labels)


def grid_of(axes: object) -> Grid:
    """The grid of a mapping of names to values, or to axes.

    Raises
    ------
    InputError
        If it is no such mapping, or its values make no axes.
    """
    if isinstance(axes, Grid):
        return axes
    if not isinstance(axes, Mapping):
        raise InputError(f"axes={shown(axes)}: give a mapping of names to values, like {{'G': [0.1, 0.2]}}")
    return Grid(tuple(v if isinstance(v, Axis) else Axis(name, v) for name, v in axes.items()))


def work_items(values: Mapping[str, ArrayLike]) -> Grid:
    """Work items that are listed, each with values of its own, instead of a grid's combinations.

    Parameters
    ----------
    values : mapping of str to (n_item,) or (n_item, n_node) array
        Parameters, elements of vectors such as ``P[3]``, ``speed`` or ``seed``; with a second dimension,
        every node of every work item has a value of its own, in the connectome's order or with the regions'
        names as columns. Work items of equal speed and seed share lane blocks.

    Returns
    -------
    Grid
        What `rateloom.sweep` takes in place of axes; its one dimension is called ``item``.

    Raises
    ------
    InputError
        If there is nothing to vary, a value is no finite number, or the parameters differ in their number of
        work items.
    """
    if not isinstance(values, Mapping) or not values:
        raise InputError(
            f"work items {shown(values)}: give a mapping of names to values, like {{'G': [0.1]}}"
        )
    if ITEM in values:
        raise InputError(f"work items: a result needs the name {ITEM} for itself; rename the parameter")
    own_values = {name: _own_values(name, numbers) for name, numbers in values.items()}
    counts = {name: len(numbers) for name, numbers in own_values.items()}
    if len(set(counts.values())) > 1:
        raise InputError(f"work items: {', '.join(f'{n} values of {name}' for name, n in counts.items())}; "
                         "every parameter needs one for each work item")  # fmt: skip
    regions = {name: names for name, numbers in values.items() if (names := column_names(numbers))}
    return Grid((Axis(ITEM, np.arange(next(iter(counts.values())), dtype=np.float64)),), own_values, regions)


def groups_by(grid: Grid, name: str) -> list[tuple[float, NDArray[np.int64]]]:
    """Work items that share a value: each value, in the axis's order or rising, with its items.

    For items that need their own delays, ``groups_by(grid, "speed")``.
    """
    if name in grid.own:
        values = grid.own[name]
        return [(float(value), np.flatnonzero(values == value)) for value in np.unique(values)]
    position = grid.names.index(name)
    blocks = np.arange(grid.n_item, dtype=np.int64).reshape(
        -1, grid.shape[position], math.prod(grid.shape[position + 1 :])
    )
    return [(float(value), blocks[:, k].ravel()) for k, value in enumerate(grid.axes[position].values)]


def _own_values(name: str, values: ArrayLike) -> NDArray[np.float64]:
    array = real_numbers(
        values, f"work items: the values of {shown(name)} must be numbers, one a work item"
    ).copy()
    if array.ndim not in (1, 2) or not array.size:
        shape = " x ".join(str(n) for n in array.shape) or "one"
        raise InputError(
            f"work items: {shape} values of {shown(name)}; give one a work item, or (work item, node)"
        )
    if not np.isfinite(array).all():
        raise InputError(f"work items: {shown(name)} has the value {array[~np.isfinite(array)][0]}")
    array.flags.writeable = False
    return array


def _axis_values(name: str, values: ArrayLike | Sequence[float]) -> NDArray[np.float64]:
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"sweep: {shown(name)} is not the name of a parameter")
    complaint = f"sweep {name}: its values must be a flat list of real numbers, as in {name}=[0.1, 0.2]"
    result = real_numbers(values, complaint, kinds="iuf").copy()
    if result.ndim != 1:
        raise InputError(complaint)
    result.flags.writeable = False
    return result

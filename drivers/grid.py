"""The grid of a sweep: axes of values, and work items counted through them, the last axis fastest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError, shown

# A work item is known to the random numbers by a 32-bit index.
MAX_ITEM = 2**32
MAX_AXIS = 2**24
_FORMS = "write it like G=0:1:16, eta=-5,-4.6 or nsig=log:1e-9:1e-4:4"


@dataclass(frozen=True, eq=False)
class Axis:
    """One swept parameter and its values.

    Parameters
    ----------
    name : str
        The parameter, or ``speed``.
    values : (k,) array of float64
        Finite and different from one another, in the order in which results hold them.

    Raises
    ------
    InputError
        If there are no values, too many, the same one twice, or what is not a finite number.
    """

    name: str
    values: NDArray[np.float64]

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
            raise InputError(f"sweep {self.name}: the value {same[0]:g} is there more than once")
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, eq=False)
class Grid:
    """Every combination of the axes' values; a work item is one, counted in C order.

    Parameters
    ----------
    axes : tuple of Axis
        The last one varies fastest; none at all makes a single work item.

    Raises
    ------
    InputError
        If two axes have one name, or there are more than 2**32 combinations.
    """

    axes: tuple[Axis, ...] = ()

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

    def item_values(self, name: str, items: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """An axis's value in each work item, or in some of them.

        Parameters
        ----------
        name : str
            An axis of this grid.
        items : (k,) array of int64, optional
            Work items; all of them by default.

        Returns
        -------
        (k,) or (n_item,) array of float64
        """
        which = self.names.index(name)
        chosen = np.arange(self.n_item, dtype=np.int64) if items is None else items
        values = self.axes[which].values
        return values[chosen // math.prod(self.shape[which + 1 :]) % values.size]


def grid_of(axes: object) -> Grid:
    """The grid of a mapping of names to values.

    Raises
    ------
    InputError
        If it is no such mapping, or its values make no axes.
    """
    if not isinstance(axes, Mapping):
        raise InputError(f"axes={shown(axes)}: give a mapping of names to values, like {{'G': [0.1, 0.2]}}")
    return Grid(tuple(Axis(name, values) for name, values in axes.items()))


def groups_by(grid: Grid, name: str) -> list[tuple[float, NDArray[np.int64]]]:
    """Work items that share a value of one axis: each value, in the axis's order, with its items.

    For items that need their own delays, ``groups_by(grid, "speed")``.
    """
    which = grid.names.index(name)
    blocks = np.arange(grid.n_item, dtype=np.int64).reshape(
        -1, grid.shape[which], math.prod(grid.shape[which + 1 :])
    )
    return [(float(value), blocks[:, k].ravel()) for k, value in enumerate(grid.axes[which].values)]


def parse_axis(text: str) -> Axis:
    """An axis from text: ``name=start:stop:count``, ``name=log:start:stop:count`` or ``name=a,b,c``.

    Both ends are among the values; ``log`` spaces them by a constant factor.

    Raises
    ------
    InputError
        If the text has none of these forms, or its values make no `Axis`.
    """
    name, equals, right = (part.strip() for part in text.partition("="))
    if not (name and equals and right):
        raise InputError(f"sweep {text!r}: {_FORMS}")
    if ":" not in right:
        return Axis(name, np.array([_number(name, part) for part in right.split(",")]))
    parts = right.split(":")
    spaced_by_factor = parts[0].strip() == "log"
    if spaced_by_factor:
        parts = parts[1:]
    if len(parts) != 3:
        raise InputError(f"sweep {text!r}: {_FORMS}")
    start, stop, count = _number(name, parts[0]), _number(name, parts[1]), _count(name, parts[2])
    if not spaced_by_factor:
        return Axis(name, np.linspace(start, stop, count))
    if start <= 0 or stop <= 0:
        raise InputError(f"sweep {name}: log needs bounds above zero, not {start:g} and {stop:g}")
    return Axis(name, np.geomspace(start, stop, count))


def _axis_values(name: str, values: ArrayLike | Sequence[float]) -> NDArray[np.float64]:
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"sweep: {shown(name)} is not the name of a parameter")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise InputError(f"sweep {name}: its values must be a flat list of numbers") from None
    if array.ndim != 1:
        raise InputError(f"sweep {name}: its values must be a flat list of numbers, as in {name}=[0.1, 0.2]")
    if array.size and array.dtype.kind not in "iuf":
        raise InputError(f"sweep {name}: its values must be real numbers")
    result = array.astype(np.float64)
    result.flags.writeable = False
    return result


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"sweep {name}: {text.strip()!r} is not a number; {_FORMS}") from None
    if not math.isfinite(value):
        raise InputError(f"sweep {name}: {text.strip()} is not a finite number")
    return value


def _count(name: str, text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise InputError(f"sweep {name}: the count {text.strip()!r} is not a whole number") from None
    if not 1 <= count <= MAX_AXIS:
        raise InputError(f"sweep {name}: a count of {count}; it must be from 1 to {MAX_AXIS}")
    return count

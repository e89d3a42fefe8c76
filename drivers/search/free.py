"""Free parameters of a search: ranges of numbers, and the parameters of work items that they make."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.planning.parameters import SPEED
from rateloom.drivers.support.arguments import finite_number, real_numbers, switch
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.labelled import by_region

Floats = NDArray[np.float64]
NODE = "node"
# name of the number in a combination of maps that is the same for all nodes
BIAS = "bias"
_LABELLED = (pd.Series, xr.DataArray)

# all whole numbers up to here are exact
_MOST_STEPS = 2**53


@dataclass(frozen=True)
class Range:
    """The range of a free number.

    Parameters
    ----------
    low, high : float
        The ends, included.
    step : float, optional
        Distance between possible values, from `low` on.
    log : bool
        Whether the logarithm of values is drawn.

    Raises
    ------
    InputError
        If the range is empty, or its ends or step cannot be used.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False

    def __post_init__(self) -> None:
        numbers = (self.low, self.high) if self.step is None else (self.low, self.high, self.step)
        if any(finite_number(number) is None for number in numbers):
            raise InputError(f"range {shown(numbers)}: its ends and step must be finite numbers")
        switch("log", self.log)
        low, high = float(self.low), float(self.high)
        if not low < high:
            raise InputError(f"range {low:g} to {high:g}: the first must be below the second")
        if self.log and (self.step is not None or low <= 0):
            raise InputError(f"range {low:g} to {high:g}: log needs ends above zero and no step")
        step = None if self.step is None else float(self.step)
        if step is not None:
            if not (0 < step <= high - low and (high - low) / step < _MOST_STEPS):
                raise InputError(f"range {low:g} to {high:g}: a step of {step:g} does not fit in")
            # the last value that whole steps lead to
            high = low + step * math.floor((high - low) / step * (1 + 1e-12))
        for name, value in (("low", low), ("high", high), ("step", step)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class Free:
    """A free parameter of a search.

    Parameters
    ----------
    low, high, step, log
        See `Range`.
    per : "node", or sequence or Series of n_node names, optional
        One number for every node, or for every group of nodes with the same name. One number for all nodes by
        default.
    maps : mapping of str to (array or Series (n_node,), low, high), optional
        The parameter of a node is then a number from `low` to `high`, plus the node's value in each map times
        a number from the map's range.

    Raises
    ------
    InputError
        If the arguments cannot be used.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False
    per: str | Sequence[Any] | None = None
    maps: Mapping[str, tuple[ArrayLike, float, float]] | None = None

    def __post_init__(self) -> None:
        Range(self.low, self.high, self.step, self.log)
        if self.per is not None and self.maps is not None:
            raise InputError("free: give per= or maps=, not both")
        if self.per is not None and not _is_groups(self.per):
            raise InputError(f"free: per={shown(self.per)}; it is 'node', or a group's name for every node")
        if self.maps is not None and not (isinstance(self.maps, Mapping) and self.maps):
            raise InputError(f"free: maps={shown(self.maps)}; give {{'name': (values, low, high)}}")

    @property
    def range(self) -> Range:
        """Return the range of its numbers."""
        return Range(self.low, self.high, self.step, self.log)


@dataclass(frozen=True, eq=False)
class Unknown:
    """An unknown parameter: the sum of free numbers, each times its values at the nodes.

    Attributes
    ----------
    numbers : tuple of str
        Names of the free numbers in the optimiser.
    ranges : tuple of Range
        Their ranges.
    basis : (number, n_node) array, optional
        Values at the nodes; without it, the single number is the parameter of all nodes.
    """

    name: str
    numbers: tuple[str, ...]
    ranges: tuple[Range, ...]
    basis: Floats | None = None

    def values(self, numbers: Floats) -> Floats:
        """Return the parameter (item,) or (item, n_node) of free numbers (item, number)."""
        if self.basis is None:
            return numbers[:, 0]
        return np.asarray((numbers[:, :, None] * self.basis).sum(axis=1))


def unknowns_of(free: object, n_node: int, labels: Sequence[str] | None) -> tuple[Unknown, ...]:
    """Return the unknowns of a search on a connectome.

    Parameters
    ----------
    free : mapping of str to Free or tuple
        Parameters, elements of vectors such as ``P[3]``, or ``speed``; a tuple holds arguments of `Range`.
    labels : sequence of str, optional
        Names of the nodes.

    Raises
    ------
    InputError
        If there is no free parameter, or one does not fit the connectome.
    """
    if not isinstance(free, Mapping) or not free:
        raise InputError(f"free={shown(free)}: give a mapping like {{'G': (0, 3)}}")
    unknowns = tuple(_unknown(name, entry, n_node, labels) for name, entry in free.items())
    for unknown in unknowns:
        if unknown.name == SPEED and (unknown.basis is not None or unknown.ranges[0].step is None):
            raise InputError(
                "free speed: it is one number with a step, as in speed=1:10:0.5; lane blocks share a speed"
            )
    return unknowns


def _unknown(name: object, entry: object, n_node: int, labels: Sequence[str] | None) -> Unknown:
    if not isinstance(name, str) or not name:
        raise InputError(f"free: {shown(name)} is not the name of a parameter")
    if isinstance(entry, tuple | list):
        if len(entry) not in (2, 3):
            raise InputError(f"free {name}: give (low, high), (low, high, step) or rateloom.Free(...)")
        entry = Free(*entry)
    if not isinstance(entry, Free):
        raise InputError(f"free {name}: {shown(entry)}; give (low, high) or rateloom.Free(...)")
    try:
        if entry.maps is not None:
            maps = {key: _ordered_map(key, value, labels, n_node) for key, value in entry.maps.items()}
            return _combination(name, entry.range, maps, n_node)
        if entry.per is not None:
            return _in_groups(name, entry.range, _groups(entry.per, n_node, labels))
    except InputError as problem:
        raise InputError(f"free {name}: {str(problem).removeprefix('free: ')}") from None
    return Unknown(name, (name,), (entry.range,))


def _ordered_map(name: object, entry: Any, labels: Sequence[str] | None, n_node: int) -> Any:
    """Return a map, whose index may name regions, in the connectome's order."""
    if not isinstance(entry, tuple | list) or not entry:
        return entry
    return by_region(f"map {name}", entry[0], labels, n_node), *entry[1:]


def _is_groups(per: object) -> bool:
    if isinstance(per, str):
        return per == NODE
    return isinstance(per, Sequence) or (isinstance(per, (np.ndarray, *_LABELLED)) and per.ndim == 1)


def _groups(per: str | Sequence[Any], n_node: int, labels: Sequence[str] | None) -> list[str]:
    """Return the name of each node's group."""
    if isinstance(per, str):
        distinct = labels is not None and len(set(labels)) == n_node
        return list(labels or ()) if distinct else [str(k) for k in range(n_node)]
    ordered = by_region("groups", per, labels, n_node)
    names = [str(name) for name in (ordered.values if isinstance(ordered, _LABELLED) else ordered)]
    if len(names) != n_node:
        raise InputError(f"groups of {len(names)} nodes are given; the connectome has {n_node}")
    return names


def _in_groups(name: str, within: Range, groups: Sequence[str]) -> Unknown:
    distinct = list(dict.fromkeys(groups))
    basis = np.array([[float(group == label) for group in groups] for label in distinct])
    return Unknown(name, tuple(f"{name}@{label}" for label in distinct), (within,) * len(distinct), basis)


def _combination(
    name: str, within: Range, maps: Mapping[str, tuple[ArrayLike, float, float]], n_node: int
) -> Unknown:
    rows, ranges = [np.ones(n_node)], [within]
    for map_name, entry in maps.items():
        if map_name == BIAS:
            raise InputError(f"map {map_name}: call it something else; {BIAS} is what all nodes have")
        if not isinstance(entry, tuple | list) or len(entry) != 3:
            raise InputError(f"map {map_name}: give (values of the nodes, low, high)")
        values = real_numbers(entry[0], f"map {map_name}: it must be numbers, one a node")
        if values.shape != (n_node,):
            shape = " x ".join(str(n) for n in values.shape) or "one"
            raise InputError(f"map {map_name}: {shape} values are given; the connectome has {n_node} nodes")
        if not np.isfinite(values).all():
            raise InputError(f"map {map_name}: it has a value that is not finite")
        rows.append(values)
        ranges.append(Range(entry[1], entry[2]))
    numbers = tuple(f"{name}~{map_name}" for map_name in (BIAS, *maps))
    return Unknown(name, numbers, tuple(ranges), np.array(rows))

"""What a search may vary: numbers, and how they make the parameters of work items."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.planning.parameters import SPEED
from rateloom.drivers.support.errors import InputError, shown

Floats = NDArray[np.float64]
NODE = "node"
# the number of a combination of maps that is the same for all nodes
BIAS = "bias"


@dataclass(frozen=True)
class Range:
    """Where a number may lie.

    Parameters
    ----------
    low, high : float
        The ends, which are possible values.
    step : float, optional
        Distance of the possible values, from `low` on.
    log : bool
        Whether values are drawn by their logarithm.

    Raises
    ------
    InputError
        If no number lies there.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False

    def __post_init__(self) -> None:
        numbers = (self.low, self.high) if self.step is None else (self.low, self.high, self.step)
        if any(not _is_number(number) for number in numbers):
            raise InputError(f"range {shown(numbers)}: its ends and step must be finite numbers")
        low, high = float(self.low), float(self.high)
        if not low < high:
            raise InputError(f"range {low:g} to {high:g}: the first must be below the second")
        if self.log and (self.step is not None or low <= 0):
            raise InputError(f"range {low:g} to {high:g}: log needs ends above zero and no step")
        step = None if self.step is None else float(self.step)
        if step is not None:
            if not 0 < step <= high - low:
                raise InputError(f"range {low:g} to {high:g}: a step of {step:g} does not fit in")
            # the last value that whole steps lead to
            high = low + step * math.floor((high - low) / step * (1 + 1e-12))
        for name, value in (("low", low), ("high", high), ("step", step)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class Free:
    """How a parameter may vary in a search.

    Parameters
    ----------
    low, high, step, log
        See `Range`.
    per : "node" or sequence of n_node names, optional
        A number of its own for every node, or for every group of nodes that have one name. One for all nodes
        by default.
    maps : mapping of str to (array (n_node,), low, high), optional
        The parameter of a node is then a number from `low` to `high` plus the node's value in each map times
        a number from that map's range.

    Raises
    ------
    InputError
        If nothing can be varied in this way.
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
        if isinstance(self.per, str) and self.per != NODE:
            raise InputError(f"free: per={shown(self.per)}; it is 'node', or a group's name for every node")
        if self.maps is not None and not (isinstance(self.maps, Mapping) and self.maps):
            raise InputError(f"free: maps={shown(self.maps)}; give {{'name': (values, low, high)}}")

    @property
    def range(self) -> Range:
        """Where its numbers may lie."""
        return Range(self.low, self.high, self.step, self.log)


@dataclass(frozen=True, eq=False)
class Unknown:
    """A parameter that is searched for: the sum of free numbers, each times its values of the nodes.

    Attributes
    ----------
    numbers : tuple of str
        What the optimiser knows the free numbers by.
    ranges : tuple of Range
        Where they may lie.
    basis : (number, n_node) array, optional
        Values of the nodes; without it, the one number is the parameter of all nodes.
    """

    name: str
    numbers: tuple[str, ...]
    ranges: tuple[Range, ...]
    basis: Floats | None = None

    def values(self, numbers: Floats) -> Floats:
        """The parameter (item,) or (item, n_node) of free numbers (item, number)."""
        if self.basis is None:
            return numbers[:, 0]
        return np.asarray((numbers[:, :, None] * self.basis).sum(axis=1))


def unknowns_of(free: object, n_node: int, labels: Sequence[str] | None) -> tuple[Unknown, ...]:
    """What a search varies on a connectome.

    Parameters
    ----------
    free : mapping of str to Free or tuple
        Parameters, elements of vectors such as ``P[3]``, or ``speed``; a tuple is what `Range` takes.
    labels : sequence of str, optional
        Names of the nodes, if they have any.

    Raises
    ------
    InputError
        If there is nothing to vary, or it does not fit the connectome.
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
            return _combination(name, entry.range, entry.maps, n_node)
        if entry.per is not None:
            return _in_groups(name, entry.range, _groups(entry.per, n_node, labels))
    except InputError as problem:
        raise InputError(f"free {name}: {str(problem).removeprefix('free: ')}") from None
    return Unknown(name, (name,), (entry.range,))


def _groups(per: str | Sequence[Any], n_node: int, labels: Sequence[str] | None) -> list[str]:
    """The name of each node's group."""
    if isinstance(per, str):
        distinct = labels is not None and len(set(labels)) == n_node
        return list(labels or ()) if distinct else [str(k) for k in range(n_node)]
    names = [str(name) for name in per]
    if len(names) != n_node:
        raise InputError(f"groups of {len(names)} nodes are given; the connectome has {n_node}")
    return names


def _in_groups(name: str, within: Range, groups: Sequence[str]) -> Unknown:
    called = list(dict.fromkeys(groups))
    basis = np.array([[float(group == one) for group in groups] for one in called])
    return Unknown(name, tuple(f"{name}@{one}" for one in called), (within,) * len(called), basis)


def _combination(
    name: str, within: Range, maps: Mapping[str, tuple[ArrayLike, float, float]], n_node: int
) -> Unknown:
    rows, ranges = [np.ones(n_node)], [within]
    for called, entry in maps.items():
        if called == BIAS:
            raise InputError(f"map {called}: call it something else; {BIAS} is what all nodes have")
        if not isinstance(entry, tuple | list) or len(entry) != 3:
            raise InputError(f"map {called}: give (values of the nodes, low, high)")
        try:
            values = np.asarray(entry[0], np.float64)
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"map {called}: it must be numbers, one a node") from None
        if values.shape != (n_node,):
            shape = " x ".join(str(n) for n in values.shape) or "one"
            raise InputError(f"map {called}: {shape} values are given; the connectome has {n_node} nodes")
        if not np.isfinite(values).all():
            raise InputError(f"map {called}: it has a value that is not finite")
        rows.append(values)
        ranges.append(Range(entry[1], entry[2]))
    numbers = tuple(f"{name}~{called}" for called in (BIAS, *maps))
    return Unknown(name, numbers, tuple(ranges), np.array(rows))


def _is_number(value: object) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        return real and math.isfinite(value)  # type: ignore[arg-type]
    except OverflowError:
        return False

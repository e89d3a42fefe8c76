"""Connectomes: the weights and tract lengths between nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown


@dataclass(frozen=True, eq=False, repr=False)
class Connectome:
    """Weights and tract lengths between ``n`` nodes.

    Parameters
    ----------
    weights : (n, n) array of float64
        ``weights[i, j]`` is the weight into node i from node j; 0 means no connection, and negative
        weights (inhibition) are allowed.
    tract_lengths : (n, n) array of float64
        Lengths in mm, zero or more.
    labels : n strings, optional
        Names of the nodes.
    centres : (n, 3) array of float64, optional
        Positions of the nodes in mm.
    name : str
        Its origin, for messages and for the record kept with a result.
    hemispheres : (n,) array of 0 and 1, optional
        1 for nodes on the right and 0 for those on the left, as TVB has it.

    The arrays are read-only; arrays of float64 are not copied.

    Raises
    ------
    InputError
        If an array has the wrong shape, holds a value that is not finite, a length is negative, or a
        hemisphere is neither 0 nor 1.
    """

    weights: NDArray[np.float64]
    tract_lengths: NDArray[np.float64]
    labels: tuple[str, ...] | None = None
    centres: NDArray[np.float64] | None = None
    name: str = ""
    hemispheres: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InputError(f"connectome: name={shown(self.name)}: it must be a text")
        subject = f"connectome {self.name}" if self.name else "connectome"
        weights = square_matrix(self.weights, f"{subject}: weights")
        lengths = square_matrix(self.tract_lengths, f"{subject}: tract_lengths")
        if lengths.shape != weights.shape:
            raise InputError(
                f"{subject}: weights are {_shape(weights)} but tract_lengths are {_shape(lengths)}; "
                "both must have one row and one column a node"
            )
        if float(lengths.min()) < 0:
            i, j = np.unravel_index(int(np.argmin(lengths)), lengths.shape)
            raise InputError(
                f"{subject}: tract_lengths[{i}, {j}] is {lengths[i, j]:g} mm; a length cannot be negative"
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "tract_lengths", lengths)
        object.__setattr__(self, "labels", _labels(self.labels, weights.shape[0], subject))
        object.__setattr__(self, "centres", _centres(self.centres, weights.shape[0], subject))
        object.__setattr__(self, "hemispheres", _hemispheres(self.hemispheres, weights.shape[0], subject))

    def __repr__(self) -> str:
        edges = int(np.count_nonzero(self.weights))
        longest = float(self.tract_lengths.max())
        name = f"{self.name}: " if self.name else ""
        return f"<Connectome {name}{self.n_node} nodes, {edges} edges, tract lengths up to {longest:.4g} mm>"

    @property
    def n_node(self) -> int:
        """Return the number of nodes."""
        return int(self.weights.shape[0])

    @cached_property
    def hash(self) -> str:
        """Return what identifies the edges: the same text, the same edges, weights and lengths."""
        edges = np.nonzero(self.weights)
        digest = hashlib.sha256(f"{self.n_node}".encode())
        for array in (*edges, self.weights[edges], self.tract_lengths[edges]):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:16]


def square_matrix(values: ArrayLike, label: str) -> NDArray[np.float64]:
    """Return a read-only matrix (node, node) of finite numbers.

    Raises
    ------
    InputError
        If it is none, or has no nodes; the message begins with `label`.
    """
    array = _float_array(values, label)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise InputError(f"{label} must be a square matrix, one row and column a node, not {_shape(array)}")
    if array.shape[0] == 0:
        raise InputError(f"{label} have no nodes")
    return array


def _float_array(values: ArrayLike, label: str) -> NDArray[np.float64]:
    """Return a read-only float64 view of finite numbers, or a copy if a view is not possible."""
    array = real_numbers(values, f"{label} must be an array of real numbers").view()
    finite = np.isfinite(array)
    if not finite.all():
        position = np.unravel_index(int(np.argmin(finite)), array.shape)
        index = ", ".join(str(int(i)) for i in position)
        raise InputError(f"{label}[{index}] is {array[position]}; every entry must be a finite number")
    array.flags.writeable = False
    return array


def _labels(labels: Sequence[str] | None, n_node: int, subject: str) -> tuple[str, ...] | None:
    if labels is None:
        return None
    try:
        result = tuple(str(label) for label in labels)
    except Exception:  # an object may do anything when it is gone through
        raise InputError(f"{subject}: labels={shown(labels)}: give a list of names, one a node") from None
    if len(result) != n_node:
        raise InputError(f"{subject}: {len(result)} labels for {n_node} nodes; give one a node")
    return result


def _centres(centres: ArrayLike | None, n_node: int, subject: str) -> NDArray[np.float64] | None:
    if centres is None:
        return None
    array = _float_array(centres, f"{subject}: centres")
    if array.shape != (n_node, 3):
        raise InputError(f"{subject}: centres are {_shape(array)} for {n_node} nodes; give x, y, z of each")
    return array


def _hemispheres(hemispheres: ArrayLike | None, n_node: int, subject: str) -> NDArray[np.float64] | None:
    if hemispheres is None:
        return None
    array = _float_array(hemispheres, f"{subject}: hemispheres")
    if array.size != n_node or max(array.shape, default=1) != n_node:
        raise InputError(
            f"{subject}: hemispheres are {_shape(array)} for {n_node} nodes; give 0 or 1 of each"
        )
    array = array.reshape(-1)
    if not np.isin(array, (0.0, 1.0)).all():
        raise InputError(f"{subject}: hemispheres are 1 (right) and 0 (left), and no other number")
    return array


def _shape(array: NDArray[np.float64]) -> str:
    return " x ".join(str(size) for size in array.shape) if array.ndim else "a single number"

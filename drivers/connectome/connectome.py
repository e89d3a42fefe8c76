"""Connectomes: the weights and tract lengths between nodes."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.notices import Warn, pass_on, unsaid

from .connectome_files import (
    ConnectomeParts,
    are_places,
    read_connectome_file,
    read_places,
)
from .lengths import check_lengths, lengths_of

TVB_NAMES = ("tvb66", "tvb68", "tvb76", "tvb96", "tvb192")
NORMALIZATIONS = ("max", "none", "row", "column")
# nodes of a connectome that is made again sooner than it is read
_SMALL = 1000


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

    The arrays are read-only; arrays of float64 are not copied.

    Raises
    ------
    InputError
        If an array has the wrong shape, holds a value that is not finite, or a length is negative.
    """

    weights: NDArray[np.float64]
    tract_lengths: NDArray[np.float64]
    labels: tuple[str, ...] | None = None
    centres: NDArray[np.float64] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InputError(f"connectome: name={shown(self.name)}: it must be a text")
        subject = f"connectome {self.name}" if self.name else "connectome"
        weights = _matrix(self.weights, f"{subject}: weights")
        lengths = _matrix(self.tract_lengths, f"{subject}: tract_lengths")
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


def load_connectome(
    source: Connectome | str | os.PathLike[str],
    normalize: str | None = None,
    lengths: str | None = None,
    warn: Warn = unsaid,
) -> Connectome:
    """Load a connectome by name or from a file, and normalize its weights.

    Parameters
    ----------
    source : Connectome, str or Path
        A connectome; ``tvb66 tvb68 tvb76 tvb96 tvb192`` (human and macaque data from the package
        tvb-data); ``synthetic:N`` or ``synthetic:N:seed``, see `rateloom.drivers.connectome.synthetic`;
        the path of a TVB zip, of an ``.npz`` or ``.mat``, or of a directory with the same files; or places
        of two arrays, ``weights.csv,lengths.csv`` or ``sc.mat:sc,len.mat:len``.
    normalize : {"max", "none", "row", "column"}, optional
        ``"max"`` divides by the largest weight, ``"row"`` makes the weights into each node sum to 1,
        ``"column"`` those that leave it. Absolute values count, and zero rows or columns stay zero. The
        default is that of `normalization_of`.
    lengths : {"mm", "cm", "m", "centres", "none"}, optional
        The unit of tract lengths, mm by default; or distances of centres; or no lengths, which means no
        delays.
    warn : callable
        Told what was assumed of files, or was not read.

    Raises
    ------
    InputError
        If the name is unknown, the data are absent or malformed, or `normalize` is none of these.
    """
    normalization = normalization_of(source, normalize)
    check_normalize(normalization)
    unit = "mm" if lengths is None else lengths
    check_lengths(unit)
    if not isinstance(source, Connectome):
        return normalized(_read(source, unit, warn), normalization)
    if lengths is not None:
        stored, n_node = source.tract_lengths, source.n_node
        array = lengths_of(f"connectome {source.name}", unit, n_node, stored, source.centres)
        source = replace(source, tract_lengths=np.asarray(array))
    return normalized(source, normalization)


def normalization_of(source: object, normalize: str | None) -> str:
    """Return how weights are normalized: unasked, those of a name or a file, but not a `Connectome`'s."""
    if normalize is not None:
        return normalize
    return "none" if isinstance(source, Connectome) else "max"


def check_normalize(normalize: object) -> None:
    """Raise InputError if `normalize` is none of the normalizations."""
    if not isinstance(normalize, str) or normalize not in NORMALIZATIONS:
        raise InputError(f"normalize={shown(normalize)} is unknown; use one of {', '.join(NORMALIZATIONS)}")


def normalized(connectome: Connectome, normalization: str) -> Connectome:
    """Return the connectome with normalized weights; see `load_connectome`."""
    weights = connectome.weights
    if normalization == "none":
        return connectome
    if normalization == "max":
        total = np.asarray(max(float(weights.max()), -float(weights.min())))
    else:
        with np.errstate(over="ignore"):
            total = np.abs(weights).sum(axis=1 if normalization == "row" else 0, keepdims=True)
    if not np.isfinite(total).all():
        raise InputError(f"connectome {connectome.name}: its weights are too large to be added up")
    return replace(connectome, weights=weights / np.where(total == 0, 1.0, total))


@lru_cache(maxsize=64)
def named_connectome(name: str, edges_hash: str) -> tuple[Connectome, str] | None:
    """The connectome of a name that always means the same, and how it is normalized to have some edges.

    Parameters
    ----------
    edges_hash : str
        The hash of the connectome as it is used.

    Returns
    -------
    (Connectome, str), or None if the name is of no such kind, or has other edges
    """
    try:
        if not (
            name in TVB_NAMES or (name.startswith("synthetic:") and _synthetic_numbers(name)[0] <= _SMALL)
        ):
            return None
        connectome = _read(name, "mm", unsaid)
    except InputError:
        return None
    for normalization in NORMALIZATIONS:
        if normalized(connectome, normalization).hash == edges_hash:
            return connectome, normalization
    return None


def _read(source: str | os.PathLike[str], lengths: str, warn: Warn) -> Connectome:
    if isinstance(source, np.ndarray):
        hint = "make rateloom.Connectome(weights, tract_lengths) of it"
        raise InputError(f"connectome: an array of weights has no tract lengths; {hint}")
    if not isinstance(source, str | os.PathLike) or not os.fspath(source):
        raise InputError(f"connectome {shown(source)}: give a Connectome, a name or a path")
    text = os.fspath(source)
    subject = f"connectome {text[:200]}"
    parts = _parts(source, text)
    pass_on(warn, parts.warnings)
    weights = _matrix(parts.weights, f"{subject}: weights")
    tract_lengths = lengths_of(subject, lengths, len(weights), parts.tract_lengths, parts.centres)
    if tract_lengths is None:
        raise InputError(
            f"{subject}: {parts.lacking}; or take --lengths none (no delays)"
            + ("" if parts.centres is None else " or --lengths centres (their distances)")
        )
    return Connectome(weights, tract_lengths, parts.labels, parts.centres, text)


def _parts(source: str | os.PathLike[str], text: str) -> ConnectomeParts:
    """Return the arrays of a connectome that has a name or a path."""
    if text in TVB_NAMES:
        return read_connectome_file(_tvb_path(text))
    if isinstance(source, str) and text.startswith("synthetic:"):
        from .synthetic import synthetic_arrays  # needs SciPy, which takes its time to import

        n_node, seed = _synthetic_numbers(text)
        return ConnectomeParts(*synthetic_arrays(n_node, seed))
    if os.path.exists(text):  # noqa: PTH110 - Path.exists raises for what cannot be a path
        return read_connectome_file(Path(source))
    if are_places(text):
        return read_places(text)
    raise InputError(f"connectome {text[:200]!r}: no such file or name{_suggestion(text)}")


def _tvb_path(name: str) -> Path:
    spec = importlib.util.find_spec("tvb_data")
    if spec is None or not spec.submodule_search_locations:
        raise InputError(
            f'connectome {name} is in the package tvb-data, which is absent; pip install "rateloom[data]"'
        )
    return Path(spec.submodule_search_locations[0]) / "connectivity" / f"connectivity_{name[3:]}.zip"


def _synthetic_numbers(text: str) -> tuple[int, int]:
    numbers = text.split(":")[1:]
    if len(numbers) > 2 or not all(re.fullmatch("[0-9]{1,20}", number) for number in numbers):
        raise InputError(
            f"connectome {text[:200]!r}: write synthetic:N or synthetic:N:seed in digits, like synthetic:100"
        )
    return int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 0


def _suggestion(text: str) -> str:
    head, colon, size = text.partition(":")
    if difflib.get_close_matches(head, ["synthetic"]):
        return f"; did you mean synthetic:{size or 'N'}?"
    if not colon and difflib.get_close_matches(head, TVB_NAMES):
        return f"; did you mean one of {', '.join(TVB_NAMES)}?"
    paths = "the path of a zip, an npz, a mat or a directory, or WEIGHTS,LENGTHS"
    return f"; give {', '.join(TVB_NAMES)}, synthetic:N, {paths}"


def _matrix(values: ArrayLike, label: str) -> NDArray[np.float64]:
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


def _shape(array: NDArray[np.float64]) -> str:
    return " x ".join(str(size) for size in array.shape) if array.ndim else "a single number"

"""Sources of connectomes: a name, a file, or two arrays in their places."""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.notices import Warn, pass_on, unsaid

from .connectome import Connectome, square_matrix
from .connectome_files import (
    ConnectomeParts,
    are_places,
    read_connectome_file,
    read_places,
)
from .lengths import check_lengths, lengths_of
from .normalization import NORMALIZATIONS, check_normalize, normalization_of, normalized

TVB_NAMES = ("tvb66", "tvb68", "tvb76", "tvb96", "tvb192")
# nodes of a connectome that is made again sooner than it is read
_SMALL = 1000


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
    weights = square_matrix(parts.weights, f"{subject}: weights")
    tract_lengths = lengths_of(subject, lengths, len(weights), parts.tract_lengths, parts.centres)
    if tract_lengths is None:
        raise InputError(
            f"{subject}: {parts.lacking}; or take --lengths none (no delays)"
            + ("" if parts.centres is None else " or --lengths centres (their distances)")
        )
    return Connectome(weights, tract_lengths, parts.labels, parts.centres, text, parts.hemispheres)


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

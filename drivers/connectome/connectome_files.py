"""Connectomes from files: TVB zips, ``.npz`` and ``.mat`` files, folders with the same contents, and pairs.

Each holds ``weights`` and ``tract_lengths`` and may hold ``centres``, ``labels`` and ``hemispheres``. In zips
and folders they are text (``.txt``, ``.csv`` or ``.tsv``, plain or ``.bz2``) or ``.npy``, at the top or in a
folder; ``centres`` has a line a node, with the node's label and its coordinates. A pair is two places of
arrays with a comma between them.
"""

from __future__ import annotations

import bz2
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular, refusing
from rateloom.drivers.tables.containers import mat_array, mat_variables
from rateloom.drivers.tables.labels import labels_in_array, labels_in_text
from rateloom.drivers.tables.npy import read_npy
from rateloom.drivers.tables.positions import read_centres
from rateloom.drivers.tables.region_values import TableWarning, positions_of
from rateloom.drivers.tables.sources import SUFFIXES, is_file, parse_source, read_source
from rateloom.drivers.tables.table import Names, Table, region_names
from rateloom.drivers.tables.text_table import read_text_table

_Part = TypeVar("_Part")
_ENDINGS = (".txt", ".csv", ".tsv", ".txt.bz2", ".csv.bz2", ".tsv.bz2", ".npy")
_SPELLINGS = {
    "weights": ("weights",),
    "tract_lengths": ("tract_lengths", "tract_length"),
    "centres": ("centres", "centers"),
    "labels": ("labels", "region_labels"),
    "hemispheres": ("hemispheres", "hemisphere"),
}
_REQUIRED = ("weights", "tract_lengths")
# of The Virtual Brain's connectomes: known, and not needed
_OF_TVB = {"areas", "average_orientations", "cortical", "orientations", "info"}


@dataclass(frozen=True, eq=False)
class ConnectomeParts:
    """What files hold of a connectome; `Connectome` checks it.

    Attributes
    ----------
    tract_lengths : array, optional
        None where there are none.
    warnings : tuple of TableWarning
        Of what was assumed or not read.
    lacking : str
        What to say where there are no tract lengths.
    """

    weights: NDArray[Any]
    tract_lengths: NDArray[Any] | None
    labels: Names | None = None
    centres: NDArray[Any] | None = None
    warnings: tuple[TableWarning, ...] = ()
    lacking: str = ""
    hemispheres: NDArray[Any] | None = None


def read_connectome_file(path: Path) -> ConnectomeParts:
    """Read weights, tract lengths, labels and centres from a file or a directory.

    Raises
    ------
    InputError
        If it is neither, weights are missing, or a part cannot be read; the message names the part.
    """
    with refusing(f"connectome {path}: cannot be read"):
        if path.is_dir():
            names = tuple(str(entry.name) for entry in path.iterdir() if entry.is_file())
            return _read_parts(path, names, lambda name: open_regular(path / name))
        suffix = path.suffix.lower()
        if suffix == ".mat":
            variables = list(mat_variables(path))
            return _read_mat(path, variables) if len(variables) != 1 else read_places(str(path))
        if suffix in SUFFIXES and suffix != ".npz":
            return read_places(str(path))
        with open_regular(path) as stream:
            if not zipfile.is_zipfile(stream):
                raise InputError(f"connectome {path}: not a zip, an npz, a mat, a table or a directory")
            with zipfile.ZipFile(stream) as archive:
                return _read_parts(path, archive.namelist(), archive.open)


def are_places(text: str) -> bool:
    """Tell whether a text is places of arrays: ``FILE:VARIABLE``, or several with commas between them."""
    first = text.split(",")[0]
    return "," in text or ":" in text if is_file(first) or is_file(first.rpartition(":")[0]) else False


def read_places(text: str) -> ConnectomeParts:
    """Read ``WEIGHTS[,LENGTHS]``, each a ``FILE[:VARIABLE]``.

    Raises
    ------
    InputError
        If one cannot be read, or there are more.
    """
    places = text.split(",")
    if len(places) > 2:
        raise InputError(
            f"connectome {text[:200]}: give weights and lengths, FILE[:VARIABLE],FILE[:VARIABLE]"
        )
    tables = [read_source(parse_source(place.strip(), named=False)) for place in places]
    parts = _matched(tables[0], tables[1] if len(tables) > 1 else None, None)
    return replace(parts, lacking=f"weights alone; give lengths as well, {text[:200]},LENGTHS")


def _read_parts(path: Path, names: Sequence[str], open_part: Callable[[str], IO[bytes]]) -> ConnectomeParts:
    source = str(path)
    entries, warnings = _find_parts(source, names)
    if "weights" not in entries:
        raise InputError(f"connectome {source}: {_missing(path, 'weights', names)}")

    def read(part: str, reader: Callable[[IO[bytes], str], _Part]) -> _Part:
        with open_part(entries[part]) as stream:
            # The outer stream is closed here, since a BZ2File does not close it.
            unpacked = bz2.BZ2File(stream) if entries[part].endswith(".bz2") else stream
            return reader(unpacked, f"{source}: {entries[part]}")

    labels, centres, hemispheres = None, None, None
    if "centres" in entries:
        labels, centres = read("centres", _read_centres)
    if "labels" in entries:
        labels = read("labels", _read_names)
    if "hemispheres" in entries:
        hemispheres = read("hemispheres", _read_column)
    if path.suffix.lower() == ".npz":
        warnings += _unread(source, [name.removesuffix(".npy") for name in names])
    lengths = read("tract_lengths", _read_matrix) if "tract_lengths" in entries else None
    parts = _matched(read("weights", _read_matrix), lengths, labels, centres, warnings)
    return replace(parts, lacking=_missing(path, "tract_lengths", names), hemispheres=hemispheres)


def _read_mat(path: Path, variables: Sequence[str]) -> ConnectomeParts:
    """Read the variables of a ``.mat`` file that have the names of parts."""
    source = str(path)
    entries, warnings = _find_parts(source, [f"{name}.npy" for name in variables])
    names = {part: entry.removesuffix(".npy") for part, entry in entries.items()}
    if "weights" not in names:
        listed = ", ".join(variables[:8]) or "nothing"
        raise InputError(
            f"connectome {source}: no variable named weights; it holds {listed}. "
            f"Say which: {source}:WEIGHTS,{source}:LENGTHS"
        )
    arrays = {part: Table(f"{source}:{name}", mat_array(path, name)) for part, name in names.items()}
    labels = labels_in_array(arrays["labels"].values, arrays["labels"].where) if "labels" in arrays else None
    centres = arrays["centres"].values if "centres" in arrays else None
    warnings += _unread(source, variables)
    parts = _matched(arrays["weights"], arrays.get("tract_lengths"), labels, centres, warnings)
    lacking = f"no variable named tract_lengths; it holds {', '.join(variables[:8])}"
    hemispheres = arrays["hemispheres"].values if "hemispheres" in arrays else None
    return replace(parts, lacking=lacking, hemispheres=hemispheres)


def _matched(
    weights: Table,
    lengths: Table | None,
    labels: Names | None,
    centres: NDArray[Any] | None = None,
    warnings: tuple[TableWarning, ...] = (),
) -> ConnectomeParts:
    """Put lengths into the order of the weights' regions, where both tables name them."""
    names = region_names(weights)
    array = None if lengths is None else lengths.values
    if lengths is not None and array is not None and names is not None:
        others = region_names(lengths)
        if others is not None and others != names:
            order = positions_of(f"{lengths.where}: names of regions", others, names)
            array = array[order][:, order]
    if names is not None and labels is not None and names != labels:
        raise InputError(
            f"{weights.where}: the names of its regions are not the labels; leave one of them out"
        )
    return ConnectomeParts(weights.values, array, labels or names, centres, warnings)


def _missing(path: Path, part: str, names: Sequence[str]) -> str:
    """Return a message about a missing part, with the names of the present ones."""
    if path.suffix.lower() == ".npz":
        listed = ", ".join(name.removesuffix(".npy")[:40] for name in names[:8]) or "nothing"
        call = "np.savez(path, weights=..., tract_lengths=...)"
        return f"no array named {part}; it holds {listed}. Write {call}"
    return f"no {part} file ({part}.txt, .csv, .tsv, each also .bz2, or .npy)"


def _find_parts(source: str, names: Iterable[str]) -> tuple[dict[str, str], tuple[TableWarning, ...]]:
    """Map each part to the name of the entry that holds it."""
    entries: dict[str, str] = {}
    warnings: list[TableWarning] = []
    for name in sorted(names, key=_spelling):
        if name.startswith("__MACOSX"):
            continue
        for part, stems in _SPELLINGS.items():
            if PurePosixPath(name).name.lower() not in {stem + end for stem in stems for end in _ENDINGS}:
                continue
            if part not in entries:
                entries[part] = name
                continue
            message = f"connectome {source}: both {entries[part]} and {name} hold {part}"
            if part in _REQUIRED or _spelling(entries[part]) == _spelling(name):
                raise InputError(message)
            warnings.append(TableWarning(f"{message}; {entries[part]} is read. Remove one of them"))
    return entries, tuple(warnings)


def _spelling(name: str) -> int:
    """Return how early the spelling of a part's name comes among those that are read."""
    stem = PurePosixPath(name).name.lower().split(".")[0]
    return next((stems.index(stem) for stems in _SPELLINGS.values() if stem in stems), 0)


def _unread(source: str, names: Iterable[str]) -> tuple[TableWarning, ...]:
    """Return a warning that names the arrays of a file that are not read."""
    known = {stem for stems in _SPELLINGS.values() for stem in stems} | _OF_TVB
    unknown = [name for name in names if PurePosixPath(name).name.lower() not in known]
    if not unknown:
        return ()
    listed = ", ".join(name[:40] for name in unknown[:8])
    return (
        TableWarning(f"connectome {source}: {listed} is not read; what is read is {', '.join(_SPELLINGS)}"),
    )


def _read_matrix(stream: IO[bytes], entry: str) -> Table:
    # An .npy may hold an array of any type and shape; Connectome checks it.
    return (
        Table(entry, read_npy(stream, entry))
        if _is_npy(entry)
        else read_text_table(stream, entry, square=True)
    )


def _read_centres(stream: IO[bytes], entry: str) -> tuple[Names | None, NDArray[Any]]:
    return (None, read_npy(stream, entry)) if _is_npy(entry) else read_centres(stream, entry)


def _read_column(stream: IO[bytes], entry: str) -> NDArray[Any]:
    return read_npy(stream, entry) if _is_npy(entry) else read_text_table(stream, entry).values


def _read_names(stream: IO[bytes], entry: str) -> Names:
    return (
        labels_in_array(read_npy(stream, entry), entry) if _is_npy(entry) else labels_in_text(stream, entry)
    )


def _is_npy(entry: str) -> bool:
    return entry.lower().endswith(".npy")

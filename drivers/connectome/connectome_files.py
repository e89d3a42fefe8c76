"""Connectomes from files: TVB zips, ``.npz`` files, and directories with the same contents.

Each holds ``weights`` and ``tract_lengths`` and may hold ``centres`` and ``labels``, as text (``.txt`` or
``.csv``, plain or ``.bz2``) or as ``.npy``, at the top or in a folder. ``centres`` has a line a node, with
the node's label and its coordinates.
"""

from __future__ import annotations

import bz2
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular, refusing
from rateloom.drivers.support.tables import read_labels, read_npy, read_table

_Floats = NDArray[np.float64]
_Part = TypeVar("_Part")
_MAX_NAMES = 10_000_000
_ENDINGS = (".txt", ".csv", ".txt.bz2", ".csv.bz2", ".npy")
_SPELLINGS = {
    "weights": ("weights",),
    "tract_lengths": ("tract_lengths", "tract_length"),
    "centres": ("centres", "centers"),
    "labels": ("labels", "region_labels"),
}


def read_connectome_file(path: Path) -> tuple[_Floats, _Floats, tuple[str, ...] | None, _Floats | None]:
    """Read weights, tract lengths, labels and centres from a file or a directory.

    Raises
    ------
    InputError
        If it is neither, weights or tract lengths are missing, or a part cannot be read; the message names
        the part.
    """
    with refusing(f"connectome {path}: cannot be read"):
        if path.is_dir():
            names = (str(entry.name) for entry in path.iterdir() if entry.is_file())
            return _read_parts(path, tuple(names), lambda name: open_regular(path / name))
        with open_regular(path) as stream:
            if not zipfile.is_zipfile(stream):
                hint = "; save both arrays, with np.savez" if path.suffix in (".npy", ".npz") else ""
                raise InputError(f"connectome {path}: not a zip, an npz or a directory{hint}")
            with zipfile.ZipFile(stream) as archive:
                return _read_parts(path, archive.namelist(), archive.open)


def _read_parts(
    path: Path, names: Sequence[str], open_part: Callable[[str], IO[bytes]]
) -> tuple[_Floats, _Floats, tuple[str, ...] | None, _Floats | None]:
    source = str(path)
    entries = _find_parts(source, names)
    for part in ("weights", "tract_lengths"):
        if part not in entries:
            raise InputError(f"connectome {source}: {_missing(path, part, names)}")

    def read(part: str, reader: Callable[[IO[bytes], str], _Part]) -> _Part:
        with open_part(entries[part]) as stream:
            # The outer stream is closed here, since a BZ2File does not close it.
            unpacked = bz2.BZ2File(stream) if entries[part].endswith(".bz2") else stream
            return reader(unpacked, f"{source}: {entries[part]}")

    labels, centres = None, None
    if "centres" in entries:
        labels, centres = read("centres", _read_centres)
    if "labels" in entries:
        labels = read("labels", _read_names)
    return read("weights", _read_matrix), read("tract_lengths", _read_matrix), labels, centres


def _missing(path: Path, part: str, names: Sequence[str]) -> str:
    """Return a message about a missing part, with the names of the present ones."""
    if path.suffix.lower() == ".npz":
        listed = ", ".join(name.removesuffix(".npy")[:40] for name in names[:8]) or "nothing"
        call = "np.savez(path, weights=..., tract_lengths=...)"
        return f"no array named {part}; it holds {listed}. Write {call}"
    return f"no {part} file ({part}.txt, .csv, either .bz2, or .npy)"


def _find_parts(source: str, names: Iterable[str]) -> dict[str, str]:
    """Map each part to the name of the entry that holds it."""
    entries: dict[str, str] = {}
    for name in names:
        if name.startswith("__MACOSX"):
            continue
        for part, stems in _SPELLINGS.items():
            if PurePosixPath(name).name.lower() in {stem + end for stem in stems for end in _ENDINGS}:
                if part in entries:
                    raise InputError(f"connectome {source}: both {entries[part]} and {name} hold {part}")
                entries[part] = name
    return entries


def _read_matrix(stream: IO[bytes], entry: str) -> _Floats:
    # An .npy may hold an array of any type and shape; Connectome checks it.
    return (
        cast(_Floats, read_npy(stream, entry)) if _is_npy(entry) else read_table(stream, entry, square=True)
    )


def _read_centres(stream: IO[bytes], entry: str) -> tuple[tuple[str, ...] | None, _Floats | None]:
    return (None, cast(_Floats, read_npy(stream, entry))) if _is_npy(entry) else read_labels(stream, entry)


def _read_names(stream: IO[bytes], entry: str) -> tuple[str, ...]:
    if _is_npy(entry):
        array = read_npy(stream, entry)
        if array.dtype.kind not in "US" or array.ndim != 1:
            raise InputError(f"{entry}: labels must be a list of texts, one a node")
        return tuple(str(label) for label in array.astype(str))
    text = stream.read(_MAX_NAMES + 1)
    if len(text) > _MAX_NAMES:
        raise InputError(f"{entry}: more than {_MAX_NAMES} bytes of labels")
    return tuple(line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip())


def _is_npy(entry: str) -> bool:
    return entry.lower().endswith(".npy")

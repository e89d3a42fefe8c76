"""The arrays that a study was made from, beside its plan; the plan's record has their digests."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular, refusing
from rateloom.drivers.tables.npy import read_npy

GIVEN = "given.npz"
Arrays = dict[str, NDArray[Any]]


def read_arrays(folder: Path, record: Mapping[str, Any]) -> Arrays:
    """Read the arrays of a study.

    Raises
    ------
    InputError
        If they cannot be read, or were changed since the plan was made.
    """
    path, arrays = folder / GIVEN, {}
    with (
        refusing(f"{path}: cannot be read; it belongs to the plan"),
        open_regular(path) as file,
        zipfile.ZipFile(file) as archive,
    ):
        for entry in archive.namelist():
            with archive.open(entry) as stream:
                arrays[entry.removesuffix(".npy")] = read_npy(stream, f"{path}: {entry}")
    changed = [name for name, digest in record["given"].items() if array_digest(arrays[name]) != digest]
    if changed:
        raise InputError(f"{folder / GIVEN}: {', '.join(changed)} was changed since the study began")
    return arrays


def array_digest(array: NDArray[Any]) -> str:
    """Return what tells an array from others: of its type, shape and values."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()[:16]

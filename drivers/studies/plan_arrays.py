"""The arrays that a study was made from, beside its plan; the plan's record has their digests."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

GIVEN = "given.npz"
Arrays = dict[str, NDArray[Any]]


def read_arrays(folder: Path, record: Mapping[str, Any]) -> Arrays:
    """Read the arrays of a study.

    Raises
    ------
    InputError
        If they cannot be read, or were changed since the plan was made.
    """
    try:
        with np.load(folder / GIVEN, allow_pickle=False) as opened:
            arrays = {name: opened[name] for name in opened.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as problem:
        raise InputError(f"{folder / GIVEN}: cannot be read ({problem}); it belongs to the plan") from None
    changed = [name for name, digest in record["given"].items() if array_digest(arrays[name]) != digest]
    if changed:
        raise InputError(f"{folder / GIVEN}: {', '.join(changed)} was changed since the study began")
    return arrays


def array_digest(array: NDArray[Any]) -> str:
    """Return what tells an array from others: of its type, shape and values."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()[:16]

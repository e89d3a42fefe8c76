"""Tract lengths where files hold none, or hold them in another unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError, shown

CENTRES, NONE = "centres", "none"
UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
LENGTHS = (*UNITS, CENTRES, NONE)


def check_lengths(lengths: object) -> None:
    """Raise InputError if `lengths` is none of the ways to get tract lengths."""
    if not isinstance(lengths, str) or lengths not in LENGTHS:
        raise InputError(f"lengths={shown(lengths)} is unknown; use one of {', '.join(LENGTHS)}")


def lengths_of(
    subject: str, lengths: str, n_node: int, stored: NDArray[Any] | None, centres: NDArray[Any] | None
) -> NDArray[Any] | None:
    """Return tract lengths in mm, or None where there are none.

    Parameters
    ----------
    lengths : {"mm", "cm", "m", "centres", "none"}
        The unit of `stored`; or Euclidean distances of `centres`, which are in mm; or zeros.

    Raises
    ------
    InputError
        If there are no centres to take distances of.
    """
    if lengths == NONE:
        return np.zeros((n_node, n_node))
    if lengths != CENTRES:
        if stored is None or lengths == "mm" or stored.dtype.kind not in "biuf":
            return stored
        return np.asarray(stored * UNITS[lengths])
    if centres is None:
        raise InputError(f"{subject}: lengths from centres, but it has no centres")
    if centres.dtype.kind not in "biuf" or centres.ndim != 2 or len(centres) != n_node:
        raise InputError(f"{subject}: lengths from centres take x, y, z of each of its {n_node} nodes")
    from scipy.spatial.distance import cdist  # takes its time to import

    return np.asarray(cdist(centres, centres))

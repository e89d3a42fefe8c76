"""Normalization of a connectome's weights: by the largest, or by what comes into or leaves each node."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rateloom.drivers.support.errors import InputError, shown

from .connectome import Connectome

NORMALIZATIONS = ("max", "none", "row", "column")


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

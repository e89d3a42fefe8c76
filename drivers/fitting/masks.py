"""Masks of targets: the regions, or the pairs of regions, that take part in comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.measures.data_to_fit import FC, DataToFit
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.region_values import positions_of
from rateloom.drivers.tables.table import Floats

from .given_data import DataSource, given_data_of, names_to_match
from .orientation import Regions

Mask = NDArray[np.bool_]
HEMISPHERES = ("left", "right", "within", "between")
_FEWEST = 3
_FORMS = f"give 0 and 1 of regions or of pairs, a file of them, or one of {', '.join(HEMISPHERES)}"
_MARKS = "1 marks what takes part and 0 what does not"


def mask_of(
    mask: DataSource, labels: Sequence[str] | None, regions: Regions
) -> tuple[Mask | None, tuple[SettingsWarning, ...]]:
    """Return the pairs (region, region) that take part, in the order of the connectome's regions.

    Parameters
    ----------
    mask : path, array or str, optional
        0 and 1 of regions (region,) or of pairs (region, region), or one of `HEMISPHERES`.
    labels : sequence of str, optional
        The names of its regions; without, those in its file count.

    Raises
    ------
    InputError
        If it cannot be read, holds anything but 0 and 1, or is not symmetric.
    """
    if mask is None:
        return None, ()
    if isinstance(mask, str) and mask in HEMISPHERES:
        return _pairs_of_hemispheres(mask, regions), ()
    entries = [] if isinstance(mask, Mapping) else given_data_of("mask", mask)
    if len(entries) != 1:
        raise InputError(f"mask={shown(mask)}: {_FORMS}")
    entry = entries[0]
    subject = "mask" if entry.name == "mask" else f"mask {entry.name}"
    pairs = _pairs(subject, entry.values)
    names, unmatched = names_to_match(subject, entry, labels, regions)
    if names is None:
        return pairs, unmatched
    if len(pairs) != len(names):
        raise InputError(f"{subject}: it is of {len(pairs)} regions, and there are {len(names)} labels")
    positions = positions_of(f"{subject}: labels", names, regions.labels)
    return pairs[np.ix_(positions, positions)], ()


def with_mask(targets: Sequence[DataToFit], mask: Mask) -> list[DataToFit]:
    """Return data to fit whose functional connectivity lacks the pairs that a mask leaves out.

    Raises
    ------
    InputError
        If there is none, it is of other regions, or fewer than three of its pairs are left.
    """
    if not any(target.kind == FC for target in targets):
        raise InputError("mask: it is of functional connectivity, and there is none; give fc or series")
    return [_masked(target, mask) if target.kind == FC else target for target in targets]


def _masked(target: DataToFit, mask: Mask) -> DataToFit:
    n_node = len(target.values)
    if len(mask) != n_node:
        raise InputError(f"mask: it is of {len(mask)} regions, and target {target.name} has {n_node}")
    values = np.where(mask | np.eye(n_node, dtype=bool), target.values, np.nan)
    n_left = int(np.isfinite(values[np.tril_indices(n_node, -1)]).sum())
    if n_left < _FEWEST:
        raise InputError(
            f"mask: {n_left} pairs of target {target.name} are left, and {_FEWEST} are needed; {_MARKS}"
        )
    return replace(target, values=values)


def _pairs(subject: str, values: Floats) -> Mask:
    """Return pairs of regions that take part, of 0 and 1 of regions or of pairs."""
    size = " x ".join(map(str, values.shape)) or "a single"
    of_regions = values.ndim == 1 or (values.ndim == 2 and 1 in values.shape)
    if not of_regions and (values.ndim != 2 or values.shape[0] != values.shape[1]):
        raise InputError(f"{subject}: {size} numbers; give one a region, or a row and a column a region")
    wrong = np.argwhere(~np.isin(values, (0.0, 1.0)))
    if len(wrong):
        place = ", ".join(map(str, wrong[0]))
        raise InputError(f"{subject}: entry [{place}] is {values[tuple(wrong[0])]:g}; {_MARKS}")
    takes_part = values > 0
    if of_regions:
        row = takes_part.reshape(-1)
        return row[:, None] & row
    differing = np.argwhere(takes_part != takes_part.T)
    if len(differing):
        i, j = differing[0]
        raise InputError(f"{subject}: it is not symmetric: entries [{i}, {j}] and [{j}, {i}] differ")
    return takes_part


def _pairs_of_hemispheres(word: str, regions: Regions) -> Mask:
    """Return the pairs within the left hemisphere, the right or either, or those between them."""
    if regions.hemispheres is None:
        raise InputError(
            f"mask {word}: no connectome says in which hemisphere regions are (hemispheres.txt, 1 on the "
            "right); give a mask of regions"
        )
    right = np.asarray(regions.hemispheres) > 0
    same = right[:, None] == right
    words = {"left": same & ~right, "right": same & right, "within": same, "between": ~same}
    return np.asarray(words[word])

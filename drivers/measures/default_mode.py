"""The default mode network's share of the most active regions, or of those most correlated with a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .measure_settings import MeasureSettings

Floats = NDArray[np.float64]

# The published code counts regions by these numbers, whatever their labels say, and only ever 68 of them.
_PUBLISHED_REGIONS = (28, 29, 52, 53, 50, 51, 20, 21)
_PUBLISHED_SEED = 50
_PUBLISHED_NODES = 68


@dataclass(frozen=True)
class DefaultMode:
    """Indices of the default mode network's regions, and of its seed."""

    regions: tuple[int, ...]
    seed: int


def default_mode(
    labels: Sequence[str], n_node: int, settings: MeasureSettings, convention: str
) -> DefaultMode | None:
    """Find the network by the regions' labels; return None if a region of it is not among them.

    As published: by number, in any parcellation of 68 regions.
    """
    if convention == "published":
        return DefaultMode(_PUBLISHED_REGIONS, _PUBLISHED_SEED) if n_node == _PUBLISHED_NODES else None
    names = [str(label).lower() for label in labels]
    ends = [end.lower() for end in settings.default_mode]
    seeds = [i for i, name in enumerate(names) if name.endswith(settings.default_mode_seed.lower())]
    if len(seeds) != 1 or not all(any(name.endswith(end) for name in names) for end in ends):
        return None
    return DefaultMode(tuple(i for i, name in enumerate(names) if name.endswith(tuple(ends))), seeds[0])


def share_of_most_active(mean: Floats, network: DefaultMode, most: int) -> float:
    """Return the share of the network's regions among the `most` regions of the highest mean rate."""
    return _share(mean, network, most)


def share_of_most_correlated(matrix: Floats, network: DefaultMode, most: int, convention: str) -> float:
    """Return the share of the network's regions among the `most` regions that correlate most with its seed.

    The seed itself does not count (as published: it counts, so that the share is never 0).
    """
    scores = matrix[:, network.seed].copy()
    if convention == "standard":
        scores[network.seed] = -np.inf
    return _share(scores, network, most)


def _share(scores: Floats, network: DefaultMode, most: int) -> float:
    if np.isnan(scores).any() or most >= scores.size:
        return float("nan")
    largest = np.argpartition(scores, -most)[-most:]
    return float(np.isin(largest, network.regions).mean())

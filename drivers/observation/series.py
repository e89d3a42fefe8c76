"""Time series that are kept in place of the monitor's samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.support.attributes import Exposure


@dataclass(frozen=True, eq=False)
class Series:
    """Time series that are made of the samples while these come.

    Attributes
    ----------
    times : (time,) array of float64
        In ms.
    exposures : tuple of (name, unit, description)
        What the reduction calls them among its measures, (n_item, time, n_node) each.
    reduction : Reduction
    attributes : mapping
        What is added to the record of the run.
    if_lost : str
        What it may be due to that a series is not finite of a work item that did not diverge.
    """

    times: NDArray[np.float64]
    exposures: tuple[Exposure, ...]
    reduction: Reduction
    attributes: Mapping[str, Any] = field(default_factory=dict)
    if_lost: str = ""


def kept_series(result: LaneResult, names: Sequence[str]) -> Mapping[str, NDArray[Any]]:
    """Series of some work items by name: what the samples were reduced to, or these themselves."""
    return result.measures or {name: result.samples[:, k] for k, name in enumerate(names)}


def watched(results: Iterable[LaneResult], lost: list[int]) -> Iterator[LaneResult]:
    """Note the work items that did not diverge and have a series that is not finite."""
    for result in results:
        for k in np.flatnonzero(result.diverged_step < 0):
            if not all(np.isfinite(values[k]).all() for values in result.measures.values()):
                lost.append(int(result.items[k]))
        yield result

"""The reduction of samples, where a run keeps less than these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.kept_state import HAEMODYNAMICS

from .device_sink import OpenDeviceSink
from .lane_result import LaneResult
from .sink import OpenSink


@dataclass(frozen=True, eq=False)
class Reduction:
    """The reduction of a lane block's results, while it is simulated or as soon as that is done.

    Attributes
    ----------
    bytes_item : int
        What is kept of a work item.
    bytes_working : int
        What reducing takes on each thread.
    reduce : callable, optional
        Takes the result of a lane block with all its samples, on the thread that simulated it; what it
        returns holds no samples, and keeps the measures that are there already. Without it, samples are not
        held: the memory that a lane block takes does not depend on the duration.
    sinks : tuple of callables
        Each makes what is fed the samples of a lane block while it is simulated; what comes of them is in the
        result's measures.
    bytes_lane : int
        What the sinks take for each work item that is simulated at once.
    on_device : callable, optional
        On a device, this makes what takes the place of the sinks there, so that samples need not leave it.
    bytes_device : int
        What that takes of the device for each work item.
    bytes_state : int
        What is kept of the sinks' own states of a work item, if a run keeps them.
    of_items : callable, optional
        Takes work items that share a connectome, and gives their reduction, where it is their connectome's
        own; it takes as much memory as this one.
    """

    bytes_item: int
    bytes_working: int
    reduce: Callable[[LaneResult], LaneResult] | None = None
    sinks: tuple[OpenSink, ...] = ()
    bytes_lane: int = 0
    on_device: OpenDeviceSink | None = None
    bytes_device: int = 0
    bytes_state: int = 0
    of_items: Callable[[NDArray[np.int64]], Reduction] | None = None


def reduced(reduction: Reduction | None, result: LaneResult) -> LaneResult:
    """A lane block's result as it is kept."""
    if reduction is not None and reduction.reduce is not None:
        return reduction.reduce(result)
    if result.kept is None or HAEMODYNAMICS not in result.measures:
        return result
    measures = dict(result.measures)
    kept = replace(result.kept, haemodynamics=measures.pop(HAEMODYNAMICS))
    return replace(result, measures=measures, kept=kept)

"""What samples are reduced to, where a run keeps less than these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .lane_block import LaneResult


@dataclass(frozen=True, eq=False)
class Reduction:
    """How the results of a lane block become fewer as soon as they are there.

    Attributes
    ----------
    reduce : callable
        Called on the thread that simulated the lane block; what it returns holds no samples.
    bytes_item : int
        What is kept of a work item.
    bytes_working : int
        What reducing takes on each thread.
    """

    reduce: Callable[[LaneResult], LaneResult]
    bytes_item: int
    bytes_working: int

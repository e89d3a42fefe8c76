"""Sinks, the receivers of samples while a lane block is simulated, so that samples need not be stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]

# the step of divergence of a work item that does not diverge
NEVER = np.int64(2**62)


class Sink(Protocol):
    """Is fed the samples of one lane block, in their order, each once; it belongs to one thread."""

    def take(self, first: int, samples: Values) -> None:
        """Take some samples (exposure, time, node, lane), of which the first is number `first` of the run.

        Exposures are in the model's order, lanes are the work items of the lane block. How many come at once
        is the simulation's choice, and the array is overwritten afterwards: nothing of it may be kept without
        a copy. From the step on at which a work item diverged its samples are NaN.
        """

    def finish(self) -> Mapping[str, Values]:
        """Return the results by name: arrays whose first dimension is the lane block's items."""


# Makes the sink of a lane block from the indices of its work items.
OpenSink = Callable[[NDArray[np.int64]], Sink]


def feed(sinks: Sequence[Sink], first: int, samples: Values) -> None:
    """Give samples (exposure, time, node, lane) to every sink."""
    if samples.shape[1]:
        for sink in sinks:
            sink.take(first, samples)


def finished(sinks: Sequence[Sink]) -> dict[str, Values]:
    """Return the results of every sink."""
    return {name: values for sink in sinks for name, values in sink.finish().items()}


def lose(new: Values, first: int, window: int, diverged: NDArray[np.int64]) -> None:
    """Make the samples NaN that come after a work item diverged.

    Parameters
    ----------
    new : (time, exposure, node, lane) array
        Samples, from number `first` of the run on.
    window : int
        Steps of a sample.
    diverged : (lane,) array
        Step at which each work item diverged, or `NEVER`.
    """
    lost = np.maximum(diverged // window - first, 0)
    for lane in np.flatnonzero(lost < len(new)):
        new[lost[lane] :, ..., lane] = np.nan

"""The host's end of copies from a device: samples are stored, or fed to sinks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.sink import Sink, Values, feed, lose


@dataclass(frozen=True, eq=False)
class Landing:
    """Takes the samples of some lane blocks: stores them, feeds them to sinks, or both.

    Attributes
    ----------
    samples : (lane block, sample, exposure, node, lane) array
        No samples where they are not stored.
    items : list of arrays
        Work items of each lane block.
    sinks : list of lists
        What is fed their samples.
    first_sample : int
        Number of the first sample of the run.
    """

    samples: Values
    items: list[NDArray[np.int64]]
    sinks: list[list[Sink]]
    first_sample: int = 0

    def take(self, begin: int, samples: Values, window: int, diverged: Values) -> None:
        """Take the samples of a launch, of which the first is number `begin`."""
        n_sample, at = samples.shape[1], begin - self.first_sample
        if self.samples.shape[1]:
            self.samples[:, at : at + n_sample] = samples
        for block, sinks in enumerate(self.sinks):
            new = samples[block, ..., : len(self.items[block])]
            if sinks:
                lose(new, begin, window, diverged[block, : new.shape[-1]])
                feed(sinks, at, new.swapaxes(0, 1))

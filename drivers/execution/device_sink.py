"""Sinks that take samples on a device, so that these need not leave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .device import Buffer, Device


@dataclass(frozen=True, eq=False)
class DeviceRoom:
    """Some lane blocks that are on a device together, and the memory that they may take there.

    Attributes
    ----------
    n_block, lanes : int
        Lane blocks, and work items of each.
    items : (n_block * lanes,) array of int64
        Indices of these work items, of which some are there twice to fill the last lane block.
    dtype : str
        Precision of samples.
    put : callable
        Takes an array, and gives a buffer that holds it until the lane blocks are done.
    """

    device: Device
    n_block: int
    lanes: int
    items: NDArray[np.int64]
    dtype: str
    put: Callable[[NDArray[Any]], Buffer]

    def get(self, buffer: Buffer, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Return a buffer's values, copied to the host."""
        values = np.empty(tuple(shape), dtype)
        self.device.fetch(buffer, values).wait()
        return values


class DeviceSink(Protocol):
    """Is given the output of each launch while that is on the device."""

    def take(self, output: Buffer, n_sample: int) -> None:
        """Launch what takes samples (lane block, sample, exposure, node, lane) over, the next ones of a run.

        The buffer is written to again by the launch after the next one.
        """

    def finish(self, n_item: Sequence[int], lost: NDArray[np.int64]) -> Sequence[Mapping[str, NDArray[Any]]]:
        """Return the results of each lane block, which has `n_item` work items, as `Sink` gives them.

        From sample number `lost` (lane block, lane) on, a work item had diverged.
        """


OpenDeviceSink = Callable[[DeviceRoom], DeviceSink]

"""Lane blocks that are on a device together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.device import Device, Kernel
from rateloom.drivers.execution.sink import Values
from rateloom.drivers.model.artifact import CUDA
from rateloom.drivers.model.kernel_signature import ordered_arguments
from rateloom.drivers.planning.kept_state import KeptState

from .device_plan import GroupPlan


@dataclass(frozen=True, eq=False)
class Chunk:
    """Lane blocks that are on the device at once.

    Attributes
    ----------
    items : (n,) array of int64
        Work items; where they do not fill the last lane block, `filled` repeats the first ones.
    kernels : mapping of str to kernel
        Without the model's name.
    """

    plan: Plan
    group: GroupPlan
    device: Device
    kernels: Mapping[str, Kernel]
    items: NDArray[np.int64]
    filled: NDArray[np.int64]

    @property
    def continued(self) -> KeptState | None:
        """The state that every lane goes on from, if the run goes on with another."""
        kept = self.plan.study.continued
        return None if kept is None else kept.of(self.filled)

    @property
    def n_block(self) -> int:
        """Number of lane blocks."""
        return len(self.filled) // self.group.shape.lanes

    def launch(self, kernel: str, /, **values: Any) -> None:
        """Run one of the model's kernels on every lane block, with arguments by name."""
        shape = self.group.shape
        threads = (shape.lanes, shape.groups)
        arguments = ordered_arguments(self.plan.study.code.signatures[CUDA][kernel], values)
        self.device.launch(self.kernels[kernel], self.n_block, threads, arguments, shape.shared)


def by_block(values: Values, lanes: int) -> Values:
    """Arrays (..., item) as (lane block, ..., lane)."""
    # counted, as -1 would not be where there is nothing
    n_block = values.shape[-1] // lanes
    return np.ascontiguousarray(np.moveaxis(values.reshape(*values.shape[:-1], n_block, lanes), -2, 0))

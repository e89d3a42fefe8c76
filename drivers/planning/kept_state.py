"""The state in which a run ends: all that the steps after it depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class KeptState:
    """The state in which some work items ended, in no order of lanes, blocks or a ring.

    Attributes
    ----------
    step : int
        Number of steps that were done.
    states : (n_item, state_row, n_node) array
        Rows of the kernels' array of states: what rounding left of a step is among them.
    history : (n_item, factor, n_back, n_node) array
        What couplings read of the last state and of those before it, backwards.
    sums : (n_item, sum_row, n_node) array
        Sums over the window that has not ended.
    diverged_step : (n_item,) array of int64
        Step at which each diverged, or -1.
    scales : (n_item, factor, 2) array, optional
        Of a history in half precision: what it is multiplied by, and the inverse.
    """

    step: int
    states: NDArray[np.floating]
    history: NDArray[Any]
    sums: NDArray[np.floating]
    diverged_step: NDArray[np.int64]
    scales: NDArray[np.floating] | None = None

    def of(self, items: NDArray[np.int64] | Sequence[int]) -> KeptState:
        """The state of some of the work items, in their order."""
        scales = None if self.scales is None else self.scales[items]
        arrays = (self.states[items], self.history[items], self.sums[items], self.diverged_step[items])
        return KeptState(self.step, *arrays, scales)

"""The state in which a run ends: all that the steps after it depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

HAEMODYNAMICS = "haemodynamics"
"""The name of a part of a `KeptState`, and of what makes BOLD signals gives for it beside these."""


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
    haemodynamics : (n_item, row, n_node) array of float64, optional
        Rows of states of the haemodynamic model, where BOLD signals are made; all NaN in a node whose signal
        was not finite.
    """

    step: int
    states: NDArray[np.floating]
    history: NDArray[Any]
    sums: NDArray[np.floating]
    diverged_step: NDArray[np.int64]
    scales: NDArray[np.floating] | None = None
    haemodynamics: NDArray[np.float64] | None = None

    def of(self, items: NDArray[np.int64] | Sequence[int]) -> KeptState:
        """The state of some of the work items, in their order."""
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "step"}
        return replace(self, **{name: part[items] for name, part in parts.items() if part is not None})


def check_sizes(kept: KeptState, expected: Mapping[str, tuple[int, ...] | None]) -> None:
    """Check some parts of a state to go on from.

    Parameters
    ----------
    expected : mapping of str to shape, or None
        Of each of these parts; None where it is not to be there.

    Raises
    ------
    InputError
        If one has another shape.
    """
    for part, shape in expected.items():
        array = getattr(kept, part)
        if (None if array is None else array.shape) != shape:
            raise InputError(
                f"the state to go on from has other sizes than this run ({part}): take the whole result, as "
                "it was made"
            )

"""The states in which work items ended, as coordinates of their result, whose names have a dot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.kept_state import HAEMODYNAMICS, KeptState

FINAL_STEP = "final_step"
"""The attribute that says how many steps were done."""
# parts of a `KeptState`, their dimensions after the sweep's, and what they are
_PARTS = {
    "states": (("final.state_row", "node"), "states after the last step, and what rounding left of it"),
    "history": (
        ("final.factor", "final.back", "node"),
        "what couplings read of the last state and of those before it, backwards",
    ),
    "sums": (("final.sum_row", "node"), "sums over the window that has not ended"),
    "scales": (("final.factor", "final.scale"), "scales of a history in half precision, and their inverses"),
    HAEMODYNAMICS: (("final.haemodynamic_row", "node"), "states of the haemodynamic model, as those above"),
}
_DIVERGED = "diverged_step"
_OPTIONAL = {"scales", HAEMODYNAMICS}


@dataclass(frozen=True, eq=False)
class FinalStates:
    """The states of all work items of a grid, which come a lane block at a time.

    Attributes
    ----------
    n_back : int
        How many states back the longest history reaches, the last one included.
    parts : dict of str to (n_item, ...) array
        Those that have come so far.
    """

    grid: Grid
    n_back: int
    parts: dict[str, NDArray[Any]] = field(default_factory=dict)

    def take(self, result: LaneResult) -> None:
        """Take the states of a lane block, if it kept them."""
        if result.kept is None:
            return
        for name in _PARTS:
            values = getattr(result.kept, name)
            if values is None:
                continue
            shape = values.shape[1:]
            if name == "history":
                shape = (shape[0], self.n_back, *shape[2:])
            if name not in self.parts:
                self.parts[name] = np.zeros((self.grid.n_item, *shape), values.dtype)
            # a higher speed has shorter delays
            if name == "history":
                self.parts[name][result.items, :, : values.shape[2]] = values
            else:
                self.parts[name][result.items] = values

    @property
    def variables(self) -> dict[str, xr.Variable]:
        """Coordinates of the result that hold them."""
        grid = self.grid
        return {
            f"final.{name}": xr.Variable(
                (*grid.names, *_PARTS[name][0]),
                values.reshape(*grid.shape, *values.shape[1:]),
                {"description": _PARTS[name][1]},
            )
            for name, values in self.parts.items()
        }


def final_state(result: xr.Dataset, grid: Grid) -> KeptState | None:
    """The states in which the work items of a result ended, if the result holds them.

    Parameters
    ----------
    grid : Grid
        That of the result.
    """
    wanted = {part: (*grid.names, *dims) for part, (dims, _) in _PARTS.items()}
    arrays = {part: result.get(f"final.{part}") for part in wanted}
    arrays |= {_DIVERGED: result.get(_DIVERGED)}
    wanted[_DIVERGED] = grid.names
    step, there = result.attrs.get(FINAL_STEP), {k: a for k, a in arrays.items() if a is not None}
    is_whole = all(sorted(map(str, array.dims)) == sorted(wanted[part]) for part, array in there.items())
    if not isinstance(step, int | np.integer) or wanted.keys() - _OPTIONAL - there.keys() or not is_whole:
        return None
    values: dict[str, Any] = {}
    for part, array in there.items():
        by_axis = array.transpose(*wanted[part]).values
        values[part] = by_axis.reshape(grid.n_item, *by_axis.shape[len(grid.names) :])
    return KeptState(step=int(step), **values)

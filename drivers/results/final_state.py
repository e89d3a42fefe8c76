"""The state in which a run ended, as coordinates of its result: their names have a dot, as no exposure's."""

from __future__ import annotations

from typing import Any

import xarray as xr

from rateloom.drivers.planning.kept_state import HAEMODYNAMICS, KeptState

FINAL_STEP = "final_step"
"""The attribute that says how many steps were done."""
# parts of a `KeptState`, their dimensions, and what they are
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
_OPTIONAL = {"scales", HAEMODYNAMICS}


def final_variables(kept: KeptState | None) -> dict[str, xr.Variable]:
    """Coordinates that hold the state in which the only work item ended, if it is kept."""
    if kept is None:
        return {}
    return {
        f"final.{part}": xr.Variable(dims, getattr(kept, part)[0], {"description": description})
        for part, (dims, description) in _PARTS.items()
        if getattr(kept, part) is not None
    }


def final_state(result: xr.Dataset) -> KeptState | None:
    """The state in which the only work item of a result ended, if the result holds it."""
    arrays = {part: result.get(f"final.{part}") for part in _PARTS}
    needed = arrays.keys() - _OPTIONAL
    step = result.attrs.get(FINAL_STEP)
    if step is None or any(arrays[part] is None for part in needed):
        return None
    values: dict[str, Any] = {
        part: array.transpose(*_PARTS[part][0]).values[None]
        for part, array in arrays.items()
        if array is not None
    }
    return KeptState(step=int(step), diverged_step=result["diverged_step"].values.reshape(1), **values)

"""How far two results are apart, variable by variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .scenario import Array

# Largest difference of one step from the same states, as a share of the variable's largest value. A step
# rounds a hundred operations, in single precision by 6e-8 each.
ONE_STEP = {"float64": 1e-12, "float32": 1e-5}
# Mean squared error of a whole run, of series divided by the variable's largest value.
FREE_RUN = 1e-9


@dataclass(frozen=True)
class Difference:
    """One variable on two targets.

    Attributes
    ----------
    absolute, relative : float
        Largest difference in a free run, and the same as a share of the variable's largest value.
    mean_squared : float
        Of the free run, as a share of the square of that value.
    correlation : float
        Of the series about their means, all together; NaN where nothing varies.
    first_beyond : int or None
        The first step of the free run whose difference is beyond the root of the tolerance.
    step_relative : float
        Largest difference in steps that start from the oracle's states, as such a share.
    step_first_beyond : int or None
        The first of these steps that is beyond its tolerance.
    """

    targets: tuple[str, str]
    variable: str
    absolute: float
    relative: float
    mean_squared: float
    correlation: float
    first_beyond: int | None
    step_relative: float
    step_first_beyond: int | None
    within: bool


def differences(
    targets: tuple[str, str],
    free: tuple[Mapping[str, Array], Mapping[str, Array]],
    stepped: tuple[Mapping[str, Array], Mapping[str, Array]],
    scales: Mapping[str, float],
    dtype: str,
) -> list[Difference]:
    """Compare the results of two targets.

    Parameters
    ----------
    free : two mappings of str to array (work item, time, node)
    stepped : two mappings of str to array (time, node)
    scales : mapping of str to float
        The largest value of each variable.
    dtype : {"float32", "float64"}
        The precision that differences are judged by.
    """
    found = []
    for variable, scale in scales.items():
        ours, theirs = free[0][variable], free[1][variable]
        apart = _apart(ours, theirs)
        share = apart / scale
        mean_squared = float(np.mean(share**2))
        step_share = _apart(stepped[0][variable], stepped[1][variable]).max(axis=1) / scale
        step_relative = float(step_share.max())
        found.append(
            Difference(
                targets=targets,
                variable=variable,
                absolute=float(apart.max()),
                relative=float(share.max()),
                mean_squared=mean_squared,
                correlation=correlation(ours, theirs),
                first_beyond=_first(share.max(axis=(0, 2)) > np.sqrt(FREE_RUN)),
                step_relative=step_relative,
                step_first_beyond=_first(step_share > ONE_STEP[dtype]),
                within=mean_squared <= FREE_RUN and step_relative <= ONE_STEP[dtype],
            )
        )
    return found


def scales_of(reference: Mapping[str, Array]) -> dict[str, float]:
    """The largest value of each variable, or one where all are zero."""
    return {name: float(np.abs(values).max()) or 1.0 for name, values in reference.items()}


def correlation(a: Array, b: Array) -> float:
    """Correlation of series (work item, time, node), each about its own mean over time."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan")
    da, db = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    spread = float(np.sqrt((da**2).sum()) * np.sqrt((db**2).sum()))
    return float((da * db).sum()) / spread if spread else float("nan")


def _apart(a: Array, b: Array) -> Array:
    """Distances; what is not finite on one side is infinitely far from anything."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(a - b), nan=np.inf, posinf=np.inf)


def _first(beyond: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(beyond)) if beyond.any() else None

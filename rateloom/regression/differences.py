"""The differences between two results, variable by variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .scenario import Array

# Tolerance of one step from the same states, as a share of the variable's largest value. A step rounds a
# hundred operations, in single precision by 6e-8 each.
ONE_STEP = {"float64": 1e-12, "float32": 1e-5}
# Tolerance of a whole run: the mean squared error of series divided by the variable's largest value.
FREE_RUN = 1e-9


@dataclass(frozen=True)
class Difference:
    """The difference of one variable between two targets.

    Attributes
    ----------
    absolute, relative : float
        Largest difference in a free run, in the variable's unit and as a share of its largest value.
    mean_squared : float
        Mean squared difference in the free run, as a share of the square of that value.
    correlation : float
        Correlation of all series about their means; NaN if they are constant.
    first_beyond : int or None
        The first step of the free run whose difference is beyond the root of the tolerance.
    step_relative : float
        Largest difference in steps that start from the oracle's states, as a share of that value.
    step_first_beyond : int or None
        The first of these steps whose difference is beyond its tolerance.
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
        The precision, which decides the tolerance.
    """
    comparisons = []
    for variable, scale in scales.items():
        first, second = free[0][variable], free[1][variable]
        apart = _apart(first, second)
        share = apart / scale
        mean_squared = float(np.mean(share**2))
        step_share = _apart(stepped[0][variable], stepped[1][variable]).max(axis=1) / scale
        step_relative = float(step_share.max())
        comparisons.append(
            Difference(
                targets=targets,
                variable=variable,
                absolute=float(apart.max()),
                relative=float(share.max()),
                mean_squared=mean_squared,
                correlation=correlation(first, second),
                first_beyond=_first(share.max(axis=(0, 2)) > np.sqrt(FREE_RUN)),
                step_relative=step_relative,
                step_first_beyond=_first(step_share > ONE_STEP[dtype]),
                within=mean_squared <= FREE_RUN and step_relative <= ONE_STEP[dtype],
            )
        )
    return comparisons


def turned(
    series: Mapping[str, Array], reference: Mapping[str, Array], periods: Mapping[str, float]
) -> dict[str, Array]:
    """Give angles the whole turns that bring them next to the reference's: a turn is no difference."""
    return {
        name: values + periods[name] * np.round((reference[name] - values) / periods[name])
        if name in periods
        else values
        for name, values in series.items()
    }


def scales_of(reference: Mapping[str, Array]) -> dict[str, float]:
    """Return the largest absolute value of each variable, or one if all are zero."""
    return {name: float(np.abs(values).max()) or 1.0 for name, values in reference.items()}


def correlation(a: Array, b: Array) -> float:
    """Return the correlation of series (work item, time, node), each about its own mean over time."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan")
    da, db = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    spread = float(np.sqrt((da**2).sum()) * np.sqrt((db**2).sum()))
    return float((da * db).sum()) / spread if spread else float("nan")


def _apart(a: Array, b: Array) -> Array:
    """Return distances; a value that is not finite is infinitely far from any other."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(a - b), nan=np.inf, posinf=np.inf)


def _first(beyond: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(beyond)) if beyond.any() else None

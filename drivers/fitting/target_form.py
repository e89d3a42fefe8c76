"""Forms in which people keep correlations: a triangle of a matrix, Fisher's z, pairs without a value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.table import Floats

_Indices = NDArray[np.intp]
SCALES = ("correlation", "fisher-z")
TRIANGLES = ("upper", "lower")


@dataclass(frozen=True)
class TargetForm:
    """The form of data to fit.

    Parameters
    ----------
    labels : sequence of str, optional
        Names of their regions.
    scale : {"correlation", "fisher-z"}
        Whether values are correlations, or Fisher's z of them, which is artanh(r).
    triangle : {"upper", "lower"}, optional
        Where functional connectivity is one row of values: whether they are the rows of the upper triangle
        (SciPy's and MATLAB's ``squareform``) or of the lower (nilearn, ``FC(triu(true(n), 1))`` of MATLAB).

    Raises
    ------
    InputError
        If there is no such scale or triangle.
    """

    labels: Sequence[str] | None = None
    scale: str = "correlation"
    triangle: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.scale, str) or self.scale not in SCALES:
            raise InputError(
                f"scale={shown(self.scale)} of targets is unknown; use one of {', '.join(SCALES)}"
            )
        if self.triangle is not None and self.triangle not in TRIANGLES:
            raise InputError(f"triangle={shown(self.triangle)} is unknown; use one of {', '.join(TRIANGLES)}")


def correlations(values: Floats, form: TargetForm) -> Floats:
    """Return correlations of values on a form's scale; tanh(inf) is 1."""
    return np.tanh(values) if form.scale == "fisher-z" else values


def as_matrix(name: str, values: Floats, form: TargetForm) -> tuple[Floats, tuple[SettingsWarning, ...]]:
    """Return functional connectivity as a matrix, from a matrix or a triangle of one in a row or a column.

    n (n - 1) / 2 values are a triangle without the diagonal, n (n + 1) / 2 one with it, if the values where
    the diagonal would be are 1 or none.

    Raises
    ------
    InputError
        If a row has neither number of values.
    """
    if values.ndim == 2 and 1 not in values.shape:
        return values, ()
    row = values.reshape(-1)
    n_node = (1 + math.isqrt(1 + 8 * row.size)) // 2
    if n_node * (n_node - 1) // 2 != row.size or n_node < 3:
        raise InputError(
            f"target {name}: a row of {row.size} values is no triangle of a matrix, which has n(n-1)/2 or "
            "n(n+1)/2; give the matrix"
        )
    # a triangle of n regions without its diagonal has as many values as one of n - 1 regions with it
    with_diagonal = [order for order in TRIANGLES if _has_diagonal(row, n_node - 1, order)]
    if form.triangle is not None:
        order, chosen = form.triangle, True
    else:
        order, chosen = (with_diagonal or TRIANGLES)[0], len(with_diagonal) == 1
    size, offset = (n_node - 1, 0) if order in with_diagonal else (n_node, 1)
    warnings: tuple[SettingsWarning, ...] = ()
    if not chosen:
        warnings = (
            SettingsWarning(
                f"target {name}: {row.size} values are taken as the rows of the upper triangle of {size} x "
                f"{size} (squareform's order); --target-triangle lower (triangle=) takes the lower's"
            ),
        )
    matrix = np.ones((size, size))
    first, second = _triangle(size, offset, order)
    matrix[first, second] = matrix[second, first] = row
    return matrix, warnings


def warnings_of_holes(name: str, values: Floats) -> tuple[SettingsWarning, ...]:
    """Return a warning that says how many pairs, or values, are left out of comparisons."""
    square = values.ndim == 2 and values.shape[0] == values.shape[1]
    pairs = values[np.tril_indices(len(values), -1)] if square else values
    count = int(np.isnan(pairs).sum())
    if not count:
        return ()
    unit = "pairs" if square else "values"
    return (
        SettingsWarning(f"target {name}: {count} of {pairs.size} {unit} are NaN: left out of comparisons"),
    )


def _has_diagonal(row: Floats, n_node: int, order: str) -> bool:
    first, second = _triangle(n_node, 0, order)
    diagonal = row[first == second]
    return bool(np.all((np.abs(diagonal - 1) < 1e-6) | ~np.isfinite(diagonal)))


def _triangle(n_node: int, offset: int, order: str) -> tuple[_Indices, _Indices]:
    return np.triu_indices(n_node, offset) if order == "upper" else np.tril_indices(n_node, -offset)

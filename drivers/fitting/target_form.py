"""Forms in which people keep correlations: a triangle of a matrix, Fisher's z, pairs without a value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.arguments import texts
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.tables.table import Floats

from .given_data import DataSource

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
    censor : path, array, list of paths, or mapping of names to these, optional
        The volumes of time series that are left out.
    mask : path, array or str, optional
        The regions or pairs that functional connectivity is compared over; see `rateloom.targets`.

    Raises
    ------
    InputError
        If labels are no list of texts, or there is no such scale or triangle.
    """

    labels: Sequence[str] | None = None
    scale: str = "correlation"
    triangle: str | None = None
    censor: DataSource = None
    mask: DataSource = None

    def __post_init__(self) -> None:
        if self.labels is not None:
            object.__setattr__(self, "labels", texts("labels", self.labels, "names of regions"))
        if not isinstance(self.scale, str) or self.scale not in SCALES:
            raise InputError(
                f"scale={shown(self.scale)} of targets is unknown; use one of {', '.join(SCALES)}"
            )
        named = isinstance(self.triangle, str) and self.triangle in TRIANGLES
        if self.triangle is not None and not named:
            raise InputError(f"triangle={shown(self.triangle)} is unknown; use one of {', '.join(TRIANGLES)}")


def correlations(values: Floats, form: TargetForm) -> Floats:
    """Return correlations of values on a form's scale; tanh(inf) is 1."""
    return np.tanh(values) if form.scale == "fisher-z" else values


def as_matrix(
    name: str, values: Floats, form: TargetForm, count: int | None = None
) -> tuple[Floats, tuple[SettingsWarning, ...]]:
    """Return functional connectivity as a matrix, from a matrix or a triangle of one in a row or a column.

    Parameters
    ----------
    count : int, optional
        Number of regions. Where it is not known, n (n + 1) / 2 values are a triangle with its diagonal if
        the values where that would be are 1 or none; else they are n (n - 1) / 2 values without it.

    Raises
    ------
    InputError
        If a row has neither number of values.
    """
    if values.ndim == 0 or (values.ndim == 2 and 1 not in values.shape):
        return values, ()
    row = values.reshape(-1)
    # a triangle of n regions without its diagonal has as many values as one of n - 1 regions with it
    n_node = (1 + math.isqrt(1 + 8 * row.size)) // 2
    sizes = (n_node, n_node - 1)
    if n_node * (n_node - 1) // 2 != row.size or n_node < 3 or (count is not None and count not in sizes):
        whole = "of a matrix" if count is None else f"of {count} x {count} numbers"
        raise InputError(
            f"target {name}: {row.size} numbers are no triangle {whole}, which has n(n-1)/2 or n(n+1)/2; "
            "give the matrix"
        )
    orders = TRIANGLES if form.triangle is None else (form.triangle,)
    ones = [order for order in orders if _has_ones(row, n_node - 1, order)]
    if count == n_node or (count is None and not ones):
        order, size, offset, clear = orders[0], n_node, 1, len(orders) == 1
    else:
        order, size, offset, clear = (*ones, *orders)[0], n_node - 1, 0, 1 in (len(ones), len(orders))
    matrix = np.ones((size, size))
    first, second = _triangle(size, offset, order)
    matrix[first, second] = matrix[second, first] = row
    if clear:
        return matrix, ()
    text = f"{row.size} values are taken as the rows of the upper triangle of {size} x {size}"
    hint = "(squareform's order); --target-triangle lower (triangle=) takes the lower's"
    return matrix, (SettingsWarning(f"target {name}: {text} {hint}"),)


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


def _has_ones(row: Floats, n_node: int, order: str) -> bool:
    first, second = _triangle(n_node, 0, order)
    diagonal = row[first == second]
    return bool(np.all((np.abs(diagonal - 1) < 1e-6) | ~np.isfinite(diagonal)))


def _triangle(n_node: int, offset: int, order: str) -> tuple[_Indices, _Indices]:
    return np.triu_indices(n_node, offset) if order == "upper" else np.tril_indices(n_node, -offset)

"""Kuramoto's order parameter: how close to one another the phases of all regions are.

Kuramoto 1984, doi 10.1007/978-3-642-69689-3, and, of its standard deviation over time, which is called
metastability, Shanahan 2010, doi 10.1063/1.3305451.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import SUMMED, kernel

Floats = NDArray[np.float64]
_NAN = float("nan")


def order_of_angles(values: NDArray[Any], period: float) -> dict[str, float]:
    """Return order parameter and metastability of angles (node, time) whose turn is `period`."""
    phases = np.asarray(values, np.float64) * (2.0 * np.pi / period)
    return _order(np.hypot(np.cos(phases).mean(axis=0), np.sin(phases).mean(axis=0)))


def order_of_signals(
    real: NDArray[Any], imaginary: NDArray[Any], varies: NDArray[np.bool_]
) -> dict[str, float]:
    """Return order parameter and metastability of the phases of analytic signals (node, time).

    Regions that do not vary have no phase and are left out; NaN if that leaves none.
    """
    if not varies.any():
        return _order(np.empty(0))
    return _order(_lengths(real, imaginary, varies))


def _order(lengths: Floats) -> dict[str, float]:
    """Return mean and deviation over time of the lengths of the mean of all regions' unit vectors."""
    if not lengths.size:
        return {"kuramoto_order": _NAN, "metastability": _NAN}
    return {"kuramoto_order": float(lengths.mean()), "metastability": float(lengths.std())}


@kernel(SUMMED)
def _lengths(real, imaginary, varies):  # type: ignore[no-untyped-def]
    n_node, n_time = real.shape
    x, y = np.zeros(n_time), np.zeros(n_time)
    for i in range(n_node):
        if not varies[i]:
            continue
        for t in range(n_time):
            u, v = np.float64(real[i, t]), np.float64(imaginary[i, t])
            size = np.sqrt(u * u + v * v)
            # the angle of nothing is 0, as NumPy has it
            x[t] += u / size if size > 0.0 else 1.0
            y[t] += v / size if size > 0.0 else 0.0
    return np.sqrt(x * x + y * y) / varies.sum()

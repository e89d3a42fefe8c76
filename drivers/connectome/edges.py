"""A connectome's edges in the kernels' order: by receiving node, without zero weights, delays in steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

from .connectome import Connectome

# Kernels index history with 32-bit signed integers.
MAX_DELAY = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges in compressed sparse row order.

    Parameters
    ----------
    row : (n_node + 1,) array of int64
        The edges into node i are ``row[i]`` to ``row[i + 1]``, by rising source node.
    source : (n_edge,) array of int64
        Source node of each edge.
    weight : (n_edge,) array of float64
        Weight of each edge, never zero.
    delay : (n_edge,) array of int64
        Delay of each edge in integration steps.
    """

    row: NDArray[np.int64]
    source: NDArray[np.int64]
    weight: NDArray[np.float64]
    delay: NDArray[np.int64]


def edges_of(connectome: Connectome, speed: float, dt: float) -> Edges:
    """Return the edges of a connectome at one conduction speed.

    A delay is ``rint((length / speed) / dt)`` steps, divided in that order, in float64.

    Parameters
    ----------
    connectome : Connectome
        Its edges are the weights other than zero.
    speed : float
        Conduction speed in mm/ms; infinite for no delays.
    dt : float
        Integration step in ms.

    Raises
    ------
    InputError
        If `speed` or `dt` is not above zero, or a delay has too many steps to count.
    """
    if not speed > 0:
        raise InputError(f"speed={speed:g} mm/ms: it must be above zero (inf for no delays)")
    if not (dt > 0 and np.isfinite(dt)):
        raise InputError(f"dt={dt:g} ms: it must be above zero and finite")
    receiver, source = np.nonzero(connectome.weights)
    with np.errstate(over="ignore"):
        steps = np.rint((connectome.tract_lengths[receiver, source] / speed) / dt)
    longest = float(steps.max(initial=0.0))
    if longest > MAX_DELAY:
        raise InputError(
            f"speed={speed:g} mm/ms and dt={dt:g} ms make a delay of {longest:.3g} steps; "
            f"at most {MAX_DELAY} are possible: raise one of them"
        )
    row = np.zeros(connectome.n_node + 1, dtype=np.int64)
    np.cumsum(np.bincount(receiver, minlength=connectome.n_node), out=row[1:])
    weight = connectome.weights[receiver, source]
    return Edges(row, source.astype(np.int64), weight, steps.astype(np.int64))

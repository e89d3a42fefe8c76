"""Edges and delays at one speed, in the form that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .connectome import Connectome
from .edges import edges_of
from .settings import BLOCKS

# more steps at once gain little: a node's sums leave the processor's registers
_LONGEST_BLOCK = 16


@dataclass(frozen=True, eq=False)
class Wiring:
    """A connectome at one speed.

    Attributes
    ----------
    row : (n_node + 1,), source, delay : (n_edge,) arrays of int64
        Edges by target node; delays in steps.
    weight : (n_edge,), self_weight, weight_sum : (n_node,) arrays
        In the working precision. An undelayed edge from a node to itself stands in `self_weight` where it
        would otherwise keep a block short; `weight_sum` counts all edges.
    block : int
        Steps that a node can be advanced at once: no other node's state of the same block is needed.
    horizon : int
        Slots of the history's ring.
    longest_delay : int
        In steps.
    """

    row: NDArray[np.int64]
    source: NDArray[np.int64]
    delay: NDArray[np.int64]
    weight: NDArray[np.floating]
    self_weight: NDArray[np.floating]
    weight_sum: NDArray[np.floating]
    block: int
    horizon: int
    longest_delay: int


def wire(
    connectome: Connectome, speed: float, dt: float, dtype: str, instant: bool, block: int | None = None
) -> Wiring:
    """Lay out a connectome for the kernels.

    Parameters
    ----------
    instant : bool
        Whether a coupling of the model ignores delays: then a block is a single step.
    block : int, optional
        The longest block wanted.

    Raises
    ------
    InputError
        If the speed or a delay cannot be used.
    """
    edges = edges_of(connectome, speed, dt)
    target = np.repeat(np.arange(connectome.n_node), np.diff(edges.row))
    own = (edges.source == target) & (edges.delay == 0) & (not instant)
    self_weight = np.zeros(connectome.n_node)
    self_weight[target[own]] = edges.weight[own]
    kept = ~own
    wanted = block or _LONGEST_BLOCK
    shortest = 0 if instant else int(edges.delay[kept].min(initial=wanted))
    steps = max(b for b in BLOCKS if b <= min(shortest + 1, wanted))
    longest = int(edges.delay.max(initial=0))
    row = np.zeros(connectome.n_node + 1, np.int64)
    np.cumsum(np.bincount(target[kept], minlength=connectome.n_node), out=row[1:])
    return Wiring(
        row=row,
        source=edges.source[kept],
        delay=edges.delay[kept],
        weight=edges.weight[kept].astype(dtype),
        self_weight=self_weight.astype(dtype),
        weight_sum=connectome.weights.sum(axis=1).astype(dtype),
        block=steps,
        horizon=longest + steps + 1,
        longest_delay=longest,
    )

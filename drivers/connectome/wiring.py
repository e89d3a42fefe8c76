"""Edges and delays at one speed, in the form that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .connectome import Connectome
from .edges import edges_of

# numbers of steps that a node may be advanced at once
BLOCKS = (1, 2, 4, 8, 16, 32)
# the share of short edges up to which they are kept apart: a step's sum over them takes longer
_FEW = 0.25
# more steps at once gain little: a node's sums leave the processor's registers
_LONGEST_BLOCK = 16


@dataclass(frozen=True, eq=False)
class Wiring:
    """A connectome at one speed.

    Attributes
    ----------
    parts : (n_part, n_node + 1) array of int64
        The edges of part k into node i are those from ``parts[k, i]`` to ``parts[k, i + 1]``. The last part
        are those that are too short for a block; of the others there is one part, or several, each from one
        tile of sources (`rateloom.drivers.connectome.tiles`).
    source, delay : (n_edge,) arrays of int64
        By part, target and source; delays in steps.
    weight : (n_edge,), self_weight, weight_sum : (n_node,) arrays
        In the working precision. An undelayed edge from a node to itself stands in `self_weight` where it
        would otherwise keep a block short; `weight_sum` counts all edges.
    block : int
        Steps that a node can be advanced at once: no other node's state of the same block is needed, but for
        the sources of short edges.
    stride : int
        Steps that nodes can be advanced at once that short edges leave from or lead to; `block` if there are
        none.
    horizon : int
        Slots of the history's ring.
    longest_delay : int
        In steps.
    """

    parts: NDArray[np.int64]
    source: NDArray[np.int64]
    delay: NDArray[np.int64]
    weight: NDArray[np.floating]
    self_weight: NDArray[np.floating]
    weight_sum: NDArray[np.floating]
    block: int
    stride: int
    horizon: int
    longest_delay: int

    @property
    def n_node(self) -> int:
        """Number of nodes."""
        return int(self.parts.shape[1]) - 1


def wire(
    connectome: Connectome,
    speed: float,
    dt: float,
    dtype: str,
    instant: bool,
    block: int | None = None,
    split: bool = False,
) -> Wiring:
    """Lay out a connectome for the kernels.

    Parameters
    ----------
    instant : bool
        Whether a coupling of the model ignores delays: then a block is a single step.
    block : int, optional
        The longest block wanted.
    split : bool
        Whether a few short edges may be kept apart, rather than make all blocks short.

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
    target, source, delay, weight = (
        values[kept] for values in (target, edges.source, edges.delay, edges.weight)
    )
    stride = _block(0 if instant else int(delay.min(initial=wanted)), wanted)
    may_split = split and not instant and np.count_nonzero(delay < wanted - 1) <= _FEW * delay.size
    steps = _block(wanted, wanted) if may_split else stride
    short = delay < steps - 1
    order = np.lexsort((source, target, short))
    longest = int(edges.delay.max(initial=0))
    return Wiring(
        parts=starts_of(short * connectome.n_node + target, 2, connectome.n_node),
        source=source[order],
        delay=delay[order],
        weight=weight[order].astype(dtype),
        self_weight=self_weight.astype(dtype),
        weight_sum=connectome.weights.sum(axis=1).astype(dtype),
        block=steps,
        stride=min(stride, steps),
        horizon=longest + steps + 1,
        longest_delay=longest,
    )


def starts_of(place: NDArray[np.int64], n_part: int, n_node: int) -> NDArray[np.int64]:
    """Where the edges of each part into each node begin and end, (n_part, n_node + 1).

    Parameters
    ----------
    place : (n_edge,) array of int64
        Part x n_node + target.
    """
    ends = np.cumsum(np.bincount(place, minlength=n_part * n_node)).reshape(n_part, n_node)
    return np.column_stack([np.concatenate([[0], ends[:-1, -1]]), ends])


def visits_of(wiring: Wiring, width: int) -> NDArray[np.int64]:
    """In which order groups of `width` nodes are advanced within a block of steps.

    Returns
    -------
    (n_visit, 4) array of int64
        First node of the group, first step, number of steps, and the place where its sums over edges are
        kept: groups that no short edge joins share one, since they take the whole block at once.
    """
    short = wiring.parts[-1]
    stepped = np.diff(short) > 0
    stepped[wiring.source[short[0] : short[-1]]] = True
    first = np.arange(0, wiring.n_node, width)
    several = np.logical_or.reduceat(stepped, first)
    visits = [(node, 0, wiring.block, 0) for node in first[~several]]
    for step in range(0, wiring.block, wiring.stride):
        visits += [(node, step, wiring.stride, place) for place, node in enumerate(first[several], 1)]
    return np.array(visits, np.int64)


def _block(delay: int, wanted: int) -> int:
    """The longest block in which nothing that is younger than a delay is needed."""
    return max(b for b in BLOCKS if b <= min(delay + 1, wanted))

"""Wirings: the edges and delays of a connectome at one speed, in the kernels' form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .connectome import Connectome
from .edges import edges_of

# numbers of steps that a node may be advanced at once
BLOCKS = (1, 2, 4, 8, 16, 32)
# largest share of short edges that are kept in a part of their own: summing step by step takes longer
_FEW = 0.25
# more steps at once gain little, since a node's sums no longer fit in the processor's registers
_LONGEST_BLOCK = 16


@dataclass(frozen=True, eq=False)
class Wiring:
    """A connectome at one speed.

    Attributes
    ----------
    parts : (n_part, n_node + 1) array of int64
        The edges of part k into node i are those from ``parts[k, i]`` to ``parts[k, i + 1]``. The last part
        holds the short edges, whose delays are too short for a block. The long edges are one part, or a part
        for each tile of source nodes (`rateloom.drivers.connectome.tiles`).
    source, delay : (n_edge,) arrays of int64
        Sorted by part, receiving node and source node; delays in steps.
    weight : (n_edge,), self_weight, weight_sum : (n_node,) arrays
        In the working precision. `self_weight` holds the undelayed edges from a node to itself, which would
        otherwise shorten a block; `weight_sum` counts all edges.
    block : int
        Steps that a node can be advanced at once: it needs no other node's state of the same block, except
        the sources of short edges.
    stride : int
        Steps that the nodes at both ends of short edges can be advanced at once; `block` if there are no
        short edges.
    horizon : int
        Number of slots of the history's ring.
    longest_delay : int
        Longest delay in steps.
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
        """Return the number of nodes."""
        return int(self.parts.shape[1]) - 1


def wire(
    connectome: Connectome,
    speed: float,
    dt: float,
    dtype: str,
    instant: bool,
    block: int | None = None,
    split: bool = False,
    traversals: int = 1,
) -> Wiring:
    """Make the wiring of a connectome.

    Parameters
    ----------
    instant : bool
        Whether a coupling of the model ignores delays; a block is then a single step.
    block : int, optional
        Largest number of steps of a block.
    split : bool
        Whether a few short edges may form a part of their own, rather than shorten all blocks.
    traversals : int
        How often a step goes over all nodes. Where it is more than once, a block is a single one; delays
        and the ring's slots are counted in traversals.

    Raises
    ------
    InputError
        If the speed or a delay cannot be used.
    """
    edges = edges_of(connectome, speed, dt)
    receiver = np.repeat(np.arange(connectome.n_node), np.diff(edges.row))
    undelayed_self = (edges.source == receiver) & (edges.delay == 0) & (not instant)
    self_weight = np.zeros(connectome.n_node)
    self_weight[receiver[undelayed_self]] = edges.weight[undelayed_self]
    ordinary = ~undelayed_self
    instant = instant or traversals > 1
    longest_block = block or _LONGEST_BLOCK
    receiver, source, delay, weight = (
        values[ordinary] for values in (receiver, edges.source, edges.delay, edges.weight)
    )
    stride = _block(0 if instant else int(delay.min(initial=longest_block)), longest_block)
    may_split = split and not instant and np.count_nonzero(delay < longest_block - 1) <= _FEW * delay.size
    steps = _block(longest_block, longest_block) if may_split else stride
    short = delay < steps - 1
    order = np.lexsort((source, receiver, short))
    longest = int(edges.delay.max(initial=0))
    return Wiring(
        parts=starts_of(short * connectome.n_node + receiver, 2, connectome.n_node),
        source=source[order],
        delay=traversals * delay[order],
        weight=weight[order].astype(dtype),
        self_weight=self_weight.astype(dtype),
        weight_sum=connectome.weights.sum(axis=1).astype(dtype),
        block=steps,
        stride=min(stride, steps),
        horizon=traversals * longest + steps + 1,
        longest_delay=longest,
    )


def slots_of(back: int, traversals: int, horizon: int) -> tuple[int, ...]:
    """Return the slots of the ring that hold the states some steps before t = 0, which is slot 0."""
    return tuple((-traversals * back - k) % horizon for k in range(traversals))


def starts_of(part_row: NDArray[np.int64], n_part: int, n_node: int) -> NDArray[np.int64]:
    """Return the starts of the edges of each part into each node, with their end, (n_part, n_node + 1).

    Parameters
    ----------
    part_row : (n_edge,) array of int64
        Part x n_node + receiving node, of each edge.
    """
    ends = np.cumsum(np.bincount(part_row, minlength=n_part * n_node)).reshape(n_part, n_node)
    return np.column_stack([np.concatenate([[0], ends[:-1, -1]]), ends])


def visits_of(wiring: Wiring, width: int) -> NDArray[np.int64]:
    """Return the order in which groups of `width` nodes are advanced within a block of steps.

    Returns
    -------
    (n_visit, 4) array of int64
        First node of the group, first step, number of steps, and the slot of its sums over edges. Groups
        without short edges share one slot, since they take the whole block at once.
    """
    short = wiring.parts[-1]
    stepped = np.diff(short) > 0
    stepped[wiring.source[short[0] : short[-1]]] = True
    first = np.arange(0, wiring.n_node, width)
    several = np.logical_or.reduceat(stepped, first)
    visits = [(node, 0, wiring.block, 0) for node in first[~several]]
    for step in range(0, wiring.block, wiring.stride):
        visits += [(node, step, wiring.stride, slot) for slot, node in enumerate(first[several], 1)]
    return np.array(visits, np.int64)


def _block(delay: int, longest: int) -> int:
    """Return the largest number of steps, `longest` at most, that a delay allows in one block."""
    return max(b for b in BLOCKS if b <= min(delay + 1, longest))

"""Tiles of source nodes, so that the caches still serve a history that is larger than they are.

Each receiving node of a source reads every sample of it, at different times. If one receiving node after the
other sums over all its sources, a large history has left the caches before the next node reads it. Summing
over a tile of sources for all receiving nodes, then over the next tile, keeps the order within every sum.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .wiring import Wiring, starts_of

# bytes of a tile's history: smaller tiles gain little, and larger tiles do not stay in a third-level cache
# (of 32 MB, with one or two threads)
_SMALL, _LARGE = 4 * 2**20, 20 * 2**20
# sums are read and written once a tile: with fewer edges a node or fewer tiles, this costs more than it gains
_EDGES, _TILES = 10, 4


def in_tiles(wiring: Wiring, node_bytes: int) -> Wiring:
    """Sort the long edges by tiles of source nodes.

    Parameters
    ----------
    wiring : Wiring
        With one part of long edges.
    node_bytes : int
        Bytes of one source node's history, of one factor.

    Returns
    -------
    Wiring
        `wiring` itself if tiles would gain nothing or would not fit in the cache.
    """
    long = wiring.parts[0]
    n_node, n_edge = wiring.n_node, long[-1]
    n_tile = min(-(-n_node * node_bytes // _SMALL), n_edge // (_EDGES * n_node))
    if n_tile < _TILES or n_node * node_bytes > _LARGE * n_tile:
        return wiring
    receiver = np.repeat(np.arange(n_node), np.diff(long))
    part_row = wiring.source[:n_edge] * n_tile // n_node * n_node + receiver
    order = np.concatenate([np.argsort(part_row, kind="stable"), np.arange(n_edge, len(wiring.source))])
    return replace(
        wiring,
        parts=np.concatenate([starts_of(part_row, n_tile, n_node), wiring.parts[-1:]]),
        source=wiring.source[order],
        delay=wiring.delay[order],
        weight=wiring.weight[order],
    )

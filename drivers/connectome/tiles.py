"""Sources in tiles, so that a history that is larger than the processor's caches is read from them still.

Every sample of a source is read by each of its targets, at times that differ. Where one target after the
other is summed over all its sources, a large history has left the caches before the next one reads it.
Summing over a tile of sources for all targets, then over the next tile, keeps the order within every sum.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .wiring import Wiring, starts_of

# bytes of a tile's history: smaller tiles gain little, and larger ones do not stay in a third-level cache
# (of 32 MB, with one thread or two)
_SMALL, _LARGE = 4 * 2**20, 20 * 2**20
# sums are read and written once a tile: with fewer edges a target, or tiles, that takes longer than is gained
_EDGES, _TILES = 10, 4


def in_tiles(wiring: Wiring, node_bytes: int) -> Wiring:
    """Sort the long edges by tiles of sources.

    Parameters
    ----------
    wiring : Wiring
        With one part of long edges.
    node_bytes : int
        Of a source's history, of one factor.

    Returns
    -------
    Wiring
        The one given where tiles would gain nothing or would not fit the cache.
    """
    long = wiring.parts[0]
    n_node, n_edge = wiring.n_node, long[-1]
    n_tile = min(-(-n_node * node_bytes // _SMALL), n_edge // (_EDGES * n_node))
    if n_tile < _TILES or n_node * node_bytes > _LARGE * n_tile:
        return wiring
    target = np.repeat(np.arange(n_node), np.diff(long))
    place = wiring.source[:n_edge] * n_tile // n_node * n_node + target
    order = np.concatenate([np.argsort(place, kind="stable"), np.arange(n_edge, len(wiring.source))])
    return replace(
        wiring,
        parts=np.concatenate([starts_of(place, n_tile, n_node), wiring.parts[-1:]]),
        source=wiring.source[order],
        delay=wiring.delay[order],
        weight=wiring.weight[order],
    )

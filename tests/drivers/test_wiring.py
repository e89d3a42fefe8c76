"""Edges in the kernels' order, and the order in which nodes are advanced within a block of steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rateloom import Connectome
from rateloom.drivers.connectome import tiles
from rateloom.drivers.connectome.tiles import in_tiles
from rateloom.drivers.connectome.wiring import Wiring, visits_of, wire
from rateloom.drivers.planning.settings import BLOCKS

# At this speed and step a millimetre is a step.
SPEED, DT = 10.0, 0.1


def wired(lengths: np.ndarray, weights: np.ndarray | None = None, **how: object) -> Wiring:
    weights = np.ones_like(lengths) if weights is None else weights
    return wire(
        Connectome(weights, lengths), SPEED, DT, "float64", **{"instant": False, "split": True, **how}
    )


@st.composite
def brains(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Weights and lengths of a few nodes, a few of the edges short."""
    n = draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from([0.0, 0.1, 0.3, 1.0]))
    short = random.uniform(size=(n, n)) < share
    lengths = np.where(short, random.integers(0, 15, (n, n)), random.integers(15, 50, (n, n)))
    return (random.uniform(size=(n, n)) < draw(st.sampled_from([0.2, 1.0]))) * 1.0, lengths.astype(float)


@given(brains(), st.sampled_from(BLOCKS), st.sampled_from([1, 2, 4]), st.booleans())
def test_all_that_a_visit_needs_is_there(brain, block, width, split):
    weights, lengths = brain
    wiring = wired(lengths, weights, block=block, split=split)
    n_node = len(weights)
    assert wiring.block <= block and wiring.block % wiring.stride == 0
    # how many steps of the block each node has made
    made = np.zeros(n_node, int)
    for first, begin, count, _ in visits_of(wiring, width):
        group = np.arange(first, min(first + width, n_node))
        assert (made[group] == begin).all()
        for node in group:
            long, short = (slice(part[node], part[node + 1]) for part in wiring.parts)
            # these are summed for the whole block where it begins
            assert (wiring.delay[long] >= wiring.block - 1).all()
            needed = begin + count - 1 - wiring.delay[short]
            assert (made[wiring.source[short]] >= needed).all()
        made[group] += count
    assert (made == wiring.block).all()


@given(brains(), st.sampled_from(BLOCKS))
def test_edges_are_all_there_in_their_order(brain, block):
    weights, lengths = brain
    check_edges(wired(lengths, weights, block=block), weights, lengths)


@given(brains(), st.sampled_from(BLOCKS), st.integers(1, 9))
def test_tiles_of_sources_hold_all_edges_and_leave_the_order_of_each_sum(brain, block, n_tile):
    weights, lengths = brain
    whole = wired(lengths, weights, block=block)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "_EDGES", 0.001)
        patch.setattr(tiles, "_TILES", 1)
        patch.setattr(tiles, "_SMALL", tiles._LARGE // n_tile)
        tiled = in_tiles(whole, tiles._LARGE // whole.n_node)
    assert len(tiled.parts) >= n_tile + 1 or not whole.parts[0].any()
    check_edges(tiled, weights, lengths)
    for node in range(whole.n_node):
        sources = [tiled.source[part[node] : part[node + 1]] for part in tiled.parts[:-1]]
        assert (np.diff(np.concatenate(sources)) > 0).all()


def check_edges(wiring: Wiring, weights: np.ndarray, lengths: np.ndarray) -> None:
    """Every edge is there once, those of each part and node by their sources."""
    found = np.diag(wiring.self_weight)
    for part in wiring.parts:
        for node in range(wiring.n_node):
            edges = slice(part[node], part[node + 1])
            source = wiring.source[edges]
            assert (np.diff(source) > 0).all()
            assert (wiring.delay[edges] == lengths[node, source]).all()
            found[node, source] += wiring.weight[edges]
    assert (found == weights).all()


def test_groups_share_a_place_unless_short_edges_join_them():
    lengths = np.full((8, 8), 30.0)
    lengths[2, 5] = 3.0
    wiring = wired(lengths)
    assert (wiring.block, wiring.stride) == (16, 4)
    assert visits_of(wiring, 2).tolist() == [
        [0, 0, 16, 0],
        [6, 0, 16, 0],
        *([node, step, 4, place] for step in (0, 4, 8, 12) for node, place in ((2, 1), (4, 2))),
    ]


@pytest.mark.parametrize(("split", "few", "expected"), [(True, True, 16), (False, True, 1), (True, False, 1)])
def test_many_short_edges_make_all_blocks_short(split, few, expected):
    lengths = np.full((8, 8), 30.0)
    lengths[:3, : (4 if few else 8)] = 0.0
    wiring = wired(lengths, np.ones((8, 8)) - np.eye(8), split=split)
    assert (wiring.block, wiring.stride) == (expected, 1)


def test_couplings_without_delays_need_each_step():
    assert wired(np.full((4, 4), 30.0), instant=True).block == 1

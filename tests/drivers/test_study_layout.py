"""What the tables of a study are called, and how its grid is cut into blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rateloom import InputError
from rateloom.drivers.observation.recipe import Column
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.studies.layout import block_shape, blocks, layout_of


def columns(*names, regional=False):
    return [Column(name, "", "", regional) for name in names]


def test_names_that_sqlite_takes_for_one_are_told_apart():
    grid = Grid((Axis("G", np.array([1.0])), Axis("g", np.array([1.0])), Axis("item", np.array([1.0]))))
    layout = layout_of(grid, columns("mean_V", "mean_v", "g_2", "mean_v_2"), 3)
    assert layout.named == {
        "G": "G", "g": "g_2", "item": "item_2",
        "mean_V": "mean_V", "mean_v": "mean_v_2", "g_2": "g_2_2", "mean_v_2": "mean_v_2_2",
    }  # fmt: skip


def test_more_columns_than_a_table_has_are_refused():
    many = [f"m{k}" for k in range(1998)]
    with pytest.raises(InputError, match="at most 2000 columns"):
        layout_of(Grid(), columns(*many), 2)
    # half of them in the other table fit
    half = columns(*many[:999]) + columns(*many[999:], regional=True)
    assert len(layout_of(Grid(), half, 2).named) == 1998


@given(st.lists(st.integers(1, 6), min_size=0, max_size=4), st.integers(1, 50))
def test_blocks_hold_neighbours_and_every_work_item_once(shape, most):
    block = block_shape(shape, most)
    assert np.prod(block, dtype=int) <= most
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    seen = []
    for place, first, last in blocks(shape, block):
        np.testing.assert_array_equal(numbers[place].ravel(), np.arange(first, last))
        seen += range(first, last)
    assert seen == list(range(numbers.size))

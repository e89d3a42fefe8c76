import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rateloom.drivers.planning.axis_text import parse_axis
from rateloom.drivers.planning.grid import Axis, Grid, groups_by
from rateloom.drivers.support.errors import InputError


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("G=0:1:5", "G", [0, 0.25, 0.5, 0.75, 1]),
        (" eta = -5, -4.6 ", "eta", [-5, -4.6]),
        ("eta=-5,-4.6", "eta", [-5, -4.6]),
        ("nsig=log:1e-9:1e-4:6", "nsig", [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4]),
        ("G=1:0:3", "G", [1, 0.5, 0]),
        ("G=0.5", "G", [0.5]),
        ("G=2:3:1", "G", [2]),
        ("P[3]=1,2", "P[3]", [1, 2]),
    ],
)
def test_axes_from_text(text, name, values):
    axis = parse_axis(text)
    assert axis.name == name
    assert np.allclose(axis.values, values, rtol=1e-12, atol=0)


def test_log_ends_are_exact():
    values = parse_axis("nsig=log:1e-9:1e-4:7").values
    assert values[0] == 1e-9
    assert values[-1] == 1e-4


def test_seeds_are_counted():
    assert parse_axis("seed=2:4").values.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("G", "write it like G=0:1:16"),
        ("=1,2", "write it like"),
        ("G=", "write it like"),
        ("", "write it like"),
        ("G=0:1", "write it like"),
        ("seed=0:0.5", "whole numbers from the first to the last"),
        ("seed=3:1", "whole numbers from the first to the last"),
        ("G=0:1:2:3", "write it like"),
        ("G=lin:0:1:2", "write it like|'lin' is not a number"),
        ("G=log:1:2", "write it like"),
        ("G=0:x:4", "'x' is not a number"),
        ("G=1,,2", "'' is not a number"),
        ("G=1,2,", "'' is not a number"),
        ("G=0:1:2.5", "count '2.5' is not a whole number"),
        ("G=0:1:0", "a count of 0"),
        ("G=0:1:-3", "a count of -3"),
        ("G=0:1:99999999999", "a count of 99999999999"),
        ("G=0:0:3", "the value 0 is there more than once"),
        ("G=1,2,1", "the value 1 is there more than once"),
        ("G=nan,1", "nan is not a finite number"),
        ("G=0:inf:3", "inf is not a finite number"),
        ("nsig=log:0:1:4", "log needs bounds above zero"),
        ("nsig=log:1:-1:4", "log needs bounds above zero"),
    ],
)
def test_bad_text(text, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_axis(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "no values"),
        (0.5, "flat list"),
        ([[1, 2]], "flat list"),
        ([[1, 2], [3]], "flat list"),
        (["a"], "real numbers"),
        ([None], "real numbers"),
        ([True, False], "real numbers"),
        ([1j], "real numbers"),
        ([0.1, np.nan], "nan is not a finite number"),
        ([np.inf], "inf is not a finite number"),
    ],
)
def test_bad_values(values, message):
    with pytest.raises(InputError, match=message):
        Axis("G", values)


@pytest.mark.parametrize("name", ["", " ", 3])
def test_bad_names(name):
    with pytest.raises(InputError, match="not the name of a parameter"):
        Axis(name, [1.0])


def test_grids_that_are_refused():
    with pytest.raises(InputError, match="sweep G: given twice"):
        Grid((Axis("G", [1]), Axis("eta", [2]), Axis("G", [3])))
    axes = tuple(Axis(name, np.arange(2048)) for name in "abc")
    with pytest.raises(InputError, match="2048 x 2048 x 2048 = 8589934592 work items; at most 4294967296"):
        Grid(axes)
    assert Grid((*axes[:2], Axis("c", np.arange(1024)))).n_item == 2**32


@given(st.lists(st.integers(1, 4), max_size=4))
def test_items_count_like_nested_loops(sizes):
    axes = tuple(Axis(f"p{k}", np.arange(size) + 10.0 * k) for k, size in enumerate(sizes))
    grid = Grid(axes)
    combinations = list(itertools.product(*(axis.values for axis in axes)))
    assert grid.n_item == len(combinations)
    assert grid.shape == tuple(sizes)
    for k, axis in enumerate(axes):
        expected = [combination[k] for combination in combinations]
        assert grid.item_values(axis.name).tolist() == expected
        some = np.arange(0, grid.n_item, 2)
        assert grid.item_values(axis.name, some).tolist() == expected[::2]
        for value, items in groups_by(grid, axis.name):
            assert items.tolist() == [i for i, other in enumerate(expected) if other == value]


def test_values_of_a_grid_too_large_to_list():
    grid = Grid((Axis("a", np.arange(65536)), Axis("b", np.arange(65536))))
    assert grid.item_values("a", np.array([2**32 - 1, 0])).tolist() == [65535, 0]


def test_empty_grid_is_one_item():
    assert Grid().n_item == 1
    assert Grid().shape == ()

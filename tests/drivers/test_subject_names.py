"""Names of subjects: as short as tells them apart."""

from pathlib import Path

import numpy as np
import pytest

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.subjects import subject_names
from rateloom.drivers.planning.grid import Axis, Grid, axis_of
from rateloom.drivers.support.errors import InputError


def brain(name):
    return Connectome(np.eye(2), np.ones((2, 2)), name=name)


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (["tvb76", "synthetic:8:1"], ("tvb76", "synthetic:8:1")),
        (["/data/sub-01.zip", Path("/data/sub-02.zip")], ("sub-01", "sub-02")),
        (["a/sub.01/", "a/sub.02/"], ("sub.01", "sub.02")),
        (["a/sub-01/dwi/sc.zip", "a/sub-02/dwi/sc.zip"], ("sub-01/dwi/sc", "sub-02/dwi/sc")),
        (["sc.zip", "old/sc.zip"], ("sc", "old/sc")),
        (["s1/w.csv,s1/l.csv", "s2/w.csv,s2/l.csv"], ("s1/w", "s2/w")),
        ([brain("first"), brain(""), brain("")], ("first", "subject-2", "subject-3")),
    ],
)
def test_subjects_are_called_by_what_tells_them_apart(sources, names):
    assert subject_names(sources) == names


def test_two_subjects_of_one_name_are_refused():
    with pytest.raises(InputError, match="a is there more than once; repetitions"):
        subject_names([brain("a"), "b", brain("a")])
    with pytest.raises(InputError, match="sc is there more than once"):
        subject_names(["sc.zip", "sc.npz"])


def test_work_items_without_an_axis_are_counted_through_the_others():
    grid = Grid(
        (Axis("G", np.arange(3.0)), axis_of("connectome", np.array(["a", "b"])), Axis("seed", [1, 2]))
    )
    assert grid.connectomes == ("a", "b")
    items = np.arange(grid.n_item)
    assert grid.item_labels("connectome", items).tolist() == ["a", "a", "b", "b"] * 3
    fewer = grid.without("connectome")
    assert (
        fewer.index_without("seed", grid.index_without("connectome", items)).tolist()
        == [0] * 4 + [1] * 4 + [2] * 4
    )

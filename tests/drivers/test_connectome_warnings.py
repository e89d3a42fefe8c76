"""Connectomes whose numbers cannot mean what they say are warned of, and no others."""

import numpy as np
import pytest

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import TVB_NAMES, load_connectome
from rateloom.drivers.connectome.edges import edges_of
from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.planning.axis_text import parse_axis
from rateloom.drivers.planning.connectome_warnings import connectome_warnings
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.settings import Settings

WEIGHTS = np.array([[0.0, 1.5, 2.0], [1e-3, 0.0, 4.0], [0.0, 0.5, 0.0]])
LENGTHS = np.array([[0.0, 10.0, 20.25], [10.0, 0.0, 33.0], [20.25, 33.0, 0.0]])


def warned(weights=WEIGHTS, lengths=LENGTHS, normalize="max", speed=3.0, dt=0.1, axes=()):
    connectome = Connectome(weights, lengths, name="c")
    grid = Grid(tuple(map(parse_axis, axes)))
    settings = Settings(duration=1.0, dt=dt, speed=speed)
    return [str(w) for w in connectome_warnings([Subject(connectome, normalize)], settings, grid)]


@pytest.mark.parametrize("name", [*TVB_NAMES, "synthetic:12"])
def test_shipped_connectomes_are_not_warned_of(name):
    assert not connectome_warnings(
        [Subject(load_connectome(name, "none"), "max")], Settings(duration=1.0), Grid()
    )


def test_lengths_in_metres():
    metres = LENGTHS / 1000
    (warning,) = warned(lengths=metres)
    assert warning == (
        "connectome c: every delay is 0 steps: the longest tract, 0.033 mm, takes 0.011 ms at speed=3 mm/ms, "
        "and a step is 0.1 ms. Lengths in m or cm take --lengths m or cm (lengths=)"
    )
    assert not edges_of(Connectome(WEIGHTS, metres), 3.0, 0.1).delay.any()
    assert warned() == warned(lengths=0 * LENGTHS) == warned(lengths=metres, speed=float("inf")) == []
    assert warned(lengths=metres, dt=1e-3) == []
    assert warned(lengths=metres, axes=["speed=0.1,3"]) == []
    assert len(warned(lengths=metres, axes=["speed=2,3"])) == 1
    assert warned(np.diag([1.0, 2, 3]), metres) == []  # no tract is used


@pytest.mark.parametrize(
    ("speed", "dt", "longest", "warns"),
    [(3.0, 0.1, 0.1499, True), (3.0, 0.1, 0.1501, False), (1.0, 1.0, 0.5, True)],
)
def test_the_bound_is_that_of_delays(speed, dt, longest, warns):
    lengths = LENGTHS * (longest / 33.0)
    assert bool(warned(lengths=lengths, speed=speed, dt=dt)) == warns
    assert warns == (not edges_of(Connectome(WEIGHTS, lengths), speed, dt).delay.any())


def test_a_self_connection_that_sets_the_scale():
    weights = WEIGHTS + np.diag([0, 0, 400.0])
    (warning,) = warned(weights)
    assert (
        "the largest weight, 400, is that of node 2 with itself, and the largest between two nodes is 4"
        in warning
    )
    assert warned(weights, normalize="row") == warned(weights, normalize="none") == []
    assert warned(WEIGHTS + np.diag([8.0, 0, 0])) == []
    assert len(warned(WEIGHTS - np.diag([8.1, 0, 0]))) == 1
    assert warned(np.ones((1, 1)), np.ones((1, 1))) == []

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import load_connectome
from rateloom.drivers.connectome.edges import edges_of
from rateloom.drivers.support.errors import InputError


@given(
    arrays(np.float64, (5, 5), elements=st.sampled_from([0.0, 0.5, -1.0, 2.0])),
    arrays(np.float64, (5, 5), elements=st.floats(0, 300)),
    st.floats(0.5, 20),
    st.sampled_from([0.01, 0.1, 0.25, 1.0]),
)
def test_equals_a_plain_double_loop(weights, lengths, speed, dt):
    edges = edges_of(Connectome(weights, lengths), speed, dt)
    found = []
    for i in range(5):
        for j in range(5):
            if weights[i, j] != 0:
                found.append((i, j, weights[i, j], round(lengths[i, j] / speed / dt)))
    targets = np.repeat(np.arange(5), np.diff(edges.row))
    assert list(zip(targets, edges.source, edges.weight, edges.delay, strict=True)) == found


def test_delays_of_tvb76():
    connectome = load_connectome("tvb76")
    edges = edges_of(connectome, 3.0, 0.1)
    assert edges.source.size == np.count_nonzero(connectome.weights) == 1560
    # 66 edges are shorter than 15 steps, all of them self-edges of zero length.
    targets = np.repeat(np.arange(76), np.diff(edges.row))
    short = edges.delay < 15
    assert short.sum() == 66
    assert (targets[short] == edges.source[short]).all()
    assert not edges.delay[short].any()


def test_division_order_and_rounding_to_even():
    lengths = np.array([[0.0, 0.25], [0.75, 0.0]])
    edges = edges_of(Connectome(np.ones((2, 2)), lengths), 1.0, 0.5)
    assert edges.delay.tolist() == [0, 0, 2, 0]
    length, speed, dt = 20.25, 4.5, 0.1
    edges = edges_of(Connectome([[1.0]], [[length]]), speed, dt)
    assert edges.delay[0] == np.rint((length / speed) / dt)


def test_infinite_speed_and_no_edges():
    assert not edges_of(load_connectome("tvb76"), np.inf, 0.1).delay.any()
    none = edges_of(Connectome(np.zeros((3, 3)), np.ones((3, 3))), 3.0, 0.1)
    assert none.row.tolist() == [0, 0, 0, 0]
    assert none.source.size == none.delay.size == 0


@pytest.mark.parametrize(
    ("speed", "dt", "message"),
    [
        (0.0, 0.1, "speed=0 mm/ms: it must be above zero"),
        (-3.0, 0.1, "speed=-3 mm/ms"),
        (np.nan, 0.1, "speed=nan"),
        (3.0, 0.0, "dt=0 ms"),
        (3.0, -0.1, "dt=-0.1 ms"),
        (3.0, np.nan, "dt=nan"),
        (3.0, np.inf, "dt=inf"),
        (1e-12, 0.1, r"a delay of 1\.38e\+15 steps; at most 2147483647"),
        (1e-308, 1e-9, "a delay of inf steps"),
    ],
)
def test_bad_speed_and_step(speed, dt, message):
    with pytest.raises(InputError, match=message):
        edges_of(load_connectome("tvb76"), speed, dt)

import numpy as np
import pytest
from scipy import stats

from rateloom.drivers.connectome.connectome_sources import load_connectome
from rateloom.drivers.connectome.synthetic import DECAY, SEMI_AXES


def test_is_the_same_every_time_and_differs_by_seed():
    first, second = (load_connectome("synthetic:40:7", normalize="none") for _ in range(2))
    assert np.array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, load_connectome("synthetic:40:8", normalize="none").weights)
    default, zero = load_connectome("synthetic:40"), load_connectome("synthetic:40:0")
    assert np.array_equal(default.weights, zero.weights)


@pytest.mark.parametrize(("n_node", "edges"), [(1, 0), (2, 1), (5, 4), (200, 39.8), (2000, 200)])
def test_edges_a_node(n_node, edges):
    weights = load_connectome(f"synthetic:{n_node}").weights
    assert not np.diag(weights).any()
    assert np.count_nonzero(weights) / n_node == pytest.approx(edges, rel=0.05)


def test_distances_lie_in_the_ellipsoid_and_match_the_centres():
    connectome = load_connectome("synthetic:300")
    assert (((connectome.centres / SEMI_AXES) ** 2).sum(axis=1) <= 1).all()
    expected = np.linalg.norm(connectome.centres[:, None] - connectome.centres[None], axis=2)
    assert np.allclose(connectome.tract_lengths, expected, atol=1e-9)
    # A uniform ball has a fifth of its semi-axis squared as variance along that axis.
    assert np.allclose(connectome.centres.var(axis=0), np.square(SEMI_AXES) / 5, rtol=0.25)


def test_weights_are_log_normal_around_the_distance_rule():
    connectome = load_connectome("synthetic:1500", normalize="none")
    target, source = np.nonzero(connectome.weights)
    distance = connectome.tract_lengths[target, source]
    z = np.log(connectome.weights[target, source]) + DECAY * distance
    assert stats.kstest(z[:: max(1, z.size // 20000)], "norm").pvalue > 1e-3
    # Far from certainty the chance of an edge falls by exp(-lambda d).
    near, far = (40.0, 45.0), (80.0, 85.0)
    counts = [
        np.count_nonzero((distance > a) & (distance < b))
        / np.count_nonzero((connectome.tract_lengths > a) & (connectome.tract_lengths < b))
        for a, b in (near, far)
    ]
    assert np.log(counts[0] / counts[1]) == pytest.approx(DECAY * 40, rel=0.1)

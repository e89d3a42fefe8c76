"""Functional connectivity and its dynamics against NumPy, written out."""

import numpy as np
import pytest
from measure_cases import DOUBLE, SINGLE, measured, noise

from rateloom.drivers.measures.comoments import blocks_of
from rateloom.drivers.measures.dynamics import connectivity_dynamics, variance_of_dynamics
from rateloom.drivers.measures.functional_connectivity import correlation, correlation_with, mean_of_pairs
from rateloom.drivers.measures.moments import moments, standardized

LOWER = np.tril_indices(6, -1)


def unit(values):
    return standardized(values, moments(values))


@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, SINGLE), (np.float64, DOUBLE)])
@pytest.mark.parametrize("length", [1, 7, 100, 1499, 1500])
def test_correlation_is_pearson_s(dtype, atol, length):
    values = noise(dtype=dtype)
    found = correlation(blocks_of(unit(values), length))
    np.testing.assert_allclose(found, np.corrcoef(values.astype(float)), atol=atol)
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize("n_node", [1, 2, 3, 4, 5, 8, 9])
def test_correlation_for_any_number_of_regions(n_node):
    values = noise(n_node)
    expected = np.atleast_2d(np.corrcoef(values))
    np.testing.assert_allclose(correlation(blocks_of(unit(values), 100)), expected, atol=DOUBLE)


def test_fluctuations_far_below_a_drift_are_correlated_all_the_same():
    rng = np.random.default_rng(1)
    fast = rng.standard_normal((2, 1000))
    fast[1] += fast[0]
    drift = np.repeat(np.arange(10.0), 100) * 1e4
    values = (fast + drift).astype(np.float32)
    blocks = blocks_of(unit(values), 100)
    expected = np.corrcoef(values[:, 300:400].astype(float))[0, 1]
    # single precision resolves 0.008 of a number near 1e5, and the fluctuations are 1
    assert correlation(blocks, 3, 4)[0, 1] == pytest.approx(expected, abs=2e-2)


def test_mean_functional_connectivity_is_the_mean_of_pairs():
    values = noise()
    expected = np.corrcoef(values)[LOWER].mean()
    assert measured(values)["mean_FC"] == pytest.approx(expected, rel=1e-10)
    assert measured(values, "published")["mean_FC"] == pytest.approx(expected * 5 / 6, rel=1e-10)


def test_regions_that_do_not_vary_are_left_out_of_the_mean():
    values = noise()
    expected = measured(values[:5])["mean_FC"]
    values[5] = 3.3
    found = measured(values)
    assert found["mean_FC"] == pytest.approx(expected, rel=1e-10)
    assert np.isnan(found["FC"][5]).all()
    assert np.isnan(mean_of_pairs(found["FC"], "published"))


def test_correlation_with_the_connectome_is_that_of_pairs():
    rng = np.random.default_rng(2)
    matrix, weights = np.corrcoef(noise()), rng.random((6, 6))
    both = (weights + weights.T) / 2
    expected = np.corrcoef(matrix[LOWER], both[LOWER])[0, 1]
    assert correlation_with(matrix, weights, "standard") == pytest.approx(expected, rel=1e-12)
    whole = np.corrcoef(matrix.ravel(), weights.ravel())[0, 1]
    assert correlation_with(matrix, weights, "published") == pytest.approx(whole, rel=1e-12)


def test_pairs_without_a_tract_have_no_length():
    rng = np.random.default_rng(3)
    matrix, lengths = np.corrcoef(noise()), rng.random((6, 6))
    lengths = lengths + lengths.T
    lengths[0, 1] = lengths[1, 0] = 0
    use = lengths[LOWER] > 0
    expected = np.corrcoef(matrix[LOWER][use], lengths[LOWER][use])[0, 1]
    found = correlation_with(matrix, lengths, "standard", zero_is_none=True)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_connectome_of_equal_weights_correlates_with_nothing():
    assert np.isnan(correlation_with(np.corrcoef(noise()), np.ones((6, 6)), "standard"))


def windows(values, last):
    return [np.corrcoef(values[:, i : i + 500]) for i in range(0, last, 50)]


def test_dynamics_compare_the_pairs_of_every_window():
    values = noise()
    blocks = blocks_of(unit(values), 50)
    expected = np.corrcoef([w[LOWER] for w in windows(values, 1001)])
    found = connectivity_dynamics(blocks, 10, "standard")
    np.testing.assert_allclose(found, expected, atol=1e-10)
    pairs = expected[np.triu_indices(21, 2)]
    assert variance_of_dynamics(found, 2, "standard") == pytest.approx(pairs.var(), rel=1e-9)
    given = measured(values, fcd_window=500.0, fcd_step=50.0)
    assert given["varFCD"] == pytest.approx(pairs.var(), rel=1e-9)


def test_published_dynamics_compare_whole_matrices_and_leave_the_last_window_out():
    values = noise()
    expected = np.corrcoef([w.ravel() for w in windows(values, 1000)])
    found = connectivity_dynamics(blocks_of(unit(values), 50), 10, "published")
    np.testing.assert_allclose(found, expected, atol=1e-10)
    variance = np.triu(expected, 2).var()
    assert variance_of_dynamics(found, 2, "published") == pytest.approx(variance, rel=1e-9)


def test_samples_left_over_after_the_last_window_belong_to_none():
    values = noise(n_time=1530)
    found = connectivity_dynamics(blocks_of(unit(values), 50), 10, "standard")
    expected = np.corrcoef([w[LOWER] for w in windows(values, 1031)])
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_a_region_that_rests_in_one_window_is_left_out_of_all():
    values = noise()
    values[2, 200:900] = 4.0
    blocks = blocks_of(unit(values), 50)
    others = np.delete(values, 2, axis=0)
    expected = connectivity_dynamics(blocks_of(unit(others), 50), 10, "standard")
    np.testing.assert_allclose(connectivity_dynamics(blocks, 10, "standard"), expected, atol=1e-9)


def test_a_series_shorter_than_a_window_has_no_dynamics():
    assert np.isnan(measured(noise(n_time=600))["varFCD"])
    assert np.isnan(measured(noise(n_time=600), "published")["varFCD"])

"""The phase-lag index against SciPy's analytic signal, and where its value is known."""

import numpy as np
import pytest
from measure_cases import measured, noise
from scipy.signal import hilbert

T = np.arange(1000) / 1000.0


def reference(values):
    analytic = hilbert(values - values.mean(axis=1, keepdims=True), axis=1)
    lag = np.angle(analytic[:, None] * analytic[None].conj())
    return np.abs(np.sign(np.sin(lag)).mean(axis=2))


@pytest.mark.parametrize("n_time", [1000, 1023, 1025, 3000])
def test_it_is_the_mean_sign_of_the_phase_difference(n_time):
    values = noise(n_time=n_time)
    expected = reference(values)
    np.fill_diagonal(expected, 0)
    found = measured(values)
    np.testing.assert_allclose(found["PLI"], expected, atol=1e-12)
    assert found["mean_PLI"] == pytest.approx(expected[np.tril_indices(6, -1)].mean(), rel=1e-12)


def test_single_precision_decides_nearly_all_samples_alike():
    values = noise(n_time=4000, dtype=np.float32)
    # a sample whose lag is within rounding of 0 may fall on either side
    np.testing.assert_allclose(measured(values)["PLI"], measured(values.astype(float))["PLI"], atol=3e-3)


@pytest.mark.parametrize("lag", [0.3, 1.5, 3.0, -0.3, -3.0])
def test_a_constant_lag_has_index_1(lag):
    values = np.stack([np.sin(2 * np.pi * 10 * T), 3 + 2 * np.sin(2 * np.pi * 10 * T + lag)])
    assert measured(values)["mean_PLI"] == 1


def test_equal_series_have_index_0():
    one = noise(1)[0]
    assert measured(np.stack([one, one, 2 * one]))["mean_PLI"] == 0


def test_the_published_one_takes_the_sign_of_unwrapped_angles():
    values = noise()
    angles = np.angle(hilbert(values, axis=1))
    expected = np.abs(np.sign(angles[:, None] - angles[None]).mean(axis=2))
    found = measured(values, "published")
    np.testing.assert_allclose(found["PLI"], expected, atol=1e-12)
    assert found["mean_PLI"] == pytest.approx(expected.sum() / 36, rel=1e-12)


def test_the_published_one_misses_a_constant_lag_that_ours_sees():
    """Without their mean, one of two sines is ahead all the time, yet not by its angle."""
    values = np.stack([np.sin(2 * np.pi * 10 * T), np.sin(2 * np.pi * 10 * T + 3.0)])
    assert measured(values, "published")["PLI"][0, 1] < 0.1
    assert measured(values)["PLI"][0, 1] == 1


def test_regions_that_do_not_vary_have_no_phase():
    values = noise()
    expected = measured(values[:5])["mean_PLI"]
    values[5] = 0
    found = measured(values)
    assert found["mean_PLI"] == expected
    assert np.isnan(found["PLI"][5]).all()

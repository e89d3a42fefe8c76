"""Moments against NumPy in double precision."""

import numpy as np
import pytest
from measure_cases import measured, noise

from rateloom.drivers.measures.moments import moments, standardized


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-12), (np.float64, 1e-12)])
def test_moments_are_summed_in_double_precision(dtype, rtol):
    values = noise(dtype=dtype)
    found, exact = measured(values), values.astype(np.float64)
    np.testing.assert_allclose(found["mean_FR"], exact.mean(axis=1), rtol=rtol)
    np.testing.assert_allclose(found["std_FR"], exact.std(axis=1), rtol=rtol)
    np.testing.assert_allclose(found["coeff_var"], exact.std(axis=1) / exact.mean(axis=1), rtol=rtol)
    np.testing.assert_array_equal(found["max_FR"], exact.max(axis=1))
    np.testing.assert_array_equal(found["min_FR"], exact.min(axis=1))
    for name, value in [
        ("mean_FR_all", exact.mean()), ("std_FR_all", exact.std()), ("max_FR_all", exact.max()),
        ("min_FR_all", exact.min()), ("coeff_var_all", exact.std() / exact.mean()),
    ]:  # fmt: skip
        np.testing.assert_allclose(found[name], value, rtol=rtol)


def test_a_small_deviation_about_a_large_mean_is_not_lost():
    values = (1e6 + np.tile([-0.25, 0.25], 500)).astype(np.float32)[None]
    assert measured(values)["std_FR"][0] == 0.25


def test_the_published_coefficient_of_variation_is_the_inverse():
    values = noise()
    product = measured(values)["coeff_var"] * measured(values, "published")["coeff_var"]
    np.testing.assert_allclose(product, 1, rtol=1e-12)


def test_a_mean_of_zero_has_no_coefficient_of_variation():
    assert np.isnan(measured(np.array([[-1.0, 1.0] * 50]))["coeff_var"][0])


def test_standardized_rows_have_mean_0_and_deviation_1_however_large_they_are():
    values = np.concatenate([noise(2), 1e200 * noise(1), np.full((1, 1500), 0.1)])
    unit = standardized(values, moments(values))
    np.testing.assert_allclose(unit[:3].mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(unit[:2].std(axis=1), 1, rtol=1e-12)
    assert np.isfinite(unit).all()
    assert not unit[3].any()

"""Series that leave measures undefined: NaN where they are, and no warning, error or influence on others."""

import numpy as np
import pytest
from measure_cases import context, measured, noise

from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.catalogue import entry_of
from rateloom.drivers.measures.item import names_of
from rateloom.drivers.measures.trend import TREND

pytestmark = pytest.mark.filterwarnings("error")
CONVENTIONS = ("standard", "published")
DTYPES = (np.float32, np.float64)


def numbers(found):
    return {name for name, value in found.items() if np.ndim(value) == 0 and not np.isnan(value)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", [0.1, 7.0, -3.0])
def test_constant_series(dtype, level):
    found = measured(np.full((3, 2000), level, dtype))
    level = float(dtype(level))
    for name in ("mean_FR", "max_FR", "min_FR"):
        np.testing.assert_array_equal(found[name], level)
        assert found[f"{name}_all"] == level
    np.testing.assert_array_equal(found["std_FR"], 0)
    np.testing.assert_array_equal(found["coeff_var"], 0)
    assert np.isnan(found["freq_dom"]).all()
    states = {"mean_up"} if level > 1 else {"mean_down"}
    moments = {f"{name}_all" for name in ("mean_FR", "std_FR", "coeff_var", "max_FR", "min_FR")}
    assert numbers(found) == moments | states | {"ratio_AI"}


def test_zero_rates_have_no_coefficient_of_variation():
    found = measured(np.zeros((3, 2000)))
    assert np.isnan(found["coeff_var_all"])
    assert found["mean_down"] == 2


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_one_region_has_no_pairs(dtype, convention):
    found = measured(noise(1, dtype=dtype), convention)
    undefined = {"varFCD"} if convention == "published" else {"mean_FC", "mean_PLI", "varFCD"}
    wanted = {name for name in names_of(context()) if entry_of(name).n_node == 0}
    wanted -= {"mean_up", "mean_down"}
    assert wanted - numbers(found) == undefined
    if convention == "published":
        assert found["mean_FC"] == found["mean_PLI"] == 0


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("n_time", [2, 3, 4, 5])
def test_a_few_samples(n_time, convention):
    values = noise(3, n_time)
    found = measured(values, convention)
    np.testing.assert_allclose(found["FC"], np.corrcoef(values), atol=1e-9)
    assert np.isnan(found["slope_PSD"]) or n_time >= 7
    assert np.isnan(found["varFCD"])
    assert set(found) == {*names_of(context()), TREND}


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_region_that_is_not_finite_leaves_the_others_alone(bad, convention):
    values = noise(4)
    values[1, 700] = bad
    alone = measured(noise(4), convention)
    found = measured(values, convention)
    for name in ("mean_FR", "std_FR", "coeff_var", "max_FR", "min_FR", "freq_dom", "high_rate_visits"):
        expected = alone[name].copy()
        expected[1] = np.nan
        np.testing.assert_array_equal(found[name], expected)
    assert not numbers(found)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_work_item_that_diverged_is_nan_and_disturbs_no_other(convention):
    batch = np.stack([noise(4, seed=s).T for s in range(3)])
    alone = measure_items(batch, context(convention))
    batch[1, 10:] = np.nan
    found = measure_items(batch, context(convention))
    for name, value in found.items():
        assert np.isnan(value[1]).all(), name
        np.testing.assert_array_equal(value[[0, 2]], alone[name][[0, 2]])


def test_a_batch_of_nothing_but_nan():
    found = measure_items(np.full((2, 50, 3), np.nan), context())
    assert set(found) == {*names_of(context()), TREND}
    assert all(np.isnan(value).all() for value in found.values())


@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 1e37), (np.float64, 1e300)])
def test_huge_values_overflow_into_undefined_measures_alone(dtype, size):
    values = (size * (noise(4) - 10)).astype(dtype)
    found = measured(values)
    assert np.isfinite(found["mean_FR"]).all()
    expected = np.corrcoef(noise(4))
    if dtype == np.float32:
        np.testing.assert_allclose(found["FC"], expected, atol=1e-5)


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e12])
def test_the_scale_of_the_values_does_not_matter(size):
    small = measured((size * (noise(4) - 10)).astype(np.float32), rate=False)
    values = measured((noise(4) - 10).astype(np.float32), rate=False)
    for name in ("mean_FC", "varFCD", "slope_PSD", "alpha_rel_p", "fmax_amp", "coeff_var_all"):
        assert small[name] == pytest.approx(values[name], rel=1e-4), name
    np.testing.assert_array_equal(small["freq_dom"], values["freq_dom"])

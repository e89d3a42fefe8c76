"""Measures made in one pass: against NumPy and against those of held series, whatever comes at once."""

import numpy as np
import pytest
from measure_cases import noise

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.trend import TREND
from rateloom.drivers.observation.measure_request import MeasureRequest
from rateloom.drivers.observation.recipe import recipe_of
from rateloom.drivers.observation.streamed import Streamed, in_one_pass
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings

# sums of 128 products in single precision, of numbers near 1: some 1e-7
SINGLE = 2e-6
DOUBLE = 1e-12
ASKED = ("moments", "connectivity", "FC")


def recipe(n_node, n_time, dtype, unit="kHz", convention="standard", asked=ASKED, targets=()):
    rng = np.random.default_rng(1)
    brain = Connectome(rng.uniform(size=(n_node, n_node)), rng.uniform(10, 100, (n_node, n_node)))
    request = MeasureRequest(brain, convention, MeasureSettings(), (), False, targets, asked)
    samples = sample_times(Settings(duration=float(n_time), dt=1.0))
    return recipe_of([("E", unit, "")], None, n_node, samples, dtype, request)


def fed(values, sizes, **how):
    """Measures of series (item, node, time) that come a few samples at a time."""
    n_item, n_node, n_time = values.shape
    told = recipe(n_node, n_time, values.dtype.name, **how)
    sink = Streamed(told.parts, n_item, n_node, values.dtype)
    samples, begin = values.transpose(2, 1, 0)[None], 0
    while begin < n_time:
        for size in sizes:
            new = samples[:, begin : begin + size]
            if new.shape[1]:
                sink.take(begin, new)
            begin += size
    return told, sink.finish()


def held(told, values):
    part = told.parts[0]
    found = measure_items(values.transpose(0, 2, 1), part.context, scale=part.scale)
    names = {name: column.name for name, column in part.columns.items()} | {TREND: part.trend}
    return {names[name]: array for name, array in found.items()}


def series(dtype=np.float64, n_item=3, n_time=700):
    return np.stack([noise(n_time=n_time, seed=k, dtype=dtype) for k in range(n_item)])


def test_moments_and_connectivity_are_numpys():
    values = series()
    _, found = fed(values, [100])
    hz = values * 1000
    np.testing.assert_allclose(found["mean_FR_E"], hz.mean(axis=2), rtol=DOUBLE)
    np.testing.assert_allclose(found["std_FR_E"], hz.std(axis=2), rtol=DOUBLE)
    np.testing.assert_allclose(found["coeff_var_E"], hz.std(axis=2) / hz.mean(axis=2), rtol=DOUBLE)
    np.testing.assert_array_equal(found["max_FR_E"], hz.max(axis=2))
    np.testing.assert_array_equal(found["min_FR_E"], hz.min(axis=2))
    np.testing.assert_allclose(found["std_FR_E_all"], hz.std(axis=(1, 2)), rtol=DOUBLE)
    lower = np.tril_indices(hz.shape[1], -1)
    for k, one in enumerate(hz):
        matrix = np.corrcoef(one)
        np.testing.assert_allclose(found["FC_E"][k], matrix, atol=6e-8)  # kept in single precision
        np.testing.assert_allclose(found["mean_FC_E"][k], matrix[lower].mean(), rtol=1e-10)


@pytest.mark.parametrize("convention", ["standard", "published"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_pass_agrees_with_held_series(dtype, convention):
    values = series(dtype)
    told, found = fed(values, [97], convention=convention)
    expected = held(told, values)
    assert set(found) == set(expected) and "corr_FC_tract_E" in found
    exact = DOUBLE if dtype == np.float64 or convention == "published" else SINGLE
    for name, array in expected.items():
        # matrices are kept in single precision
        tolerance = max(exact, 6e-8) if name == "FC_E" else exact
        np.testing.assert_allclose(
            found[name], array, rtol=max(tolerance, 1e-9), atol=tolerance, err_msg=name
        )


def test_a_large_mean_costs_no_digits():
    # deviations of 1 about a mean of 1e6, which single precision holds to 0.06
    values = (series() + 1e6).astype(np.float32)
    _, found = fed(values, [64], unit="mV")
    exact = values.astype(np.float64)
    np.testing.assert_allclose(found["std_E"], exact.std(axis=2), rtol=1e-9)
    for k, one in enumerate(exact):
        np.testing.assert_allclose(found["FC_E"][k], np.corrcoef(one), atol=SINGLE)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_no_scale_overflows_or_vanishes(scale):
    values = (series() * scale).astype(np.float32)
    _, found = fed(values, [64], unit="mV")
    np.testing.assert_allclose(found["FC_E"][1], np.corrcoef(values[1].astype(np.float64)), atol=SINGLE)


def test_bits_do_not_depend_on_how_many_samples_come_at_once():
    values = series(np.float32)
    expected = fed(values, [700])[1]
    for sizes in ([1], [127, 2], [128], [300, 5, 64]):
        found = fed(values, sizes)[1]
        for name, array in expected.items():
            np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_bits_do_not_depend_on_the_other_work_items():
    values = series(np.float32)
    expected, alone = fed(values, [50])[1], fed(values[1:2], [50])[1]
    for name, array in expected.items():
        np.testing.assert_array_equal(alone[name][0], array[1])


def degenerate(kind):
    values = series(np.float32, n_item=2)
    if kind == "constant region":
        values[0, 2] = 0.1
    elif kind == "all constant":
        values[0] = 0.3
    elif kind == "one region":
        values = values[:, :1]
    elif kind == "two samples":
        values = values[:, :, :2]
    elif kind == "rests for a block":
        values[0, 1, 128:256] = values[0, 1, 128]
    elif kind == "nearly constant":
        values[0, 1] = 1.0
        values[0, 1, 400] = np.nextafter(np.float32(1), np.float32(2))
    else:
        values[0, 3, 500] = {"NaN": np.nan, "infinite": np.inf}[kind]
    return values


@pytest.mark.parametrize(
    "kind",
    [
        "constant region", "all constant", "one region", "two samples", "rests for a block",
        "nearly constant", "NaN", "infinite",
    ],
)  # fmt: skip
def test_degenerate_series_have_what_held_ones_have(kind):
    values = degenerate(kind)
    told, found = fed(values, [90])
    for name, array in held(told, values).items():
        np.testing.assert_allclose(found[name], array, rtol=1e-6, atol=5e-6, err_msg=name)
    if kind == "NaN":
        assert np.isnan(found["mean_FC_E"][0]) and np.isnan(found["mean_FR_E"][0, 3])
        assert np.isfinite(found["mean_FR_E"][0, :3]).all() and np.isfinite(found["mean_FC_E"][1])


def test_fits_to_functional_connectivity_are_made_in_one_pass():
    values = series(n_time=900)
    matrix = np.corrcoef(noise(n_time=500, seed=9))
    told, found = fed(values, [97], asked=("moments",), targets=(DataToFit("data", "FC", matrix),))
    assert in_one_pass(told.parts[0].context)
    lower = np.tril_indices(len(matrix), -1)
    for k, one in enumerate(values):
        expected = np.corrcoef(np.corrcoef(one)[lower], matrix[lower])[0, 1]
        np.testing.assert_allclose(found["fit_FC_data_E"][k], expected, rtol=1e-9)
    dynamics = DataToFit("other", "FCD", np.linspace(-1, 1, 9))
    assert not in_one_pass(
        recipe(6, 900, "float64", asked=("moments",), targets=(dynamics,)).parts[0].context
    )

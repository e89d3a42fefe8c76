"""Differences of series that are known, and how they are told."""

import json

import numpy as np
import pytest

from rateloom.drivers.planning.settings import Settings
from rateloom.regression.difference_table import difference_table, json_text, verdict
from rateloom.regression.differences import correlation, differences, scales_of
from rateloom.regression.regression import Regression

PAIR = ("numba", "oracle")
# two work items, ten steps, three nodes
REFERENCE = np.sin(np.arange(60.0)).reshape(2, 10, 3) * 4
SCALE = float(np.abs(REFERENCE).max())


def one(ours, stepped=None, dtype="float64"):
    still = np.zeros((10, 3))
    free = ({"x": ours}, {"x": REFERENCE})
    steps = ({"x": still if stepped is None else stepped}, {"x": still})
    (found,) = differences(PAIR, free, steps, {"x": SCALE}, dtype)
    return found


def test_equal_series_do_not_differ():
    found = one(REFERENCE)
    assert (found.absolute, found.relative, found.mean_squared, found.step_relative) == (0, 0, 0, 0)
    assert found.correlation == pytest.approx(1, rel=1e-15)
    assert found.first_beyond is None and found.step_first_beyond is None and found.within


def test_one_value_that_is_off():
    ours = REFERENCE.copy()
    ours[1, 6, 2] += 0.003
    found = one(ours)
    assert found.absolute == pytest.approx(0.003, rel=1e-10)
    assert found.relative == pytest.approx(0.003 / SCALE, rel=1e-10)
    assert found.mean_squared == pytest.approx((0.003 / SCALE) ** 2 / 60, rel=1e-10)
    assert found.first_beyond == 6 and not found.within


def test_a_free_run_may_come_apart_by_the_root_of_the_tolerance():
    assert one(REFERENCE + 0.99e-4 * SCALE / np.sqrt(10)).within
    assert not one(REFERENCE + 1.01e-4 * SCALE / np.sqrt(10)).within


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
def test_single_steps_have_a_tolerance_of_their_own(dtype, tolerance):
    stepped = np.zeros((10, 3))
    stepped[4, 1] = 0.99 * tolerance * SCALE
    assert one(REFERENCE, stepped, dtype).within
    stepped[5, 0] = 1.01 * tolerance * SCALE
    found = one(REFERENCE, stepped, dtype)
    assert found.step_first_beyond == 5 and not found.within
    assert found.step_relative == pytest.approx(1.01 * tolerance)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_beyond_any_tolerance(value):
    ours = REFERENCE.copy()
    ours[0, 3, 0] = value
    found = one(ours)
    assert found.absolute == np.inf and found.first_beyond == 3 and not found.within
    assert np.isnan(found.correlation)


def test_correlation_is_pearsons_about_each_series_mean():
    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 1, 50, 1))
    assert correlation(a, b) == pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1], rel=1e-12)
    offsets = np.array([100.0, -100.0, 0.0])
    assert correlation(a + offsets, a - offsets) == pytest.approx(1, rel=1e-12)
    assert np.isnan(correlation(np.ones((1, 5, 1)), np.ones((1, 5, 1))))


def test_scales_are_the_largest_values():
    assert scales_of({"x": np.array([[[-3.0, 2.0]]]), "zero": np.zeros((1, 1, 1))}) == {"x": 3.0, "zero": 1.0}


def regression_of(*found):
    settings = Settings(duration=1.0, speed=np.inf)
    return Regression("m", "0", "c", "G", 2, ("numba",), settings, found, {})


def test_a_report_says_what_is_beyond_and_is_json_whatever_the_numbers():
    ours = REFERENCE.copy()
    ours[0, 3, 0] = np.nan
    good, bad = one(REFERENCE), one(ours)
    assert verdict(regression_of(good)) == "m: numba and the oracle agree"
    assert verdict(regression_of(good, bad)) == "m: 1 of 2 comparisons are beyond tolerance (numba – oracle)"
    assert difference_table(regression_of(good, bad)).row_count == 2
    report = json.loads(json_text([regression_of(good, bad)]))
    assert report["within"] is False
    (model,) = report["models"]
    assert model["settings"]["speed"] is None and model["settings"]["dtype"] == "float32"
    assert [d["within"] for d in model["differences"]] == [True, False]
    assert model["differences"][1]["absolute"] is None

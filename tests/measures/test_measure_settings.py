"""Settings that make no sense are refused; those that do are obeyed to their limits."""

import numpy as np
import pytest
from measure_cases import measured, noise

import rateloom
from rateloom import InputError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"high_rate": np.nan}, "high_rate=nan: it must be a finite number"),
        ({"up_ratio": "0.3"}, "up_ratio='0.3': it must be a finite number"),
        ({"up_least": None}, "up_least=None: it must be a finite number"),
        ({"frequency_resolution": 0.0}, "it must be greater than 0"),
        ({"fcd_step": -1.0}, "it must be greater than 0"),
        ({"up_smoothing": -1.0}, "it must not be negative"),
        ({"fcd_apart": 0}, "whole number, at least 1"),
        ({"most_active": 2.5}, "whole number, at least 1"),
        ({"fcd_window": 950.0}, "no whole number of steps of 100 ms"),
        ({"fcd_window": 10.0}, "no whole number of steps"),
        ({"fcd_window": 1e300, "fcd_step": 1e-300}, "no whole number of steps"),
        ({"bands": [(1, 2)]}, "mapping of names"),
        ({"bands": {"low": (4.0, 1.0)}}, "below the upper"),
        ({"bands": {"low": (-1.0, 1.0)}}, "at least 0"),
        ({"bands": {"low": 4.0}}, "two frequencies in Hz"),
        ({"slope_range": (1.0, np.inf)}, "slope_range=.*two frequencies"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, message):
    with pytest.raises(InputError, match=message) as error:
        rateloom.MeasureSettings(**options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "options",
    [
        {"up_smoothing": 0.0, "up_shortest": 0.0},
        {"up_smoothing": 1e12, "up_shortest": 1e300},
        {"frequency_resolution": 1e-300},
        {"frequency_resolution": 1e300},
        {"fcd_step": 1e300, "fcd_window": 1e300},
        {"fcd_step": 1e-6, "fcd_window": 1e-6},
        {"fcd_apart": 10**9},
        {"bands": {}},
        {"slope_range": (1e300, 1e301)},
    ],
)
def test_extreme_settings_end_in_numbers_or_nan(options):
    for convention in ("standard", "published"):
        found = measured(noise(3, 400), convention, **options)
        assert found["mean_FC"] == pytest.approx(measured(noise(3, 400), convention)["mean_FC"], rel=1e-9)

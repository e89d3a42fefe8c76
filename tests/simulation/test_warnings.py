"""Warnings are data until they are issued: once, at the line of whoever called."""

import warnings

import pytest

import rateloom
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings, SettingsWarning
from rateloom.drivers.support.notices import issue

NEAREST = "period=0.25 ms is no whole number of steps: samples are 0.2 ms apart"
OUTSIDE = "parameter G=2 lies outside 0 to 1, linear's range"


@pytest.mark.parametrize(
    "call",
    [
        lambda given: rateloom.simulate("linear", parameters={"G": 2.0}, **given),
        lambda given: rateloom.sweep("linear", {"G": [0.0, 2.0]}, **given),
        lambda given: rateloom.sweep(
            "linear", {"G": [0.0, 2.0]}, keep="measures", measures=["mean_FC"], **given
        ),
    ],
    ids=["simulate", "sweep", "measures"],
)
def test_each_warning_is_issued_once_at_the_line_of_the_caller(call):
    given = {
        "connectome": "synthetic:6",
        "duration": 20.0,
        "period": 0.25,
        "dtype": "float64",
        "progress": False,
    }
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        call(given)
    assert [str(warning.message) for warning in issued] == [NEAREST, OUTSIDE]
    assert {warning.filename for warning in issued} == {__file__}


def test_sample_times_say_what_is_taken_as_the_nearest_and_issue_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        samples = sample_times(Settings(), period=0.25)
        assert sample_times(Settings(), period=0.5).warnings == ()
        assert sample_times(Settings(), "raw", 0.25).warnings == ()
    assert [(type(warning), str(warning)) for warning in samples.warnings] == [(SettingsWarning, NEAREST)]
    with pytest.warns(SettingsWarning, match="samples are 0.2 ms apart"):
        issue(samples.warnings[0])

"""Series that are too short for sliding windows: a warning, exactly where the measure is NaN."""

import warnings

import numpy as np
import pytest
import xarray as xr
from measure_cases import noise

import rateloom
from rateloom.drivers.planning.settings import SettingsWarning

SHORT = rateloom.MeasureSettings(fcd_window=100.0, fcd_step=20.0)
MESSAGE = r"^x: \d+ ms of samples are too short for varFCD, which will be NaN: windows have 100 ms"


def series(n_time):
    values = noise(4, n_time).T
    return xr.Dataset({"x": (("time", "node"), values)}, {"time": np.arange(n_time) * 1.0})


@pytest.mark.parametrize("apart", [1, 2, 5])
@pytest.mark.parametrize("n_time", [30, 100, 119, 120, 139, 140, 159, 160, 179, 180, 220, 240, 260])
def test_a_warning_says_what_will_be_nan_and_nothing_else_does(n_time, apart):
    settings = rateloom.MeasureSettings(fcd_window=100.0, fcd_step=20.0, fcd_apart=apart)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = rateloom.measures(series(n_time), measures=["varFCD"], settings=settings)
    assert len(caught) == int(np.isnan(found["varFCD_x"]))


def test_comparisons_of_dynamics_are_named_too():
    targets = rateloom.targets(fcd={"rest": np.linspace(0, 1, 9)}, phase_fcd={"rest": np.linspace(0, 1, 9)})
    wanted = "too short for fit_FCD_rest, fit_phFCD_rest, which will be NaN"
    with pytest.warns(SettingsWarning, match=wanted):
        rateloom.measures(series(50), measures=["mean_FC"], settings=SHORT, targets=targets)


@pytest.mark.slow
def test_a_sweep_says_it_before_it_simulates():
    options = {"connectome": "synthetic:4", "duration": 30.0, "progress": False}
    with pytest.warns(SettingsWarning, match=MESSAGE):
        rateloom.sweep("linear", {"G": [0.0]}, keep="measures", measure_settings=SHORT, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rateloom.sweep("linear", {"G": [0.0]}, keep="measures", measures=["mean_FC"], **options)

"""What the published analysis gives for its three series, to 1e-6 (doi 10.3390/app14052211)."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import rateloom

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vast-tvb"
SERIES = ("noise", "oscillation", "updown")
POPULATIONS = {"e": "E", "i": "I"}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published series at {SHARED}")


def dataset(name):
    with np.load(SHARED / f"analysis_{name}.npz", allow_pickle=False) as stored:
        series = stored["series"]
    variables = {
        exposure: (("time", "node"), series[:, k], {"unit": "kHz"})
        for k, exposure in enumerate(POPULATIONS.values())
    }
    return xr.Dataset(variables, {"time": np.arange(len(series)) + 0.5})


def ours(found, column):
    """Our value of a published column: mean_FR_e_12, mean_FR_e, slope_PSD_e."""
    *stem, last = column.split("_")
    region = None
    if last.isdigit():
        region, last = int(last), stem.pop()
    name = "_".join([*stem, POPULATIONS[last]])
    if region is not None:
        return float(found[name][region])
    whole = f"{name}_all"
    return float(found[whole] if whole in found else found[name])


@pytest.fixture(scope="module", params=SERIES)
def case(request):
    expected = json.loads((SHARED / f"analysis_{request.param}.json").read_text())
    found = rateloom.measures(
        dataset(request.param), SHARED / "connectivity_68.zip", "published", progress=False
    )
    return request.param, expected, found


def test_every_column_is_reproduced(case):
    name, expected, found = case
    assert len(expected) == 596
    wrong = {}
    for column, value in expected.items():
        value, given = (np.nan if value is None else value), ours(found, column)
        if not np.isclose(given, value, rtol=1e-6, atol=0, equal_nan=True):
            wrong[column] = (given, value)
    assert not wrong, name


def test_the_standard_convention_mends_the_faults(case):
    name, _, published = case
    found = rateloom.measures(dataset(name), SHARED / "connectivity_68.zip", progress=False)
    for e in POPULATIONS.values():
        # inverse of one another
        product = found[f"coeff_var_{e}_all"] * published[f"coeff_var_{e}_all"]
        np.testing.assert_allclose(product, 1, rtol=1e-6)
        # pairs alone are counted
        np.testing.assert_allclose(found[f"mean_FC_{e}"], published[f"mean_FC_{e}"] * 68 / 67, rtol=1e-4)
        # shares of the power are at most all of it
        bands = [found[f"{band}_rel_p_{e}"] for band in ("delta", "theta", "alpha", "beta", "gamma")]
        assert 0 < sum(bands) <= 1
        # what is the same in both
        for same in ("mean_FR", "std_FR", "max_FR", "min_FR"):
            np.testing.assert_allclose(found[f"{same}_{e}_all"], published[f"{same}_{e}_all"], rtol=1e-6)
        assert found[f"fmax_amp_{e}"] == published[f"fmax_amp_{e}"]


def test_up_states_of_the_alternating_series_last_as_long_as_they_do():
    """The series alternates at 1.25 to 1.5 Hz; published, a region is up for 4 ms or never."""
    found = rateloom.measures(dataset("updown"), progress=False)
    period = found["mean_up_E"] + found["mean_down_E"]
    assert 1 / 1.5 < period < 1 / 1.25 + 0.05
    steady = rateloom.measures(dataset("oscillation"), progress=False)
    assert steady["mean_up_E"] > 3

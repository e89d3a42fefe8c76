"""What is asked for by families and names is what there is, with the values that it has among all."""

import numpy as np
import pytest
import xarray as xr
from measure_cases import noise

import rateloom
from rateloom.drivers.measures import item as of_item
from rateloom.drivers.measures.catalogue import CATALOGUE
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.selection import FAMILIES, chosen


def dataset(unit="kHz", n_time=1500):
    values = noise(n_time=n_time) / 1000
    return xr.Dataset({"E": (("time", "node"), values.T, {"unit": unit})}, {"time": np.arange(n_time) * 1.0})


def brain():
    rng = np.random.default_rng(3)
    return rateloom.Connectome(rng.uniform(size=(6, 6)), rng.uniform(10, 100, (6, 6)))


def test_every_measure_belongs_to_one_family():
    names = [name for names in FAMILIES.values() for name in names]
    assert sorted(names) == sorted(CATALOGUE)


@pytest.mark.parametrize("asked", [*FAMILIES, "mean_FR_all", "freq_dom", "alpha_rel_p", "FC", "PLI"])
@pytest.mark.parametrize("convention", ["standard", "published"])
def test_what_is_asked_for_has_its_value_among_all(asked, convention):
    whole = rateloom.measures(dataset(), brain(), convention, matrices=True, threads=1)
    if asked == "default_mode":  # no labels, no network
        with pytest.raises(rateloom.InputError, match="ratio_frmean_dmn cannot be taken"):
            rateloom.measures(dataset(), brain(), convention, measures=["ratio_frmean_dmn"])
        return
    found = rateloom.measures(dataset(), brain(), convention, measures=[asked], threads=1)
    names = chosen([asked], MeasureSettings())
    assert len(found.data_vars) == len(names)
    for name, array in found.items():
        xr.testing.assert_identical(array, whole[name])


def test_only_what_is_asked_for_is_computed(monkeypatch):
    for name in ("blocks_of", "mean_power_and_hilbert", "state_durations", "dominant_frequency"):
        monkeypatch.setattr(of_item, name, None)
    found = rateloom.measures(dataset(), measures=["max_FR", "high_rate_visits"])
    assert list(found.data_vars) == ["max_FR_E", "high_rate_visits_E"]


def test_order_and_repetition_do_not_matter():
    one = rateloom.measures(dataset(), measures=("mean_FC", "moments", "mean_FR"))
    assert [*one.data_vars][:2] == ["mean_FR_E", "mean_FR_E_all"]
    xr.testing.assert_identical(one, rateloom.measures(dataset(), measures=["moments", "mean_FC"]))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["mean_Fc"], "there is no 'mean_Fc'; did you mean mean_FC"),
        (["conectivity"], "did you mean connectivity"),
        (["entropy"], "families are moments, connectivity"),
        (["ALPHA_rel_p"], "did you mean alpha_rel_p"),
        ([3], "there is no 3;"),
        ("mean_FC", "give a list of names"),
        (7, "give a list of names"),
        (["corr_FC_SC"], "corr_FC_SC cannot be taken here; give connectome= with it"),
    ],
)
def test_what_is_no_measure_is_refused(asked, says):
    with pytest.raises(rateloom.InputError, match=says) as caught:
        rateloom.measures(dataset(), measures=asked)
    assert "\n" not in str(caught.value)


def test_measures_of_rates_are_refused_for_potentials():
    with pytest.raises(rateloom.InputError, match="ratio_AI cannot be taken here; it is one of rates"):
        rateloom.measures(dataset("mV"), measures=["ratio_AI"])
    # of a family there is what can be
    assert list(rateloom.measures(dataset("mV"), measures=["connectivity"]).data_vars) == ["mean_FC_E"]

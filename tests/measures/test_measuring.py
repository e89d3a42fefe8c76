"""`rateloom.measures` on what simulations return and on other datasets; what it refuses."""

import json

import numpy as np
import pytest
import xarray as xr
from measure_cases import measured, noise

import rateloom
from rateloom import InputError

RATES = np.stack([np.stack([noise(4, 1300, seed=3 * g + e).T for e in range(3)]) for g in range(2)])
TIMES = np.arange(1300) + 0.5


def dataset(unit="kHz", scale=1e-3, **extra):
    exposure = (("G", "eta", "time", "node"), RATES * scale, {"unit": unit} if unit else {})
    coordinates = {"G": [0.1, 0.2], "eta": [1, 2, 3], "time": TIMES, "node": list("abcd")}
    return xr.Dataset({"E": exposure}, coordinates, {"model": "made up"}).assign(extra)


def test_numbers_and_vectors_keep_the_axes_of_the_sweep():
    found = rateloom.measures(dataset())
    assert found["mean_FR_E"].dims == ("G", "eta", "node")
    assert found["mean_FR_E_all"].dims == found["mean_FC_E"].dims == ("G", "eta")
    assert list(found["eta"].values) == [1, 2, 3]
    assert list(found["node"].values) == list("abcd")
    assert "time" not in found.coords
    for g, e in np.ndindex(2, 3):
        alone = measured(RATES[g, e].T)
        for name in ("mean_FC", "mean_PLI", "slope_PSD", "varFCD", "mean_up", "pmax_amp", "ratio_AI"):
            np.testing.assert_allclose(found[f"{name}_E"][g, e], alone[name], rtol=1e-9)
        np.testing.assert_allclose(found["mean_FR_E"][g, e], alone["mean_FR"], rtol=1e-9)
        np.testing.assert_allclose(found["std_FR_E_all"][g, e], alone["std_FR_all"], rtol=1e-9)


def test_the_record_of_the_run_is_kept_and_that_of_the_measures_added():
    found = rateloom.measures(
        dataset(diverged_step=(("G", "eta"), np.full((2, 3), -1))), convention="published"
    )
    assert found.attrs["model"] == "made up"
    assert found.attrs["convention"] == "published"
    assert json.loads(found.attrs["measure_settings"])["high_rate"] == 100
    assert found["diverged_step"].dims == ("G", "eta")


def test_units_are_told():
    found = rateloom.measures(dataset())
    units = {name: found[name].attrs.get("unit") for name in found}
    assert units["mean_FR_E"] == units["std_FR_E_all"] == units["freq_dom_E"] == "Hz"
    assert units["pmax_amp_E"] == "(Hz)^2/Hz"
    assert units["mean_up_E"] == "s"
    assert units["mean_FC_E"] is None
    assert all(found[name].attrs["description"] for name in found)
    assert rateloom.measures(dataset(), convention="published")["pmax_amp_E"].attrs["unit"] == "(Hz)^2"


def test_hz_and_khz_are_the_same_rates():
    khz, hz = rateloom.measures(dataset()), rateloom.measures(dataset("Hz", 1.0))
    for name in khz:
        np.testing.assert_allclose(khz[name], hz[name], rtol=1e-9, err_msg=str(name))


@pytest.mark.parametrize(("unit", "spectral"), [("mV", "(mV)^2/Hz"), ("", None)])
def test_what_is_no_rate_has_no_measures_of_rates(unit, spectral):
    found = rateloom.measures(dataset(unit, 1.0))
    assert "mean_E" in found and "mean_E_all" in found and "coeff_var_E" in found
    absent = ("mean_FR_E", "mean_up_E", "mean_down_E", "ratio_AI_E", "high_rate_visits_E")
    assert not set(absent) & set(found)
    assert found["mean_E"].attrs.get("unit") == (unit or None)
    assert found["pmax_amp_E"].attrs.get("unit") == spectral
    rates = rateloom.measures(dataset("Hz", 1.0))
    np.testing.assert_array_equal(found["mean_E"], rates["mean_FR_E"])
    np.testing.assert_array_equal(found["mean_FC_E"], rates["mean_FC_E"])


def test_dimensions_may_come_in_any_order():
    turned = dataset().transpose("node", "eta", "time", "G")
    found, straight = rateloom.measures(turned), rateloom.measures(dataset())
    for name in straight:
        np.testing.assert_array_equal(found[name].transpose(*straight[name].dims), straight[name])


def test_axes_may_be_stacked():
    found = rateloom.measures(dataset().stack(item=("G", "eta"))).unstack("item")
    straight = rateloom.measures(dataset())
    for name in straight:
        np.testing.assert_array_equal(found[name].transpose(*straight[name].dims), straight[name])


def test_exposures_may_differ_in_their_axes_and_others_are_ignored():
    given = dataset(I=(("time", "node"), RATES[0, 0], {"unit": "Hz"}), total=(("time",), TIMES))
    found = rateloom.measures(given)
    assert found["mean_FC_I"].dims == ()
    assert found["mean_FC_I"] == pytest.approx(float(found["mean_FC_E"][0, 0]), rel=1e-9)
    assert not [name for name in found if "total" in str(name)]


def test_a_store_is_read_in_parts(tmp_path, monkeypatch):
    whole = rateloom.measures(dataset())
    dataset().drop_vars("node").to_zarr(tmp_path / "sweep.zarr", consolidated=False)
    monkeypatch.setattr("rateloom.drivers.observation.measured_dataset._PART_BYTES", 100_000)
    found = rateloom.measures(xr.open_zarr(tmp_path / "sweep.zarr", chunks=None, consolidated=False))
    for name in whole:
        np.testing.assert_array_equal(found[name], whole[name])


def test_matrices_on_request():
    found = rateloom.measures(dataset(), matrices=True)
    assert found["FC_E"].dims == found["PLI_E"].dims == ("G", "eta", "node", "other_node")
    np.testing.assert_allclose(found["FC_E"][1, 2], np.corrcoef(RATES[1, 2].T), atol=1e-9)


def test_the_connectome_is_compared_with():
    rng = np.random.default_rng(0)
    weights, lengths = rng.random((4, 4)), rng.random((4, 4)) * 100
    conn = rateloom.Connectome(weights, lengths)
    assert "corr_FC_SC_E" not in rateloom.measures(dataset())
    found = rateloom.measures(dataset(), conn)
    lower = np.tril_indices(4, -1)
    matrix = np.corrcoef(RATES[0, 1].T)[lower]
    for name, other in (("corr_FC_SC_E", weights), ("corr_FC_tract_E", lengths)):
        expected = np.corrcoef(matrix, (other + other.T)[lower])[0, 1]
        assert float(found[name][0, 1]) == pytest.approx(expected, rel=1e-9)


def test_the_default_mode_network_is_found_by_the_labels_of_either():
    names = ("precuneus", "medialorbitofrontal", "rostralanteriorcingulate", "posteriorcingulate", "a", "b")
    labels = [f"{side}_{name}" for side in "lr" for name in names]
    conn = rateloom.Connectome(np.ones((12, 12)), np.ones((12, 12)), labels)
    values = noise(12, 300).T
    plain = xr.Dataset({"E": (("time", "node"), values, {"unit": "Hz"})}, {"time": np.arange(300.0)})
    for found in (rateloom.measures(plain.assign_coords(node=labels)), rateloom.measures(plain, conn)):
        largest = np.argsort(values.mean(axis=0))[-10:]
        expected = np.mean([labels[i][2:] in names[:4] for i in largest])
        assert found["ratio_frmean_dmn_E"] == pytest.approx(expected)
        assert "ratio_zscore_dmn_E" in found
    assert "ratio_frmean_dmn_E" not in rateloom.measures(plain)


def test_what_simulate_and_sweep_return_is_measured():
    options = {"connectome": "synthetic:6", "duration": 300.0, "progress": False}
    one = rateloom.simulate("montbrio", **options)
    found = rateloom.measures(one, "synthetic:6")
    rates = 1000 * one["r"].values.astype(float)
    np.testing.assert_allclose(found["mean_FR_r"], rates.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found["mean_V_all"], one["V"].values.mean(), rtol=1e-4)
    assert "corr_FC_SC_V" in found
    many = rateloom.sweep("montbrio", {"G": [0.1, 0.2]}, **options)
    assert rateloom.measures(many)["mean_PLI_r"].dims == ("G",)


def test_a_user_s_measures_are_named_after_the_exposure():
    @rateloom.measure(unit="Hz", description="range over time")
    def span(values):
        return np.ptp(values, axis=0)

    found = rateloom.measures(dataset(), custom=[span])
    np.testing.assert_allclose(found["span_E"], np.ptp(RATES, axis=2), rtol=1e-9)
    assert found["span_E"].attrs == {"unit": "Hz", "description": "range over time"}


def test_sliding_windows_that_would_fill_the_memory_are_refused(monkeypatch):
    monkeypatch.setattr("rateloom.drivers.observation.measured_dataset.available_memory", lambda: 100_000)
    slow = rateloom.MeasureSettings(fcd_step=1.0, fcd_window=100.0)
    with pytest.raises(InputError, match=r"in steps of 1 ms take .* on 2 threads .* raise fcd_step"):
        rateloom.measures(dataset(), settings=slow, threads=2)
    assert rateloom.measures(dataset(), threads=2)["varFCD_E"].notnull().all()


def test_two_measures_of_one_name_are_refused():
    given = dataset().rename(E="x")
    given["x_all"] = given["x"]
    with pytest.raises(InputError, match="two measures would be called mean_FR_x_all; rename the exposure"):
        rateloom.measures(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (RATES, "measures of ndarray: give an xarray.Dataset"),
        (xr.Dataset({"a": ("time", [1.0, 2.0])}), "no variable with dimensions time and node"),
        (dataset().drop_vars("time"), "no coordinate time"),
        (dataset().isel(time=slice(0, 1)), "one sample in time"),
        (dataset().isel(time=slice(None, None, -1)), "not evenly spaced and rising"),
        (dataset().drop_isel(time=[5]), "not evenly spaced"),
        (dataset().assign_coords(time=np.full(1300, np.nan)), "not evenly spaced"),
        (dataset().assign_coords(time=("time", TIMES, {"unit": "s"})), "time is in s; convert it to ms"),
        (dataset().assign_coords(time=[f"{t}" for t in TIMES]), "it must be numbers, in ms"),
        (dataset().isel(node=slice(0, 0)), "variable E is empty"),
        (dataset().isel(G=slice(0, 0)), "variable E is empty"),
        (dataset().astype(complex), "dtype complex128; it must be real numbers"),
        (dataset().astype(str), "it must be real numbers"),
    ],
)
def test_a_dataset_that_cannot_be_measured_is_refused_in_one_line(given, message):
    with pytest.raises(InputError, match=message) as error:
        rateloom.measures(given)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"convention": "theirs"}, "convention='theirs' is unknown; use one of standard, published"),
        ({"connectome": "synthetic:7"}, "has 7 nodes and E has 4"),
        ({"connectome": "nowhere.zip"}, "no such file or name"),
        ({"settings": {"high_rate": 50}}, "give a rateloom.MeasureSettings"),
        ({"threads": 0}, "threads"),
        ({"custom": [np.mean]}, "is no measure; decorate the function with rateloom.measure"),
        ({"custom": 3}, "it must be a list"),
    ],
)
def test_options_that_cannot_be_used_are_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message) as error:
        rateloom.measures(dataset(), **options)
    assert "\n" not in str(error.value)

"""Cleaned signals against SciPy and plain NumPy, step by step, and what compares regions of them."""

import dataclasses
import json
import warnings

import numpy as np
import pytest
import scipy.interpolate
import scipy.signal
import scipy.stats
import xarray as xr

import rateloom
from rateloom import InputError, SignalCleaning
from rateloom.drivers.measures.cleaning import check_cleaning, cleaned
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import recorded_settings

TR = 2000.0
BAND = (0.01, 0.1)
N_NODE, N_TIME = 6, 300
RNG = np.random.default_rng(7)
# slow, drifting, with a part that all regions have, and another scale in each
SERIES = np.cumsum(RNG.normal(size=(N_NODE, N_TIME)), axis=1) + RNG.normal(size=(N_NODE, N_TIME))
SERIES = (SERIES + 3 * RNG.normal(size=N_TIME)) * np.arange(1, N_NODE + 1)[:, None] + 1e3
KEPT = np.ones(N_TIME, bool)
KEPT[[0, 1, 40, 41, 42, 100, 298, 299]] = False
ALL = SignalCleaning(BAND, 3, zscore=True, global_signal_regression=True)
PAIRS = np.triu_indices(N_NODE, 1)
FC = np.corrcoef(RNG.normal(size=(N_NODE, 30)))


def line_less(rows, times):
    return np.stack([row - np.polyval(np.polyfit(times, row, 1), times) for row in rows])


def filtered(rows, band=BAND, order=2, tr=TR):
    sections = scipy.signal.butter(order, np.array(band) * 2 * tr / 1000, "bandpass", output="sos")
    return scipy.signal.sosfiltfilt(sections, rows, axis=1)


def residuals(rows):
    """Of each region after an ordinary least-squares fit with the mean over regions and a constant."""
    design = np.stack([rows.mean(axis=0), np.ones(rows.shape[1])], 1)
    return rows - (design @ np.linalg.lstsq(design, rows.T, rcond=None)[0]).T


def test_a_line_is_taken_out():
    times = np.arange(N_TIME)
    expected = line_less(SERIES, times)
    np.testing.assert_allclose(cleaned(SERIES, TR, SignalCleaning()), expected, atol=1e-8)
    steep = np.outer(np.arange(1, N_NODE + 1), 1e6 * times) + SERIES
    np.testing.assert_allclose(cleaned(steep, TR, SignalCleaning()), expected, atol=1e-4)


@pytest.mark.parametrize("order", [1, 2, 5])
def test_the_filter_is_scipys(order):
    expected = filtered(scipy.signal.detrend(SERIES, axis=1), order=order)
    expected -= expected.mean(axis=1, keepdims=True)
    found = cleaned(SERIES, TR, SignalCleaning(BAND, order))
    np.testing.assert_allclose(found, expected, atol=1e-11 * np.abs(expected).max())


def test_frequencies_in_the_band_stay_with_their_phases_and_others_go():
    """The gain of a filter that is run twice is the square of Butterworth's: 1 / (1 + x^(2 n))."""
    times = np.arange(3000) * TR / 1000
    for frequency in (0.002, 0.01, 0.03, 0.1, 0.2):
        wave = np.sin(2 * np.pi * frequency * times)
        warp = np.tan(np.pi * np.array([frequency, *BAND]) * TR / 1000)
        x = (warp[0] ** 2 - warp[1] * warp[2]) / (warp[0] * (warp[2] - warp[1]))
        gain = 1 / (1 + x**4)
        found = cleaned(np.stack([wave, 2 * wave]), TR, SignalCleaning(BAND))
        # away from the ends, which the filter's transients reach some 200 volumes from
        inner = slice(600, -600)
        np.testing.assert_allclose(found[0, inner], gain * wave[inner], atol=2e-3)


def test_the_global_signal_is_regressed_out():
    rows = line_less(SERIES, np.arange(N_TIME))
    found = cleaned(SERIES, TR, SignalCleaning(global_signal_regression=True))
    np.testing.assert_allclose(found, residuals(rows), atol=1e-8)
    assert np.abs(found.mean(axis=0)).max() < 1e-9 * np.abs(found).max()
    alike = rows / rows.std(axis=1, keepdims=True)
    found = cleaned(SERIES, TR, SignalCleaning(zscore=True, global_signal_regression=True))
    np.testing.assert_allclose(found, residuals(alike), atol=1e-10)
    assert np.abs(np.corrcoef(found) - np.corrcoef(residuals(rows))).max() > 0.1


def test_all_steps_with_censored_volumes():
    """Splines bridge what is censored, as in nilearn; what is left of it is in no statistic."""
    numbers = np.flatnonzero(KEPT)
    span = np.arange(numbers[0], numbers[-1] + 1)
    spline = scipy.interpolate.CubicSpline(numbers, SERIES[:, numbers], axis=1)
    rows = filtered(line_less(spline(span), span), order=3)[:, KEPT[span]]
    rows = scipy.stats.zscore(rows, axis=1)
    wrong = np.where(KEPT, SERIES, np.nan)
    found = cleaned(wrong, TR, ALL, KEPT)
    assert found.shape == (N_NODE, KEPT.sum())
    np.testing.assert_allclose(found, residuals(rows), atol=1e-8)


# Correlations of what nilearn 0.14.1 makes, whose filter is of order 5:
# signal.clean(SERIES.T, detrend=True, standardize=None, low_pass=0.1, high_pass=0.01, t_r=2.0,
#              confounds=SERIES.mean(axis=0)[:, None], sample_mask=mask), mask None or all but HEAD
HEAD = [0, 1, 40, 41, 42, 100]
NILEARN = """
0.1764474925 -0.1148829047 0.0939140130 -0.1687220603 -0.1171089299 0.0562174874 -0.2362869012 -0.1621048717
-0.1182639704 -0.0855609141 -0.2650754833 -0.3236008964 -0.4371814370 -0.2373151037 -0.4442481767
0.1510482170 -0.1772389321 0.1167426621 -0.2022149492 -0.0475528795 0.0592030721 -0.1852781949 -0.1978204288
-0.1198823971 -0.0470163779 -0.2860619013 -0.3261128919 -0.4212523078 -0.3011441362 -0.4143866002
"""


def test_nilearn_makes_the_same():
    kept = np.ones(N_TIME, bool)
    kept[HEAD] = False
    whole, censored = np.array(NILEARN.split(), float).reshape(2, -1)
    cleaning = SignalCleaning(BAND, 5, global_signal_regression=True)
    for mask, expected in ((None, whole), (kept, censored)):
        matrix = np.corrcoef(cleaned(SERIES, TR, cleaning, mask))
        np.testing.assert_allclose(matrix[PAIRS], expected, atol=1e-9)


def test_rest_and_what_is_the_global_signal_itself_are_rest():
    rest = np.concatenate([SERIES, np.full((1, N_TIME), 0.1), np.linspace(-1e6, 1e6, N_TIME)[None]])
    for cleaning in (SignalCleaning(), SignalCleaning(zscore=True), ALL):
        found = cleaned(rest, TR, cleaning)
        assert np.isfinite(found).all()
        if not cleaning.global_signal_regression:
            assert not found[-2:].any() and found[:-2].any(axis=1).all()
    same = np.repeat(SERIES[:1], 4, axis=0)
    assert not cleaned(same, TR, ALL).any()
    assert not cleaned(np.zeros((3, 100)), TR, ALL).any()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"band_pass": (0.0, 0.1)}, "band_pass from 0 Hz: the lower edge must be above 0"),
        ({"band_pass": (0.1, 0.01)}, "the lower edge must be at least 0 and below the upper"),
        ({"band_pass": (0.01, np.inf)}, "two frequencies in Hz"),
        ({"band_pass": 0.1}, "band_pass=0.1: it must be two frequencies in Hz"),
        ({"band_pass": (0.01, np.nan)}, "two frequencies in Hz"),
        ({"filter_order": 0}, "filter_order=0: it must be a whole number from 1 to 10"),
        ({"filter_order": 11}, "from 1 to 10"),
        ({"zscore": 1}, "zscore=1: it must be True or False"),
        ({"global_signal_regression": "yes"}, "it must be True or False"),
    ],
)
def test_what_is_no_cleaning_is_refused(options, says):
    with pytest.raises(InputError, match=says) as error:
        SignalCleaning(**options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("cleaning", "dt", "n_time", "says"),
    [
        (SignalCleaning(BAND), 5000.0, 300, "samples every 5000 ms have frequencies below 0.1 Hz"),
        (SignalCleaning(BAND), TR, 49, "takes 100000 ms at least, .* and the series has 98000 ms"),
        (SignalCleaning((0.05, 0.055)), TR, 99, "takes 200000 ms at least"),
        (SignalCleaning((0.05, 0.2), 10), TR, 63, "a filter of order 10 takes 64 samples at least"),
    ],
)
def test_what_cannot_be_filtered_is_refused(cleaning, dt, n_time, says):
    with pytest.raises(InputError, match=says) as error:
        check_cleaning("series a", cleaning, dt, n_time)
    assert str(error.value).startswith("series a: ") and "\n" not in str(error.value)
    check_cleaning("series a", cleaning, TR, n_time + 1 if dt == TR else n_time)


def dataset(values, dt=TR):
    return xr.Dataset({"x": (("item", "time", "node"), values)}, {"time": dt * np.arange(values.shape[1])})


WINDOWS = {"fcd_window": 30 * TR, "fcd_step": 5 * TR}
SETTINGS = rateloom.MeasureSettings(**WINDOWS, cleaning=ALL)


@pytest.fixture(scope="module")
def found():
    rests, lost = SERIES.T.copy(), SERIES.T.copy()
    rests[:, 2], lost[9, 4] = 5.0, np.nan
    values = np.stack([SERIES.T, rests, lost])
    targets = (DataToFit("a", "FC", FC), DataToFit("a", "FCD", FC[PAIRS]), DataToFit("a", "phFCD", FC[PAIRS]))
    options = {"settings": SETTINGS, "targets": targets, "matrices": True}
    return rateloom.measures(dataset(values), "synthetic:6", **options)


def test_what_compares_regions_is_of_cleaned_signals(found):
    rows = residuals(scipy.stats.zscore(filtered(scipy.signal.detrend(SERIES, axis=1), order=3), axis=1))
    matrix = np.corrcoef(rows)
    np.testing.assert_allclose(found["FC_x"][0], matrix, atol=1e-9)
    assert float(found["mean_FC_x"][0]) == pytest.approx(matrix[PAIRS].mean(), abs=1e-9)
    expected = scipy.stats.pearsonr(matrix[PAIRS], FC[PAIRS]).statistic
    assert float(found["fit_FC_a_x"][0]) == pytest.approx(expected, abs=1e-9)
    phases = np.angle(scipy.signal.hilbert(rows, axis=1))
    order = np.abs(np.exp(1j * phases).mean(axis=0))
    assert float(found["kuramoto_order_x"][0]) == pytest.approx(order.mean(), abs=1e-6)
    windows = [np.corrcoef(rows[:, k : k + 30])[PAIRS] for k in range(0, N_TIME - 29, 5)]
    dynamics = np.corrcoef(windows)[np.triu_indices(len(windows), 2)]
    assert float(found["varFCD_x"][0]) == pytest.approx(dynamics.var(), abs=1e-9)
    expected = scipy.stats.ks_2samp(dynamics, FC[PAIRS]).statistic
    assert float(found["fit_FCD_a_x"][0]) == pytest.approx(expected, abs=1e-12)


def test_what_does_not_is_of_signals_as_they_are(found):
    plain = rateloom.measures(
        dataset(SERIES.T[None]), "synthetic:6", settings=rateloom.MeasureSettings(**WINDOWS)
    )
    for name in ("mean_x", "std_x_all", "freq_dom_x", "slope_PSD_x", "delta_rel_p_x"):
        np.testing.assert_array_equal(found[name][0], plain[name][0], err_msg=name)
    for name in ("mean_FC_x", "mean_PLI_x", "metastability_x", "varFCD_x", "corr_FC_SC_x"):
        assert abs(float(found[name][0]) - float(plain[name][0])) > 1e-3


def test_rest_has_no_correlation_and_what_is_not_finite_no_measure(found):
    assert np.isnan(found["FC_x"][1].values[2, [0, 1, 3, 4, 5]]).all()
    assert np.isfinite(found["fit_FC_a_x"].values).tolist() == [True, True, False]
    assert np.isnan(found["mean_FC_x"][2]) and np.isfinite(found["mean_x"][1:, 0]).all()


def test_standard_deviations_alone_change_no_comparison():
    plain, alike = (
        rateloom.measures(
            dataset(SERIES.T[None]),
            measures=["connectivity", "phase", "synchrony", "dynamics"],
            settings=rateloom.MeasureSettings(**WINDOWS, cleaning=SignalCleaning(BAND, zscore=zscore)),
        )
        for zscore in (False, True)
    )
    assert len(plain.data_vars) == 5
    xr.testing.assert_allclose(plain, alike, rtol=1e-9)


def test_settings_are_in_attributes_and_come_back_of_records(found):
    record = json.loads(found.attrs["measure_settings"])
    assert record["cleaning"] == {
        "band_pass": [0.01, 0.1], "filter_order": 3, "zscore": True, "global_signal_regression": True,
    }  # fmt: skip
    assert recorded_settings(record) == SETTINGS
    plain = rateloom.MeasureSettings()
    assert recorded_settings(dataclasses.asdict(plain)) == plain
    with pytest.raises(InputError, match=r"give a rateloom\.SignalCleaning"):
        rateloom.MeasureSettings(cleaning={"band_pass": BAND})


@pytest.mark.filterwarnings("error")
def test_values_of_any_size_end_in_numbers_or_nan():
    for size in (1e300, 1e-300, 1e30):
        assert cleaned(size * SERIES / np.abs(SERIES).max(), TR, ALL).shape == SERIES.shape
    matrix = np.corrcoef(cleaned(1e30 * SERIES, TR, ALL))
    np.testing.assert_allclose(matrix, np.corrcoef(cleaned(SERIES, TR, ALL)), atol=1e-9)


def test_cleaned_signals_have_no_trend_to_warn_of():
    steep = SERIES.T[None] + 1e4 * np.arange(N_TIME)[None, :, None]
    names = ["connectivity", "phase"]
    with pytest.warns(UserWarning, match="a straight line over time"):
        rateloom.measures(dataset(steep), measures=names)
    settings = rateloom.MeasureSettings(cleaning=SignalCleaning())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        of_steep = rateloom.measures(dataset(steep), measures=names, settings=settings)
    of_plain = rateloom.measures(dataset(SERIES.T[None]), measures=names, settings=settings)
    np.testing.assert_allclose(of_steep["mean_FC_x"], of_plain["mean_FC_x"], atol=1e-6)
    with pytest.warns(UserWarning, match="a straight line over time"):
        rateloom.measures(dataset(steep), measures=["mean_FC", "spectrum"], settings=settings)


def test_a_target_and_simulations_are_cleaned_alike():
    target = DataToFit("a", "FC", FC, SETTINGS)
    with pytest.raises(
        InputError, match=r"target a: its series was cleaned by SignalCleaning.* by None; give"
    ):
        rateloom.measures(dataset(SERIES.T[None]), targets=[target])
    rateloom.measures(dataset(SERIES.T[None]), targets=[target], settings=SETTINGS, measures=["mean_FC"])


def test_what_a_sweep_has_cannot_be_filtered():
    with pytest.raises(
        InputError, match=r"exposure x: band_pass of 0\.01 to 0\.1 Hz takes 100000 ms at least"
    ):
        rateloom.measures(dataset(SERIES.T[None], 10.0), settings=SETTINGS)
    rateloom.measures(dataset(SERIES.T[None], 10.0), measures=["moments"], settings=SETTINGS)

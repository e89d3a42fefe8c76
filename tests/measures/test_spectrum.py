"""Spectra, peaks, bands and slopes against SciPy, and where they are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_cases import SINGLE, measured, noise
from scipy import signal

from rateloom.drivers.measures.measure_settings import BANDS
from rateloom.drivers.measures.peaks import peaks_of


def periodogram(values, dt):
    f, power = signal.periodogram(values, fs=1000 / dt, detrend="constant", axis=1)
    n = values.shape[1]
    return f[1 : (n + 1) // 2], power.mean(axis=0)[1 : (n + 1) // 2]


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-5), (np.float64, 1e-10)])
@pytest.mark.parametrize(("n_time", "dt"), [(1500, 1.0), (1501, 0.1), (2000, 4.0)])
def test_peaks_bands_and_slope_are_those_of_scipy_s_periodogram(dtype, rtol, n_time, dt):
    values = noise(n_time=n_time, dtype=dtype)
    f, power = periodogram(values.astype(float), dt)
    found = measured(values, dt=dt)
    places, about = signal.find_peaks(power, prominence=0)
    highest, prominent = places[power[places].argmax()], places[about["prominences"].argmax()]
    for name, value in [
        ("fmax_amp", f[highest]), ("pmax_amp", power[highest]),
        ("fmax_prom", f[prominent]), ("pmax_prom", power[prominent]),
    ]:  # fmt: skip
        assert found[name] == pytest.approx(value, rel=rtol)
    for name, (low, high) in BANDS.items():
        share = power[(f >= low) & (f < high)].sum() / power.sum()
        if ((f >= low) & (f < high)).any():
            assert found[f"{name}_rel_p"] == pytest.approx(share, rel=rtol)
    use = (f > 0.1) & (f < 1000)
    x, y = np.log(f[use]), np.log(power[use])
    slope, intercept = np.polyfit(x, y, 1)
    assert found["slope_PSD"] == pytest.approx(-slope, rel=10 * rtol)
    score = 1 - ((y - slope * x - intercept) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    assert found["score_PSD"] == pytest.approx(score, rel=10 * rtol)


def test_a_sine_has_the_power_of_a_sine():
    t = np.arange(2000) / 1000.0
    values = np.stack([5 + 2 * np.sin(2 * np.pi * 10 * t), 7 + 4 * np.sin(2 * np.pi * 10 * t)])
    found = measured(values)
    assert found["fmax_amp"] == found["fmax_prom"] == 10
    # mean of amplitude**2 / 2 over regions, in one frequency bin of 0.5 Hz
    assert found["pmax_amp"] == pytest.approx((2 + 8) / 2 / 0.5, rel=1e-12)
    assert found["alpha_rel_p"] == pytest.approx(1, rel=1e-12)
    np.testing.assert_array_equal(found["freq_dom"], 10)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_the_slope_of_a_power_law_is_its_exponent(exponent):
    rng = np.random.default_rng(0)
    frequency = np.arange(1, 2001) / 4.0
    phase = np.exp(2j * np.pi * rng.random(2000))
    phase[-1] = 1
    transform = np.concatenate([[0], frequency ** (-exponent / 2) * phase])
    found = measured(np.fft.irfft(transform)[None])
    assert found["slope_PSD"] == pytest.approx(exponent, abs=1e-9)
    if exponent:
        assert found["score_PSD"] == pytest.approx(1, abs=1e-9)


def test_bands_that_meet_share_the_power_without_overlap():
    bands = {"low": (0.0, 10.0), "middle": (10.0, 40.0), "high": (40.0, 500.0)}
    found = measured(noise(), bands=bands)
    assert sum(found[f"{name}_rel_p"] for name in bands) == pytest.approx(1, rel=1e-12)


def test_the_published_shares_exceed_the_whole():
    t = np.arange(4000) / 1000.0
    values = np.sin(2 * np.pi * 1.25 * t)[None] + 0.01 * noise(1, 4000)
    assert measured(values, "published")["delta_rel_p"] > 1.3
    assert measured(values)["delta_rel_p"] < 1


def test_a_band_without_a_frequency_has_no_power():
    assert np.isnan(measured(noise(n_time=100))["delta_rel_p"])


@pytest.mark.parametrize("n_time", [300, 1000, 1001, 1499, 1500, 4000])
@pytest.mark.parametrize("dt", [0.5, 1.0, 3.0])
@pytest.mark.filterwarnings("ignore:nperseg")
def test_dominant_frequencies_are_those_of_scipy_s_welch(n_time, dt):
    values = noise(n_node=19, n_time=n_time)
    f, power = signal.welch(values, fs=1000 / dt, nperseg=int(1000 / dt), axis=1)
    expected = f[1 + power[:, 1:].argmax(axis=1)]
    np.testing.assert_allclose(measured(values, dt=dt)["freq_dom"], expected, rtol=1e-12)
    found = measured(values, "published", dt=dt)["freq_dom"]
    np.testing.assert_allclose(found, f[power.argmax(axis=1)], rtol=1e-12)


def test_frequency_resolution_sets_the_length_of_the_segments():
    values = noise(n_time=4000)
    f, power = signal.welch(values, fs=1000, nperseg=2000, axis=1)
    found = measured(values, frequency_resolution=0.5)["freq_dom"]
    np.testing.assert_allclose(found, f[1 + power[:, 1:].argmax(axis=1)], rtol=1e-12)


@given(st.lists(st.integers(0, 4), max_size=40))
def test_peaks_and_prominences_are_scipy_s(numbers):
    values = np.array(numbers, float)
    places, prominences = peaks_of(values)
    expected, about = signal.find_peaks(values, prominence=0)
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(prominences, about["prominences"])


def test_single_precision_spectra_do_not_lose_a_region_of_small_amplitude():
    values = noise(2, dtype=np.float32)
    values[0] *= np.float32(1e-6)
    _, power = periodogram(values.astype(float), 1.0)
    assert measured(values)["pmax_amp"] == pytest.approx(power[signal.find_peaks(power)[0]].max(), rel=SINGLE)

"""Up and down states against SciPy's filter and a plain loop, and where they are known."""

from itertools import groupby

import numpy as np
import pytest
from measure_cases import measured, noise
from scipy.ndimage import gaussian_filter1d

from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.updown import mean_of_regions, state_durations


def reference(row, dt, s):
    """Durations of the up and of the down states of one region, in s."""
    smooth = gaussian_filter1d(row, s.up_smoothing / dt, mode="reflect", truncate=4)
    up = smooth > s.up_ratio * smooth.max() + s.up_least
    runs = [[state, len(list(run))] for state, run in groupby(up)]
    merged = []
    pending = 0
    for state, length in runs:
        if length * dt < s.up_shortest - 1e-6:
            if merged:
                merged[-1][1] += length
            else:
                pending += length
        elif merged and merged[-1][0] == state:
            merged[-1][1] += length
        else:
            merged.append([state, length + pending])
            pending = 0
    merged = merged or [[up[0], len(row)]]
    return [[n * dt / 1000 for state, n in merged if state == kind] for kind in (True, False)]


@pytest.mark.parametrize("dt", [0.5, 1.0, 3.0, 15.0, 100.0])
@pytest.mark.parametrize("shortest", [0.0, 20.0, 60.0, 400.0])
def test_states_are_those_of_scipy_s_smoothing(dt, shortest):
    values = np.abs(noise(8, 1700, seed=4) - 10)
    settings = MeasureSettings(up_shortest=shortest)
    found = state_durations(values, dt, settings)
    for i, row in enumerate(values):
        for durations, expected in zip(found, reference(row, dt, settings), strict=True):
            wanted = np.mean(expected) if expected else np.nan
            np.testing.assert_allclose(durations[i], wanted, rtol=1e-12)


def test_a_square_wave_is_up_and_down_for_as_long_as_it_is():
    # half of the maximum is where the smoothed edge crosses at the edge itself
    wave = np.tile(np.repeat([20.0, 0.0], [300, 200]), 8)
    up, down = state_durations(wave[None], 1.0, MeasureSettings(up_ratio=0.5, up_least=0.0))
    assert up[0] == pytest.approx(0.3, abs=2e-3)
    assert down[0] == pytest.approx(0.2, abs=2e-3)


def test_a_short_dip_is_none():
    row = np.full(2000, 10.0)
    row[1000:1030] = 0
    up, down = state_durations(row[None], 1.0, MeasureSettings(up_shortest=60.0))
    assert up[0] == 2.0
    assert np.isnan(down[0])


def test_a_rate_that_never_falls_is_up_throughout_and_one_of_zero_down():
    up, down = state_durations(np.array([[5.0] * 4000, [0.0] * 4000]), 1.0, MeasureSettings())
    np.testing.assert_array_equal(up, [4.0, np.nan])
    np.testing.assert_array_equal(down, [np.nan, 4.0])


def test_the_mean_is_over_regions_that_have_such_states():
    assert mean_of_regions(np.array([0.4, np.nan, 0.2])) == pytest.approx(0.3)
    assert np.isnan(mean_of_regions(np.array([np.nan])))


def test_the_published_durations_are_a_thousand_times_too_small():
    values = np.full((2, 4000), 50.0)
    assert measured(values)["mean_up"] == 4.0
    assert measured(values, "published")["mean_up"] == pytest.approx(0.004, rel=1e-12)
    assert measured(values, "published")["mean_down"] == 0

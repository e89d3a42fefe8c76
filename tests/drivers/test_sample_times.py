"""The samples of a run: how many there are, of how many steps, and when."""

import numpy as np
import pytest

from rateloom.drivers.planning.sample_times import sample_times, settings_record
from rateloom.drivers.planning.settings import MAX_STEPS, Settings
from rateloom.drivers.support.errors import InputError

# 100 steps of 0.1 ms
SETTINGS = Settings(duration=10.0)


@pytest.mark.parametrize(
    ("monitor", "period", "window", "n_sample", "first"),
    [
        ("tavg", 1.0, 10, 10, 0.5),
        ("tavg", 0.3, 3, 33, 0.15),
        # the nearest whole number of steps, and one at least
        ("tavg", 0.26, 3, 33, 0.15),
        ("tavg", 0.001, 1, 100, 0.05),
        ("tavg", 10.0, 100, 1, 5.0),
        ("raw", 1.0, 1, 100, 0.1),
        # of no meaning there
        ("raw", 1e9, 1, 100, 0.1),
    ],
)
def test_samples_are_windows_of_whole_steps(monitor, period, window, n_sample, first):
    samples = sample_times(SETTINGS, monitor, period)
    assert (samples.window, samples.n_sample) == (window, n_sample)
    assert (samples.monitor, samples.period, samples.dt) == (monitor, period, 0.1)
    assert samples.steps_needed == window * n_sample <= SETTINGS.n_step
    assert samples.step == pytest.approx(window * 0.1)
    np.testing.assert_allclose(samples.times, first + samples.step * np.arange(n_sample), rtol=1e-12)


def test_averages_of_a_millisecond_are_the_default():
    assert sample_times(SETTINGS) == sample_times(SETTINGS, "tavg", 1)
    assert isinstance(sample_times(SETTINGS, period=1).period, float)


@pytest.mark.parametrize(
    ("monitor", "period", "says"),
    [
        ("tavg", 0.0, "period=0 ms: it must be above zero and finite"),
        ("raw", float("inf"), "period=inf ms: it must be above zero and finite"),
        ("tavg", "1", "period='1': it must be a number of ms"),
        ("bold", 1.0, "monitor='bold' is unknown; use one of raw, tavg"),
        ("tavg", 10.1, "period=10.1 ms exceeds duration=10 ms: there would be no sample"),
        ("tavg", 1e300, "period=1e+300 ms exceeds duration=10 ms: there would be no sample"),
    ],
)
def test_what_makes_no_samples_is_refused(monitor, period, says):
    with pytest.raises(InputError) as refusal:
        sample_times(SETTINGS, monitor, period)
    assert str(refusal.value) == says


def test_a_window_is_not_cut_to_the_longest_run():
    longest = Settings(duration=float(MAX_STEPS - 1), dt=1.0)
    assert sample_times(longest, period=longest.duration).n_sample == 1
    with pytest.raises(InputError, match="there would be no sample"):
        sample_times(longest, period=1e12)


def test_a_record_has_monitor_and_period_between_speed_and_seed():
    record = settings_record(SETTINGS, sample_times(SETTINGS, "raw", 2.0))
    assert list(record)[:7] == ["duration", "dt", "integrator", "speed", "monitor", "period", "seed"]
    assert (record["duration"], record["monitor"], record["period"]) == (10.0, "raw", 2.0)
    assert len(record) == 16

"""Asynchronous irregular regions, visits to a high rate, the default mode network: series that are clear."""

import numpy as np
import pytest
from measure_cases import measured, noise
from scipy.signal import find_peaks

from rateloom.drivers.measures.default_mode import (
    DefaultMode,
    default_mode,
    share_of_most_active,
    share_of_most_correlated,
)
from rateloom.drivers.measures.irregular import asynchronous_irregular
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.visits import high_rate_visits

RNG = np.random.default_rng(0)
AROUND_10 = RNG.normal(10, 2, 4000).clip(0)
DOWN_AND_UP = np.concatenate([RNG.normal(1, 0.3, 2000), RNG.normal(12, 1, 2000)]).clip(0)
TO_THE_TOP = np.concatenate([RNG.normal(10, 2, 3900), np.full(100, 190.0)])
OUT_OF_RANGE = np.full(4000, 110.0)
LABELS = [
    f"{side}_{name}"
    for side in "lr"
    for name in (
        "bankssts", "cuneus", "precuneus", "medialorbitofrontal", "rostralanteriorcingulate",
        "posteriorcingulate", "insula",
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("series", "ours", "theirs"),
    [
        (AROUND_10, True, True),
        (DOWN_AND_UP, False, False),
        (TO_THE_TOP, False, True),
        (OUT_OF_RANGE, False, False),
        (np.zeros(4000), False, False),
    ],
)
def test_one_hump_away_from_zero_is_asynchronous_and_irregular(series, ours, theirs):
    assert asynchronous_irregular(series[None], "standard")[0] == ours
    assert asynchronous_irregular(series[None], "published")[0] == theirs


def reference(row):
    """One region by NumPy's histogram and SciPy's peaks."""
    bins = np.histogram(row, bins=100, range=(0, 100))[0]
    padded = np.concatenate([[bins.min()], bins, [bins.min()]])
    places, about = find_peaks(padded, prominence=0.025 * row.size)
    humps = places[np.argsort(-about["prominences"], kind="stable")[:2]] - 1
    return humps.size > 0 and humps.min() >= 5 and row.max() <= 120


def test_humps_are_those_of_numpy_s_histogram_and_scipy_s_peaks():
    centres, weights = RNG.uniform(0, 40, (300, 3)), RNG.dirichlet([1, 1, 1], 300)
    rows = [
        np.concatenate([RNG.normal(m, 1.5, int(2000 * p) + 1) for m, p in zip(*row, strict=True)])[:1990]
        for row in zip(centres, weights, strict=True)
    ]
    values = np.abs(np.stack([row[:1900] if row.size >= 1900 else np.resize(row, 1900) for row in rows]))
    found = asynchronous_irregular(values, "standard")
    np.testing.assert_array_equal(found, [reference(row) for row in values])
    assert 30 < found.sum() < 270


def test_humps_are_relative_to_the_number_of_samples():
    assert asynchronous_irregular(AROUND_10[None, :400], "standard")[0]
    assert not asynchronous_irregular(AROUND_10[None, :400], "published")[0]


def test_the_ratio_is_over_all_regions():
    assert measured(np.stack([AROUND_10, DOWN_AND_UP, AROUND_10, TO_THE_TOP]))["ratio_AI"] == 0.5


def test_visits_are_counted_when_the_rate_rises_above_the_threshold():
    values = np.full((4, 100), 10.0)
    values[1, [3, 4, 5, 50, 99]] = 180
    values[2, :10] = 180
    values[3] = 100
    np.testing.assert_array_equal(high_rate_visits(values, 100.0, "standard"), [0, 3, 1, 0])
    np.testing.assert_array_equal(high_rate_visits(values, 100.0, "published"), [0, 1, 1, 0])
    np.testing.assert_array_equal(measured(values, high_rate=99.0)["high_rate_visits"], [0, 3, 1, 1])


def test_the_default_mode_network_is_found_by_its_labels():
    settings = MeasureSettings()
    network = default_mode(LABELS, 14, settings, "standard")
    assert network == DefaultMode((2, 3, 4, 5, 9, 10, 11, 12), 5)
    assert default_mode(LABELS[:5], 5, settings, "standard") is None
    assert default_mode((), 68, settings, "standard") is None


def test_the_published_network_is_by_number_in_68_regions_of_whatever_name():
    network = default_mode((), 68, MeasureSettings(), "published")
    assert network is not None
    assert (network.seed, sorted(network.regions)) == (50, [20, 21, 28, 29, 50, 51, 52, 53])
    assert default_mode((), 76, MeasureSettings(), "published") is None


def test_shares_of_the_network():
    network = DefaultMode((0, 1, 2), 0)
    assert share_of_most_active(np.array([9.0, 1, 8, 7, 6]), network, 2) == 1
    assert share_of_most_active(np.array([9.0, 1, 8, 7, 6]), network, 4) == 0.5
    matrix = np.corrcoef(noise(5))
    matrix[:, 0] = [1.0, 0.9, 0.1, 0.8, 0.7]
    assert share_of_most_correlated(matrix, network, 2, "standard") == 0.5
    assert share_of_most_correlated(matrix, network, 2, "published") == 1
    assert np.isnan(share_of_most_active(np.ones(5), network, 10))

"""Kuramoto's order parameter and metastability against SciPy's analytic signal, and where they are known."""

import json

import numpy as np
import pytest
import xarray as xr
from measure_cases import measured, noise
from scipy.signal import hilbert

import rateloom
from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.item import measures_of
from rateloom.drivers.measures.measure_settings import MeasureSettings

TURN = 2 * np.pi
T = np.arange(2000) / 1000.0


def of_angles(phases, period=TURN):
    return measures_of(np.asarray(phases), Context(1.0, False, "standard", MeasureSettings(), period=period))


@pytest.mark.parametrize("convention", ["standard", "published"])
@pytest.mark.parametrize("n_time", [1500, 1501])
def test_it_is_the_length_of_the_mean_unit_vector_of_hilbert_phases(n_time, convention):
    values = noise(n_time=n_time)
    phases = np.angle(hilbert(values - values.mean(axis=1, keepdims=True), axis=1))
    order = np.abs(np.exp(1j * phases).mean(axis=0))
    found = measured(values, convention)
    assert found["kuramoto_order"] == pytest.approx(order.mean(), rel=1e-12)
    assert found["metastability"] == pytest.approx(order.std(), rel=1e-11)
    single = measured(values.astype(np.float32), convention)
    assert single["kuramoto_order"] == pytest.approx(order.mean(), rel=1e-5)


@pytest.mark.parametrize("period", [TURN, 1.0, 360.0])
def test_of_angles_it_is_that_of_the_angles_themselves(period):
    phases = np.random.default_rng(1).uniform(0, period, (5, 700))
    order = np.abs(np.exp(2j * np.pi * phases / period).mean(axis=0))
    found = of_angles(phases, period)
    assert set(found) == {"kuramoto_order", "metastability"}
    assert found["kuramoto_order"] == pytest.approx(order.mean(), rel=1e-12)
    assert found["metastability"] == pytest.approx(order.std(), rel=1e-11)


@pytest.mark.parametrize(("spread", "order"), [(0.0, 1.0), (1.0, 0.0)])
def test_identical_phases_have_order_1_and_evenly_spread_ones_0(spread, order):
    start = spread * TURN * np.arange(8)[:, None] / 8
    phases = start + TURN * 10 * T
    for found in (of_angles(phases % TURN), measured(np.sin(phases)), measured(5 + 3 * np.sin(phases))):
        assert found["kuramoto_order"] == pytest.approx(order, abs=1e-12)
        assert found["metastability"] == pytest.approx(0.0, abs=1e-12)


def test_two_beating_phases_have_the_mean_and_deviation_of_a_rectified_cosine():
    """|cos| of an angle that goes round evenly: mean 2/pi, mean square 1/2."""
    phases = TURN * np.array([[10.0], [11.0]]) * T
    found = of_angles(phases % TURN)
    assert found["kuramoto_order"] == pytest.approx(2 / np.pi, rel=1e-5)
    assert found["metastability"] == pytest.approx(np.sqrt(0.5 - 4 / np.pi**2), rel=1e-5)


def test_regions_that_do_not_vary_are_left_out_and_what_is_not_finite_has_none():
    values = noise()
    expected = measured(values[:5])
    values[5] = 3.0
    assert measured(values)["kuramoto_order"] == pytest.approx(expected["kuramoto_order"], rel=1e-12)
    assert np.isnan(measured(np.full((3, 100), 2.0))["metastability"])
    broken = np.zeros((2, 100))
    broken[1, 7] = np.nan
    # what is not there becomes NaN in the result
    assert not measures_of(broken, Context(1.0, False, "standard", MeasureSettings(), period=TURN))


def test_a_dataset_says_which_exposures_are_angles():
    rng = np.random.default_rng(2)
    data = xr.Dataset(
        {
            "theta": (("G", "time", "node"), rng.uniform(0, TURN, (2, 300, 4))),
            "x": (("G", "time", "node"), rng.standard_normal((2, 300, 4))),
        },
        {"time": np.arange(300.0)},
        {"angles": json.dumps({"theta": TURN})},
    )
    data["theta"][1, 5, 2] = np.nan
    found = rateloom.measures(data, measures=["synchrony", "mean_FC"])
    names = [
        "mean_FC_x",
        "kuramoto_order_x",
        "metastability_x",
        "kuramoto_order_theta",
        "metastability_theta",
    ]
    assert list(found) == names
    order = np.abs(np.exp(1j * data["theta"].values[0]).mean(axis=1)).mean()
    np.testing.assert_allclose(found["kuramoto_order_theta"], [order, np.nan], rtol=1e-12)
    assert list(rateloom.measures(data, measures=["mean_FC"])) == ["mean_FC_x"]

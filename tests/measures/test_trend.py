"""What a straight line explains of a series, against NumPy's fit of one; the warning where that is most."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from measure_cases import context, noise

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.measures.comoments import BLOCK, add_block, running
from rateloom.drivers.measures.item import measures_of
from rateloom.drivers.measures.trend import MOST_TREND, TREND, mean_share
from rateloom.drivers.planning.settings import SettingsWarning

emulated = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
WARNS = r"in 2 of 2 work items a straight line .* more than 90 % .* sine of what is a phase"


def explained(values):
    t = np.arange(values.shape[1])
    left = [row - np.polyval(np.polyfit(t, row, 1), t) for row in values]
    return float(np.mean([1 - part.var() / row.var() for part, row in zip(left, values, strict=True)]))


@pytest.mark.parametrize("slope", [0.0, 0.02, -1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_share_is_that_of_a_fitted_line(slope, dtype):
    values = (noise(4, 700) + slope * np.arange(700)).astype(dtype)
    assert measures_of(values, context())[TREND] == pytest.approx(explained(values.astype(float)), rel=1e-5)


@pytest.mark.parametrize("n_time", [BLOCK, 700])
def test_in_one_pass_it_is_the_same(n_time):
    values = noise(4, n_time) + 0.02 * np.arange(n_time)
    state = running(1, 4, np.float64, True)
    for begin in range(0, n_time, BLOCK):
        add_block(state, begin, np.ascontiguousarray(values[None, :, begin : begin + BLOCK]))
    assert mean_share(state.timed[0], state.square[0], n_time) == pytest.approx(explained(values), rel=1e-10)


def test_a_turn_of_a_sine_and_random_walks_stay_below_the_bound():
    turn = np.sin(2 * np.pi * np.arange(1000) / 1000)
    assert measures_of(np.stack([turn, 2 * turn]), context())[TREND] == pytest.approx(6 / np.pi**2, rel=1e-3)
    walks = np.cumsum(np.random.default_rng(0).standard_normal((200, 8, 1000)), axis=2)
    assert np.mean([measures_of(walk, context())[TREND] > MOST_TREND for walk in walks]) < 0.01


def test_above_the_bound_a_correlation_shows_the_trend_whatever_else_there_is():
    rest = np.random.default_rng(0).standard_normal(2000)
    line = np.linspace(-1, 1, 2000) * np.sqrt(3 * MOST_TREND / (1 - MOST_TREND))
    pair = np.stack([line + rest, line - rest])
    found = measures_of(pair, context())
    assert found[TREND] == pytest.approx(MOST_TREND, abs=0.01)
    assert found["mean_FC"] == pytest.approx(2 * MOST_TREND - 1, abs=0.02)


def phases(n_time=300):
    t = np.arange(n_time)[:, None]
    values = [0.1 * np.random.default_rng(k).uniform(0.9, 1.1, 5) * t for k in range(2)]
    return xr.Dataset({"phase": (("G", "time", "node"), np.stack(values))}, {"time": np.arange(n_time) * 1.0})


@pytest.mark.parametrize("requested", [None, ["mean_FC"], ["spectrum"], ["synchrony"]])
def test_measures_that_a_trend_decides_come_with_a_warning(requested):
    with pytest.warns(SettingsWarning, match=WARNS):
        found = rateloom.measures(phases(), measures=requested)
    assert not [name for name in found if TREND in str(name)]


def test_others_and_other_series_come_without_one():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rateloom.measures(phases(), measures=["moments"])
        rateloom.measures(np.sin(phases()), measures=["mean_FC"])
        rateloom.measures(phases(8), measures=["mean_FC"])  # too few samples to tell


def unwrapped(folder: Path) -> Path:
    """Kuramoto's phase as a state without bounds."""
    text = (Path(__file__).parents[2] / "models" / "kuramoto.xml").read_text("utf-8")
    (folder / "phase.xml").write_text(text.replace(' period="2 * pi"', "").replace("theta", "phase"), "utf-8")
    return folder / "phase.xml"


@pytest.mark.parametrize(
    "backend", [pytest.param("numba", marks=pytest.mark.slow), pytest.param("emulated", marks=emulated)]
)
@pytest.mark.parametrize("requested", [["mean_FC"], ["mean_FC", "mean_PLI"]])
def test_sweeps_of_an_unwrapped_phase_warn(tmp_path, backend, requested):
    """Held as series, in one pass, and on a device."""
    settings = {"connectome": "synthetic:4", "duration": 300.0, "dt": 0.5, "noise": False, "progress": False}
    with pytest.warns(SettingsWarning, match=WARNS):
        found = rateloom.sweep(
            unwrapped(tmp_path), {"G": [0.0, 0.0001]}, keep="measures", measures=requested, backend=backend,
            dtype="float64", out=tmp_path / "study", parameters={"omega": [0.05, 0.06, 0.07, 0.08]},
            **settings,
        )  # fmt: skip
    assert found["mean_FC_phase"].values.min() > 0.999
    assert not [name for name in found if TREND in str(name)]

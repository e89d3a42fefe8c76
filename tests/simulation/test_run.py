"""Runs and sweeps at the interface: samples, inputs, history and divergence."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from calls import DRIVEN, N, clock, simulate, sweep
from small_connectomes import DT, SPEED, middling
from special_models import model_of

from rateloom import oracle
from rateloom.drivers.backends.numba import lane_block
from rateloom.drivers.runs.divergence import DivergenceWarning

# samples


def test_raw_samples_are_the_states_after_each_step_and_stamped_there() -> None:
    run = clock(monitor="raw")
    np.testing.assert_allclose(run["time"], DT * np.arange(1, 61), rtol=1e-15)
    np.testing.assert_allclose(run["time_passed"], np.tile(run["time"].values[:, None], N), rtol=1e-13)


def test_averages_are_stamped_in_the_middle_and_steps_left_over_give_none() -> None:
    run = clock()
    # 60 steps are 8 windows of 7 and 4 steps more.
    np.testing.assert_allclose(run["time"], DT * (7 * np.arange(8) + 3.5), rtol=1e-15)
    # The mean of the window's 7 states lies half a step after the middle of its time.
    expected = np.tile((run["time"].values + DT / 2)[:, None], N)
    np.testing.assert_allclose(run["time_passed"], expected, rtol=1e-13)


@pytest.mark.filterwarnings("ignore:period=")
@pytest.mark.parametrize(("period", "window"), [(DT / 3, 1), (1.4 * DT, 1), (1.6 * DT, 2), (60 * DT, 60)])
def test_a_period_is_rounded_to_whole_steps(period: float, window: int) -> None:
    run = clock(period=period)
    assert run.sizes["time"] == 60 // window
    assert float(run["time_passed"][0, 0]) == pytest.approx(DT * (window + 1) / 2)


@pytest.mark.parametrize("segment", [1, 9, 20, 59])
def test_windows_go_on_across_blocks_and_segments(segment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulate()
    monkeypatch.setattr(lane_block, "_SEGMENT", segment * N * 4)
    xr.testing.assert_identical(simulate(), whole)


def test_averages_are_means_of_the_raw_samples() -> None:
    raw, averaged = simulate(monitor="raw"), simulate()
    for name in ("x", "z", "y", "from_z", "heard"):
        means = raw[name].values[:56].reshape(8, 7, N).mean(axis=1)
        np.testing.assert_allclose(averaged[name], means, rtol=1e-13, atol=1e-14)


# inputs


def test_an_input_that_is_not_given_has_its_default() -> None:
    assert (clock()["signal"] == -1).all()
    assert (clock(inputs={})["signal"] == -1).all()


def test_a_constant_input_is_one_number_or_one_a_node() -> None:
    assert (clock(inputs={"signal": 2.5})["signal"] == 2.5).all()
    by_node = np.arange(N) / 2
    np.testing.assert_array_equal(clock(inputs={"signal": by_node})["signal"], np.tile(by_node, (8, 1)))


@pytest.mark.parametrize("n", [1, 7, 60, 90])
def test_an_array_is_spread_evenly_over_the_run(n: int) -> None:
    given = np.random.default_rng(n).uniform(size=(n, N))
    heard = clock(monitor="raw", inputs={"signal": given})["signal"].values
    # Of samples that begin within one step the last one that has begun holds.
    row = np.floor(np.arange(60) * n / 60 + 1e-9).astype(int)
    np.testing.assert_array_equal(heard, given[row])


def test_a_data_array_holds_each_sample_from_its_time_on() -> None:
    times = np.array([10 * DT, 20.5 * DT, 40 * DT])
    given = xr.DataArray(np.arange(3.0 * N).reshape(3, N), dims=("time", "node"), coords={"time": times})
    heard = clock(monitor="raw", inputs={"signal": given})["signal"].values
    expected = np.full((60, N), -1.0)
    for begin, row in ((10, 0), (21, 1), (40, 2)):
        expected[begin:] = given.values[row]
    np.testing.assert_array_equal(heard, expected)


def test_another_simulations_exposure_is_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    source = simulate(monitor="raw")["x"]
    run = clock(monitor="raw", inputs={"signal": source})
    # The sample after step n is there from step n + 1 on; before the first one there is the default.
    np.testing.assert_array_equal(run["signal"].values[1:], source.values[:-1])
    monkeypatch.setattr(lane_block, "_SEGMENT", 7 * N * 4)
    xr.testing.assert_identical(clock(monitor="raw", inputs={"signal": source}), run)


# history


def test_a_history_that_holds_the_initial_states_changes_nothing() -> None:
    initial = {name: np.linspace(0.1, 0.8, N) for name in ("x", "z", "y")}
    held = np.repeat(np.array(list(initial.values()))[None], 30, axis=0)
    one, other = simulate(initial=initial), simulate(history=held)
    for name in one.data_vars:
        np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.slow
def test_a_run_goes_on_from_its_own_past() -> None:
    """Two halves are the whole: what the second one needs of the first is its last states."""
    plain = {"noise": False, "monitor": "raw", "inputs": {}}
    whole = simulate(duration=80 * DT, **plain)
    first = simulate(duration=40 * DT, **plain)
    past = np.stack([first[name].values for name in ("x", "z", "y")], axis=1)
    second = simulate(duration=40 * DT, history=past, **plain)
    for name in ("x", "z", "y", "from_z"):
        np.testing.assert_allclose(second[name], whole[name][40:], rtol=1e-12)


def test_initial_states_are_the_given_ones_or_drawn_from_the_models_ranges() -> None:
    step = 1e-9  # which moves nothing that can be seen, with delays of as many steps as elsewhere
    run = simulate(
        initial={"x": 0.25}, duration=step, dt=step, period=step, noise=False, speed=SPEED * DT / step
    )
    experiment = oracle.prepare(DRIVEN, np.zeros((N, N)), np.zeros((N, N)), seed=5)
    expected = oracle.initial_state(experiment, {"x": 0.25})
    for name, row in zip(("x", "z", "y"), expected, strict=True):
        np.testing.assert_allclose(run[name][0], row, atol=1e-7)


# divergence


def test_an_item_that_diverges_is_reported_and_disturbs_no_other() -> None:
    gains = np.array([-1.0, 0.5, 2.5, 0.0, 3.0])
    run = {"integrator": "euler", "monitor": "raw", "duration": 1.5}
    model = model_of("bursting")
    with pytest.warns(DivergenceWarning, match="2 of 5 work items diverged"):
        result = sweep({"a": gains}, model, **run)
    diverged = result["diverged_step"].values
    np.testing.assert_array_equal(diverged[[0, 1, 3]], -1)
    for k in (2, 4):
        expected = oracle.simulate(
            model, middling().weights, middling().tract_lengths, steps=30, dt=DT, speed=SPEED,
            integrator="euler", parameters={"a": gains[k]},
        )["raw"]["x"]  # fmt: skip
        first = int(np.flatnonzero(~np.isfinite(expected).all(axis=1))[0])
        assert diverged[k] == first
        assert np.isfinite(result["x"].values[k, :first]).all()
        assert np.isnan(result["x"].values[k, first:]).all()
    alone = simulate(model, parameters={"a": 0.5}, **run)
    np.testing.assert_array_equal(alone["x"], result["x"][1])
    assert int(alone["diverged_step"]) == -1


def test_windows_before_the_one_that_diverges_are_kept() -> None:
    model = model_of("bursting")
    with pytest.warns(DivergenceWarning, match="1 of 1 work items diverged"):
        run = simulate(model, integrator="euler", parameters={"a": 3.0}, duration=1.5, period=4 * DT)
    window = int(run["diverged_step"]) // 4
    assert 0 < window < run.sizes["time"]
    assert np.isfinite(run["x"].values[:window]).all() and np.isnan(run["x"].values[window:]).all()

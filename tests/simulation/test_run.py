"""Runs and sweeps at the interface: samples, inputs, history, divergence, records, stores, memory."""

from __future__ import annotations

import _thread
import json
import threading
import time
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
import xarray as xr
from small_connectomes import DT, SPEED, middling
from special_models import model_from, model_of

import rateloom
from rateloom.drivers import lane_block, store
from rateloom.drivers.engine import make_plan
from rateloom.drivers.run import DivergenceWarning

DRIVEN = model_of("driven")
N = middling().n_node
SETTINGS: dict[str, Any] = {
    "connectome": middling(), "normalize": "none", "duration": 60 * DT, "dt": DT, "speed": SPEED,
    "period": 7 * DT, "seed": 5, "dtype": "float64", "threads": 1, "lanes": 4, "block": 4, "progress": False,
}  # fmt: skip
# A clock, whose samples are known, and an input that is passed on.
CLOCK = """
<Model name="clock">
  <Parameter name="a" value="1"/>
  <Input name="signal" default="-1"/>
  <StateVariable name="time_passed" initial="0"/> <StateVariable name="heard" initial="0"/>
  <Dynamics>
    <TimeDerivative variable="time_passed" value="a"/> <TimeDerivative variable="heard" value="signal"/>
  </Dynamics>
  <Exposure name="time_passed"/> <Exposure name="signal"/> <Exposure name="heard" unit="mV"/>
</Model>"""


def simulate(model: Any = DRIVEN, **changes: Any) -> xr.Dataset:
    return rateloom.simulate(model, **{**SETTINGS, **changes})


def sweep(axes: Any, model: Any = DRIVEN, **changes: Any) -> xr.Dataset:
    return rateloom.sweep(model, axes, **{**SETTINGS, **changes})


def clock(**changes: Any) -> xr.Dataset:
    return simulate(model_from(CLOCK), integrator="euler", **changes)


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
    run = simulate(initial={"x": 0.25}, duration=1e-9, dt=1e-9, period=1e-9, noise=False, speed=np.inf)
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


# what a result says of itself


def test_labels_and_units_are_carried_along() -> None:
    conn = rateloom.Connectome(np.ones((2, 2)), np.ones((2, 2)), labels=("left", "right"), name="pair")
    run = clock(connectome=conn)
    assert run["node"].values.tolist() == ["left", "right"]
    assert run["heard"].attrs["unit"] == "mV" and run["time"].attrs["unit"] == "ms"
    assert run.attrs["connectome"] == "pair"
    assert [*run.data_vars] == ["time_passed", "signal", "heard", "diverged_step"]
    assert run["heard"].dims == ("time", "node")


def test_dimensions_of_a_sweep_are_its_axes() -> None:
    run = sweep({"speed": [20.0, 40.0, 80.0], "P[1]": [0.1, 0.2]})
    assert run["x"].dims == ("speed", "P[1]", "time", "node") and run["x"].shape == (3, 2, 8, N)
    assert run["diverged_step"].dims == ("speed", "P[1]")
    np.testing.assert_array_equal(run["speed"], [20.0, 40.0, 80.0])
    assert run["speed"].attrs["unit"] == "mm/ms"
    assert "speed" not in run.attrs


def again(
    result: xr.Dataset, connectome: rateloom.Connectome, model: Any = DRIVEN, **given: Any
) -> xr.Dataset:
    """Make a call from nothing but a result's record, its axes and what the record only names."""
    record = dict(result.attrs)
    for name in ("model", "model_hash", "rateloom_version", "connectome", "history"):
        record.pop(name)
    record["parameters"], record["initial"] = json.loads(record["parameters"]), json.loads(record["initial"])
    assert sorted(given.get("inputs", {})) == record.pop("inputs")
    record["block"] = int(np.max(record["block"]))
    if "speed" in record:
        record["speed"] = float(record["speed"])
    axes = {name: result[name].values for name in result["diverged_step"].dims}
    settings = {"connectome": connectome, "progress": False, **record, **given}
    if not axes:
        return rateloom.simulate(model, **settings)
    assert settings.pop("item") == 0
    return rateloom.sweep(model, axes, **settings)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"parameters": {"G": 0.7, "P": [-1, 0.4, -0.3], "s": np.linspace(0.1, 0.3, N)}, "item": 4},
        {"initial": {"y": np.linspace(0, 1, N), "x": 0.1}, "dtype": "float32", "noise": False},
        {"inputs": {"gain": np.linspace(0.5, 1.5, 3 * N).reshape(3, N)}, "speed": np.inf, "monitor": "raw"},
        {
            "parameters": {"P": np.linspace(-1, -0.1, 3 * N).reshape(3, N)},
            "normalize": "row",
            "seed": 2**64 - 1,
        },
    ],
)
def test_a_run_can_be_made_again_from_its_record(changes: dict[str, Any]) -> None:
    run = simulate(**changes)
    given = {"inputs": changes["inputs"]} if "inputs" in changes else {}
    xr.testing.assert_identical(again(run, middling(), **given), run)


@pytest.mark.parametrize(
    "axes", [{"G": [0.1, 0.2, 0.4]}, {"speed": [20.0, np.float64(9.0)], "P[1]": [0.1, 0.2]}]
)
def test_a_sweep_can_be_made_again_from_its_record(axes: dict[str, Any], tmp_path: Path) -> None:
    run = sweep(axes, out=tmp_path / "a.zarr")
    xr.testing.assert_identical(again(run, middling()).load(), run.load())


# on disk


@pytest.mark.parametrize(
    "axes", [{}, {"G": np.linspace(0, 1, 9)}, {"speed": [20.0, 10.0], "G": np.linspace(0, 1, 5)}]
)
def test_a_store_holds_what_would_be_in_memory(axes: dict[str, Any], tmp_path: Path) -> None:
    stored = sweep(axes, out=tmp_path / "result.zarr")
    xr.testing.assert_identical(stored.load(), sweep(axes))
    assert [path.name for path in tmp_path.iterdir()] == ["result.zarr"]
    with xr.open_zarr(tmp_path / "result.zarr") as opened:
        xr.testing.assert_identical(opened.load(), stored)


def test_a_store_is_replaced_when_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "result.zarr"
    simulate(out=out)
    second = simulate(out=out, overwrite=True, seed=6)
    xr.testing.assert_identical(second.load(), simulate(seed=6))


def test_a_disk_that_fills_up_leaves_nothing_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write_items", full)
    with pytest.raises(rateloom.InputError, match="cannot be written"):
        sweep({"G": np.linspace(0, 1, 400)}, threads=2, out=tmp_path / "a.zarr")
    assert [*tmp_path.iterdir()] == []
    assert no_threads()


def no_threads() -> bool:
    return not [t for t in threading.enumerate() if t.name.startswith("rateloom")]


def interrupted(call: Any, after: float) -> float:
    """Press Ctrl-C some time into a call; return how long it took to end."""
    timer = threading.Timer(after, _thread.interrupt_main)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        call()
    timer.join()
    return time.monotonic() - begun - after


@pytest.mark.parametrize("out", [None, "long.zarr"])
def test_an_interrupted_sweep_ends_soon_and_leaves_nothing(out: str | None, tmp_path: Path) -> None:
    axes = {"G": np.linspace(0, 1, 400)}
    sweep({"G": [0.0, 1.0]}, monitor="tavg")
    target = None if out is None else tmp_path / out
    took = interrupted(lambda: sweep(axes, duration=50_000.0, period=100.0, threads=2, out=target), 1.0)
    assert took < 60
    assert [*tmp_path.iterdir()] == []
    assert no_threads()


def test_a_target_is_kept_when_its_replacement_is_interrupted(tmp_path: Path) -> None:
    out = tmp_path / "result.zarr"
    before = simulate(out=out).load()
    again = {"G": np.linspace(0, 1, 400)}
    interrupted(lambda: sweep(again, duration=50_000.0, period=100.0, out=out, overwrite=True), 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["result.zarr"]
    xr.testing.assert_identical(xr.open_zarr(out).load(), before)


# memory


@pytest.mark.parametrize("on_disk", [False, True])
def test_memory_stays_within_what_was_announced(
    on_disk: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []
    monkeypatch.setattr(
        "rateloom.drivers.run.make_plan", lambda *a, **k: plans.append(make_plan(*a, **k)) or plans[0]
    )
    out = tmp_path / "large.zarr" if on_disk else None
    # 64 work items of 5 exposures x 4000 samples x 6 nodes are 61 MB, of which a lane block has 3.8.
    axes = {"G": np.linspace(0, 1, 64)}
    sweep({"G": [0.0, 1.0]})
    plans.clear()
    tracemalloc.start()
    sweep(axes, monitor="raw", duration=4000 * DT, threads=2, out=out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    plan = plans[0]
    assert plan.bytes_result == 64 * 5 * 4000 * N * 8
    announced = plan.bytes_block * plan.at_once + (0 if on_disk else plan.bytes_result)
    assert 0.5 * announced < peak < 1.1 * announced + 3e6


def test_a_budget_is_kept_to_by_fewer_threads() -> None:
    lines: list[str] = []
    axes = {"G": np.linspace(0, 1, 64)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sweep(axes, monitor="raw", threads=2, memory="1.2MB", announce=lines.append)
    assert lines[:2] == ["driven on middling, 6 nodes", "work items: 64 = G (64), 4 at once on 2 threads"]
    lines.clear()
    sweep(axes, monitor="raw", threads=2, memory="1.1MB", announce=lines.append)
    assert "4 at once on 1 thread" in lines[1]
    assert lines[3].startswith("memory: ") and "result: 922 kB" in lines[3]

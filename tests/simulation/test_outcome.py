"""What comes of a run: its record, its store, what an interruption leaves, and the memory that it takes."""

from __future__ import annotations

import _thread
import json
import threading
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import DRIVEN, N, clock, simulate, sweep
from small_connectomes import DT, middling

import rateloom
from rateloom.drivers.backends.numba import lane_threads
from rateloom.drivers.backends.numba.lane_block import run_lane_block
from rateloom.drivers.backends.numba.thread_backend import ThreadBackend
from rateloom.drivers.results import store

# what a result says of itself


def test_labels_and_units_are_carried_along() -> None:
    conn = rateloom.Connectome(np.ones((2, 2)), np.ones((2, 2)), labels=("left", "right"), name="pair")
    run = clock(connectome=conn)
    assert run["node"].values.tolist() == ["left", "right"]
    assert run["heard"].attrs["unit"] == "mV" and run["time"].attrs["unit"] == "ms"
    assert run.attrs["connectome"] == "pair"
    assert [*run.data_vars] == ["time_passed", "signal", "heard", "diverged_step"]
    assert run["heard"].dims == ("time", "node")


@pytest.mark.filterwarnings("ignore:period=")
def test_the_record_holds_the_period_and_duration_that_were_used() -> None:
    # 10.5 steps are rounded to 10, and 100.4 to 100; see DT
    run = simulate(period=10.5 * DT, duration=100.4 * DT)
    assert run.attrs["period"] == pytest.approx(10 * DT, rel=1e-12)
    assert run.attrs["duration"] == pytest.approx(100 * DT, rel=1e-12)
    np.testing.assert_allclose(np.diff(run["time"].values), run.attrs["period"], rtol=1e-12)


def test_exposures_are_in_the_models_order_on_disk_too(tmp_path: Path) -> None:
    run = clock(out=tmp_path / "r.zarr")
    assert [*run.data_vars] == ["time_passed", "signal", "heard", "diverged_step"]


def test_dimensions_of_a_sweep_are_its_axes() -> None:
    run = sweep({"speed": [20.0, 10.0, 5.0], "P[1]": [0.1, 0.2]})
    assert run["x"].dims == ("speed", "P[1]", "time", "node") and run["x"].shape == (3, 2, 8, N)
    assert run["diverged_step"].dims == ("speed", "P[1]")
    np.testing.assert_array_equal(run["speed"], [20.0, 10.0, 5.0])
    assert run["speed"].attrs["unit"] == "mm/ms"
    assert "speed" not in run.attrs


def again(
    result: xr.Dataset, connectome: rateloom.Connectome, model: Any = DRIVEN, **given: Any
) -> xr.Dataset:
    """Make a call from nothing but a result's record, its axes and what the record only names."""
    record = dict(result.attrs)
    for name in ("model", "model_hash", "model_text", "connectome", "connectome_hash"):
        record.pop(name)
    for name in ("rateloom_version", "kernel", "variant", "history"):
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
        pytest.param(
            {"initial": {"y": np.linspace(0, 1, N), "x": 0.1}, "dtype": "float32", "noise": False},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {
                "inputs": {"gain": np.linspace(0.5, 1.5, 3 * N).reshape(3, N)},
                "speed": np.inf,
                "monitor": "raw",
            },
            marks=pytest.mark.slow,
        ),
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
    """Whether our threads end by themselves: nobody waits for them, but they look often whether to stop."""
    for thread in threading.enumerate():
        if thread.name.startswith("rateloom"):
            thread.join(timeout=60)
    return not [t for t in threading.enumerate() if t.name.startswith("rateloom")]


def interrupted(call: Any, after: float) -> None:
    """Press Ctrl-C some time into a call."""
    timer = threading.Timer(after, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        call()
    timer.join()


@pytest.mark.parametrize("out", [pytest.param(None, marks=pytest.mark.slow), "long.zarr"])
def test_an_interrupted_sweep_ends_early_and_leaves_nothing(
    out: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = {"G": np.linspace(0, 1, 400)}
    sweep({"G": [0.0, 1.0]}, monitor="tavg")
    begun: list[Any] = []

    def run(*arguments: Any) -> Any:
        begun.append(arguments)
        return run_lane_block(*arguments)

    monkeypatch.setattr(lane_threads, "run_lane_block", run)
    target = None if out is None else tmp_path / out
    interrupted(lambda: sweep(axes, duration=50_000.0, period=100.0, threads=2, out=target), 1.0)
    assert [*tmp_path.iterdir()] == []
    assert no_threads()
    # of those that were waiting none has been begun
    assert 0 < len(begun) < 400 / 4


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
    plan = ThreadBackend.plan
    monkeypatch.setattr(ThreadBackend, "plan", lambda *given: plans.append(plan(*given)) or plans[0])
    out = tmp_path / "large.zarr" if on_disk else None
    # 64 work items of 5 exposures x 4000 samples x 6 nodes are 61 MB, of which a lane block has 3.8.
    axes = {"G": np.linspace(0, 1, 64)}
    # what is imported and compiled on the way does not count
    sweep({"G": [0.0, 1.0]}, out=tmp_path / "small.zarr" if on_disk else None)
    plans.clear()
    tracemalloc.start()
    sweep(axes, monitor="raw", duration=4000 * DT, threads=2, out=out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (made,) = plans
    assert made.bytes_result == 64 * 5 * 4000 * N * 8
    announced = made.bytes_block * made.at_once + (0 if on_disk else made.bytes_result)
    # Python's own objects and the buffers of a store took 5.3 MB at most
    assert 0.5 * announced < peak < 1.1 * announced + 6e6


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

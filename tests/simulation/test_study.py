"""Sweeps that keep measures: in memory, in the directory of a study, and gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import N
from driven_studies import AXES, HOW, N_ITEM, rows, study
from interruptions import stopped_after
from small_connectomes import DT, middling

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.backends.numba.thread_backend import ThreadBackend
from rateloom.drivers.studies import study_run


@pytest.fixture(scope="module")
def whole(model: Path) -> xr.Dataset:
    return rateloom.sweep(model, AXES, keep="measures", **HOW)


def test_measures_are_those_of_the_series(model: Path, whole: xr.Dataset) -> None:
    series = rateloom.sweep(model, AXES, **HOW)
    expected = rateloom.measures(series, middling())
    xr.testing.assert_equal(whole, expected)
    for name in expected.variables:
        assert whole[name].attrs == expected[name].attrs, name
    assert whole.attrs["keep"] == "measures" and whole.attrs["seed"] == HOW["seed"]
    assert np.isfinite(whole["mean_FC_x"].values).all()


def test_the_published_convention_and_settings_are_passed_on(model: Path) -> None:
    settings = rateloom.MeasureSettings(fcd_window=4 * 8 * DT, fcd_step=8 * DT)
    how = {"convention": "published", "measure_settings": settings}
    expected = rateloom.measures(
        rateloom.sweep(model, AXES, **HOW), middling(), "published", settings=settings
    )
    xr.testing.assert_equal(rateloom.sweep(model, AXES, keep="measures", **how, **HOW), expected)


def test_a_study_holds_what_would_be_in_memory(model: Path, whole: xr.Dataset, tmp_path: Path) -> None:
    xr.testing.assert_identical(study(model, tmp_path / "s").load(), whole)
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
    opened = xr.open_zarr(tmp_path / "s" / "measures.zarr")
    xr.testing.assert_identical(opened[list(whole.data_vars)].load(), whole)


def test_tables_hold_the_same_numbers(model: Path, whole: xr.Dataset, tmp_path: Path) -> None:
    study(model, tmp_path / "s")
    stacked = whole.stack(item=list(AXES))
    found = rows(tmp_path / "s", 'SELECT item, G, speed, "P[1]", mean_FC_x, varFCD_y FROM work_items')
    assert [row[0] for row in found] == list(range(N_ITEM))
    for k, name in enumerate(("G", "speed", "P[1]", "mean_FC_x"), start=1):
        np.testing.assert_array_equal([row[k] for row in found], stacked[name].values)
    assert all(row[5] is None for row in found)  # no sliding window fits: NaN is NULL
    found = rows(tmp_path / "s", "SELECT std_y FROM regions ORDER BY item, node")
    np.testing.assert_array_equal(np.ravel(found), stacked["std_y"].transpose("item", "node").values.ravel())
    indexed = rows(tmp_path / "s", "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    assert sorted(name for (name,) in indexed) == ["by_G", "by_P[1]", "by_speed"]
    described = rows(tmp_path / "s", "SELECT unit, description FROM columns WHERE name = 'freq_dom_x'")
    assert described == [("Hz", whole["freq_dom_x"].attrs["description"])]


@pytest.mark.parametrize("n_block", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 3))])
def test_an_interrupted_study_goes_on_where_it_was_left(
    n_block: int, model: Path, whole: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stopped_after(patch, n_block, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            study(model, tmp_path / "s")
    done = {item for (item,) in rows(tmp_path / "s", "SELECT item FROM work_items")}
    # each of the two speeds has lane blocks of 4, 4 and 2; of those that are done at once, any comes first
    assert len(done) in {0: (0,), 1: (2, 4), 3: (8, 10, 12)}[n_block]
    assert rows(tmp_path / "s", "SELECT count(*) FROM regions") == [(len(done) * N,)]
    ran: list[int] = []
    real = ThreadBackend.run

    def counted(*arguments: Any) -> Any:
        for result in real(*arguments):
            ran.extend(result.items.tolist())
            yield result

    monkeypatch.setattr(ThreadBackend, "run", counted)
    result = rateloom.resume(tmp_path / "s", progress=False)
    assert sorted(ran) == sorted(set(range(N_ITEM)) - done)
    xr.testing.assert_identical(result.load(), whole)
    assert rateloom.resume(tmp_path / "s", progress=False).load().identical(whole)
    assert len(ran) == N_ITEM - len(done)


def test_a_study_that_fails_keeps_what_was_committed(
    model: Path, whole: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(study_run, "SECONDS_A_COMMIT", 0.0)
        stopped_after(patch, 2, RuntimeError("a fault"))
        with pytest.raises(RuntimeError, match="a fault"):
            study(model, tmp_path / "s")
    assert rows(tmp_path / "s", "SELECT count(*) FROM work_items") == [(8,)]
    xr.testing.assert_identical(study(model, tmp_path / "s", resume=True).load(), whole)


def test_all_that_is_given_is_kept_in_the_plan(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal = xr.DataArray(
        np.linspace(0.5, 1.5, 3 * N).reshape(3, N), {"time": [0.0, 10 * DT, 25 * DT]}, ("time", "node")
    )
    axes = {"P[1]": [0.1, 0.2, 0.3, 0.4, 0.5]}
    given: dict[str, Any] = {
        **HOW, "speed": np.inf, "seed": 2**64 - 1, "normalize": "row",
        "parameters": {"G": 0.7, "s": np.linspace(0.1, 0.3, N)}, "initial": {"y": np.linspace(0, 1, N)},
        "inputs": {"gain": signal},
        "measure_settings": rateloom.MeasureSettings(bands={"all": (0.0, 1e9)}),
    }  # fmt: skip
    expected = rateloom.sweep(model, axes, keep="measures", **given)
    stopped_after(monkeypatch, 1, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        rateloom.sweep(model, axes, keep="measures", out=tmp_path / "s", **given)
    monkeypatch.undo()
    json.loads((tmp_path / "s" / "plan.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    xr.testing.assert_identical(rateloom.resume(tmp_path / "s", progress=False).load(), expected)


def test_a_study_is_replaced_only_when_asked(model: Path, whole: xr.Dataset, tmp_path: Path) -> None:
    study(model, tmp_path / "s", seed=6)
    with pytest.raises(rateloom.InputError, match="a study is there already; go on with it"):
        study(model, tmp_path / "s")
    xr.testing.assert_identical(study(model, tmp_path / "s", overwrite=True).load(), whole)
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_measures_fit_in_memory_where_series_do_not(model: Path) -> None:
    many = {"G": np.linspace(0, 1, 4096)}
    with pytest.raises(rateloom.InputError, match="the result takes"):
        rateloom.sweep(model, many, memory="3MB", **HOW)
    short = {**HOW, "duration": 32 * DT}
    measured = rateloom.sweep(model, {"G": np.linspace(0, 1, 64)}, keep="measures", memory="3MB", **short)
    assert measured["mean_x_all"].shape == (64,)


def test_work_items_that_diverge_have_no_measures_and_are_reported(tmp_path: Path) -> None:
    how: dict[str, Any] = {
        "connectome": "synthetic:4", "duration": 2000.0, "dt": 10.0, "period": 10.0, "dtype": "float64",
    }  # fmt: skip
    with pytest.warns(UserWarning, match="1 of 2 work items diverged"):
        found = rateloom.sweep(
            "linear",
            {"gamma": [-0.1, -100.0]},
            keep="measures",
            integrator="euler",
            out=tmp_path / "s",
            **how,
        )
    assert found["diverged_step"].values[0] == -1 < found["diverged_step"].values[1]
    assert np.isfinite(found["mean_x_all"][0]) and np.isnan(found["mean_x_all"][1])


@pytest.mark.slow
@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
def test_a_study_on_a_device_is_gone_on_with(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = {"G": np.linspace(0.1, 0.9, 6), "speed": [20.0, 9.0]}
    how: dict[str, Any] = {
        **HOW, "backend": "emulated", "duration": 64 * DT, "lanes": None, "block": None, "threads": None
    }  # fmt: skip
    series = rateloom.sweep(model, axes, **how)
    expected = rateloom.measures(series, middling())
    stopped_after(monkeypatch, 1, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        rateloom.sweep(model, axes, keep="measures", out=tmp_path / "s", **how)
    monkeypatch.undo()
    assert 0 < len(rows(tmp_path / "s", "SELECT item FROM work_items")) < 12
    xr.testing.assert_equal(rateloom.resume(tmp_path / "s", progress=False).load(), expected)

"""Sweeps that keep some measures: in one pass, a user's own, and matrices; in memory and in directories."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import SETTINGS, N
from interruptions import stopped_after
from small_connectomes import DT, middling

import rateloom
from rateloom.drivers.backends.device import device_run
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

# 25 samples; double precision
HOW: dict[str, Any] = {**SETTINGS, "duration": 200 * DT, "period": 8 * DT}
AXES: dict[str, Any] = {"G": np.linspace(0.1, 0.9, 5), "P[1]": [0.1, -0.2]}
ONE_PASS = ("moments", "connectivity", "FC")

OWN = """
import numpy as np
import rateloom


@rateloom.measure(unit="mV", description="largest step")
def steepest(values, dt):
    return np.abs(np.diff(values, axis=0)).max() / dt


@rateloom.measure(batched=True)
def last(values):
    return values[:, -1]
"""


@pytest.fixture(scope="module")
def series(model: Path) -> xr.Dataset:
    return rateloom.sweep(model, AXES, **HOW)


def kept(model: Path, **more: Any) -> xr.Dataset:
    return rateloom.sweep(model, AXES, keep="measures", **{**HOW, **more})


def close(found: xr.Dataset, expected: xr.Dataset, tolerance: float) -> None:
    assert list(found.data_vars) == list(expected.data_vars)
    for name, array in expected.items():
        assert found[name].dims == array.dims and found[name].attrs == array.attrs, name
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance, err_msg=str(name))


def test_one_pass_agrees_with_the_measures_of_the_series(model: Path, series: xr.Dataset) -> None:
    expected = rateloom.measures(series, middling(), measures=ONE_PASS)
    # matrices are kept in single precision
    close(kept(model, measures=ONE_PASS), expected, 1e-7)
    no_matrix = [name for name in expected.data_vars if not str(name).startswith("FC")]
    close(kept(model, measures=ONE_PASS[:2]), expected[no_matrix], 1e-10)


def test_what_is_not_made_in_one_pass_is_that_of_the_series(model: Path, series: xr.Dataset) -> None:
    asked = ("mean_PLI", "mean_FC", "bands")
    xr.testing.assert_equal(
        kept(model, measures=asked), rateloom.measures(series, middling(), measures=asked)
    )


def test_a_long_run_fits_in_a_small_memory_where_series_are_not_held(model: Path) -> None:
    # some 8 MB of series for a lane block of 4
    long = {**HOW, "duration": 8000 * DT, "period": DT}
    axes, memory = {"G": [0.1, 0.2]}, "12MB"
    found = rateloom.sweep(model, axes, keep="measures", measures=["mean_FC"], memory=memory, **long)
    assert np.isfinite(found["mean_FC_x"].values).all()
    with pytest.raises(rateloom.InputError, match="work items at once take"):
        rateloom.sweep(model, axes, keep="measures", measures=["mean_PLI"], memory=memory, **long)


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")
def test_one_pass_on_a_device_agrees_with_its_series(model: Path) -> None:
    how = {**HOW, "backend": "emulated"}
    expected = rateloom.measures(rateloom.sweep(model, AXES, **how), middling(), measures=ONE_PASS)
    close(kept(model, measures=ONE_PASS, backend="emulated"), expected, 1e-7)


def test_a_study_of_some_measures_goes_on_to_the_same(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {"measures": ["mean_FC", "FC", "default_mode"], "matrices": False}
    expected = kept(model, **asked)
    with monkeypatch.context() as patch:
        stopped_after(patch, 1, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            kept(model, out=tmp_path / "s", **asked)
    record = json.loads((tmp_path / "s" / "plan.json").read_text())
    assert record["measures"]["asked"] == ["mean_FC", "FC"]
    xr.testing.assert_identical(rateloom.resume(tmp_path / "s", progress=False).load(), expected)
    kept(model, out=tmp_path / "s", resume=True, measures=["FC", "mean_FC"])
    with pytest.raises(rateloom.InputError, match=r"measures\.asked has FC there alone and nothing here"):
        kept(model, out=tmp_path / "s", resume=True, measures=["mean_FC"])
    # no measure is regional: no row a node
    connection = sqlite3.connect(tmp_path / "s" / "measures.sqlite")
    assert connection.execute("SELECT count(*) FROM regions").fetchall() == [(0,)]
    connection.close()


def test_matrices_are_kept_in_tables_and_arrays(model: Path, series: xr.Dataset, tmp_path: Path) -> None:
    expected = rateloom.measures(series, middling(), matrices=True)
    found = kept(model, matrices=True, out=tmp_path / "s").load()
    assert found["FC_x"].dims == (*AXES, "node", "other_node") and found["PLI_y"].dtype == np.float32
    # 24 bits of numbers up to 1
    close(found, expected, 6e-8)
    xr.testing.assert_identical(kept(model, matrices=True), found)
    opened = xr.open_zarr(tmp_path / "s" / "measures.zarr")
    np.testing.assert_array_equal(opened["FC_x"].values, found["FC_x"].values)
    connection = sqlite3.connect(tmp_path / "s" / "measures.sqlite")
    (blob,) = connection.execute("SELECT FC_x FROM matrices WHERE item = 3").fetchone()
    connection.close()
    upper = np.frombuffer(blob, "<f4")
    np.testing.assert_array_equal(upper, found["FC_x"].values.reshape(-1, N, N)[3][np.triu_indices(N)])


def own(folder: Path, text: str = OWN) -> tuple[Path, list[Any]]:
    path = folder / "own.py"
    path.write_text(text)
    from rateloom.drivers.measures.origin import measures_in

    return path, list(measures_in([path]))


def test_own_measures_are_those_of_the_series(model: Path, series: xr.Dataset, tmp_path: Path) -> None:
    _, custom = own(tmp_path)
    expected = rateloom.measures(series, middling(), custom=custom, measures=["mean_FC"])
    found = kept(model, custom=custom, measures=["mean_FC"], threads=2)
    assert found["last_x"].dims == (*AXES, "node") and found["steepest_x"].attrs["unit"] == "mV"
    xr.testing.assert_equal(found, expected)
    assert list(kept(model, custom=custom, measures=())["steepest_x"].dims) == list(AXES)


def test_own_measures_are_imported_again_to_go_on(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, custom = own(tmp_path)
    asked: dict[str, Any] = {"custom": custom, "measures": ["mean_FC"]}
    expected = kept(model, **asked)
    with monkeypatch.context() as patch:
        stopped_after(patch, 1, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            kept(model, out=tmp_path / "s", **asked)
    says = r"another study is in it: .*steepest"
    # what a measure calls may stand anywhere in its file
    for changed in (OWN.replace(".max()", ".min()"), OWN + "\n\nSCALE = 2.0\n"):
        path.write_text(changed)
        with pytest.raises(rateloom.InputError, match=says):
            rateloom.resume(tmp_path / "s")
    path.write_text(OWN.replace("def last", "def latest"))
    with pytest.raises(rateloom.InputError, match=r"measure last is not in .*own.py any more"):
        rateloom.resume(tmp_path / "s")
    path.unlink()
    with pytest.raises(rateloom.InputError, match=r"own.py: no such file; own measures are in Python files"):
        rateloom.resume(tmp_path / "s")
    # the file may be another
    (tmp_path / "elsewhere").mkdir()
    _, moved = own(tmp_path / "elsewhere")
    xr.testing.assert_identical(
        kept(model, out=tmp_path / "s", resume=True, custom=moved, measures=["mean_FC"]).load(), expected
    )
    own(tmp_path)
    xr.testing.assert_identical(rateloom.resume(tmp_path / "s", progress=False).load(), expected)


def fails(values: Any) -> Any:
    raise ZeroDivisionError("no such thing")


def shifty(values: Any) -> Any:
    return values[0] if values[0, 0] > 5 else 1.0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"custom": [fails]}, "custom: .* is no measure"),
        (
            {"custom": [rateloom.measure(fails)]},
            r"fails raises ZeroDivisionError: .* \(tried with noise",
        ),
        ({"custom": [rateloom.measure(fails, regional=False)]}, "measure fails raises ZeroDivisionError: no"),
        ({"custom": [rateloom.measure(shifty)]}, "measure shifty is to return one number a node, and"),
        ({"measures": ()}, "measures: nothing is asked for"),
        ({"measures": ["mean_F"]}, "there is no 'mean_F'; did you mean mean_FR or mean_FC"),
        ({"measures": ["ratio_frmean_dmn"]}, "labels name no default mode network"),
        ({"matrices": "yes"}, "matrices='yes': it must be True or False"),
        ({"measures": ["FC"], "keep": "averages"}, "measures=: no measures are taken with keep='averages'"),
    ],
)
def test_what_cannot_be_measured_is_refused(more: dict[str, Any], says: str, model: Path) -> None:
    with pytest.raises(rateloom.InputError, match=says) as caught:
        rateloom.sweep(model, AXES, **{"keep": "measures", **HOW, **more})
    assert "\n" not in str(caught.value)


def test_a_source_that_cannot_be_read_makes_no_study(model: Path, tmp_path: Path) -> None:
    scope: dict[str, Any] = {}
    exec("def typed(values):\n    return 1.0", scope)
    custom = [rateloom.measure(scope["typed"])]
    assert (kept(model, custom=custom, measures=())["typed_x"] == 1).all()
    with pytest.raises(
        rateloom.InputError, match=r"its source cannot be read.* leave out= and executor= out"
    ):
        kept(model, custom=custom, out=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_own_measures_are_not_taken_of_work_items_that_diverged() -> None:
    @rateloom.measure
    def finite(values: Any) -> float:
        assert np.isfinite(values).all()
        return float(values.max())

    how: dict[str, Any] = {
        "connectome": "synthetic:4", "duration": 2000.0, "dt": 10.0, "period": 10.0, "dtype": "float64",
    }  # fmt: skip
    for asked in ((), ("mean_FC", "max_FR")):
        with pytest.warns(UserWarning, match="1 of 2 work items diverged"):
            found = rateloom.sweep(
                "linear", {"gamma": [-0.1, -100.0]}, keep="measures", integrator="euler", measures=asked,
                custom=() if asked else [finite], **how,
            )  # fmt: skip
        for array in found.drop_vars("diverged_step").values():
            assert np.isfinite(array[0]).all() and np.isnan(array[1]).all()


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")
def test_series_do_not_leave_a_device_and_launches_change_no_bit(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {"measures": ONE_PASS, "dtype": "float32"}
    expected = kept(model, backend="emulated-debug", **asked)
    monkeypatch.setattr(device_run, "_FIRST_LAUNCH", 12)
    monkeypatch.setattr(device_run, "_LAUNCH_SECONDS", 0.0)
    monkeypatch.setattr(device_run.Landing, "take", None)
    found = kept(model, backend="emulated", **asked)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=str(name))


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")
def test_work_items_that_diverged_on_a_device_have_no_moments() -> None:
    how: dict[str, Any] = {"connectome": "synthetic:4", "duration": 2000.0, "dt": 10.0, "period": 10.0}
    with pytest.warns(UserWarning, match="1 of 2 work items diverged"):
        found = rateloom.sweep(
            "linear", {"gamma": [-0.1, -100.0]}, keep="measures", integrator="euler", backend="emulated",
            measures=["mean_FC", "max_FR"], **how,
        )  # fmt: skip
    for array in found.drop_vars("diverged_step").values():
        assert np.isfinite(array[0]).all() and np.isnan(array[1]).all()

"""Sweeps that go on from the states in which the work items of another ended."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import DT, N, simulate, sweep
from parts import PARTS, assert_whole, in_parts, series

import rateloom
from rateloom import BoldSettings
from rateloom.cli import main
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.runs.divergence import DivergenceWarning
from rateloom.drivers.support.errors import InputError

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
# delays differ from speed to speed, and six work items leave lanes empty
AXES = {"speed": [20.0, 10.0], "G": [0.1, 0.2, 0.3]}
REGIONAL = np.random.default_rng(0).uniform(0, 0.3, (5, N))
LISTED = rateloom.work_items({"G": REGIONAL, "speed": [5.0, 5.0, 10.0, 10.0, 20.0]})
BLOOD = {"keep": "bold", "bold": BoldSettings("z", 12 * DT, 4 * DT, parameters={"efficacy": 80.0})}
HALF = {"backend": "emulated", "history_dtype": "float16", "dtype": "float32"}
KINDS = [
    (AXES, {}),
    pytest.param(LISTED, {"backend": "emulated"}, marks=needs_compiler),
    pytest.param(AXES, {**BLOOD, "period": 2 * DT, "backend": "emulated"}, marks=needs_compiler),
    pytest.param({"seed": [3, 1], **AXES}, {**BLOOD, "period": 2 * DT}, marks=pytest.mark.slow),
    pytest.param(AXES, HALF, marks=[needs_compiler, pytest.mark.slow]),
]


@pytest.mark.parametrize(("axes", "settings"), KINDS)
def test_parts_of_a_sweep_are_the_whole(axes: Any, settings: dict[str, Any]) -> None:
    assert_whole(axes, call=sweep, **settings)


def test_each_work_item_keeps_what_it_keeps_alone() -> None:
    swept = sweep(AXES, keep_state=True)
    for speed, g in ((0, 2), (1, 0)):
        item = swept.isel(speed=speed, G=g)
        alone = simulate(
            speed=AXES["speed"][speed], parameters={"G": AXES["G"][g]}, item=3 * speed + g, keep_state=True
        )
        for part in ("final.states", "final.sums"):
            np.testing.assert_array_equal(item[part], alone[part], err_msg=part)
        # the longest delay of all work items, and zeros where a history is shorter
        n_back = alone.sizes["final.back"]
        np.testing.assert_array_equal(item["final.history"][:, :n_back], alone["final.history"])
        assert not item["final.history"][:, n_back:].any()
    xr.testing.assert_identical(rateloom.rerun(swept, progress=False), swept)
    listed = sweep(LISTED, keep_state=True)
    xr.testing.assert_identical(rateloom.rerun(listed, progress=False), listed)
    assert rateloom.measures(swept, measures=["moments"], progress=False)["mean_x_all"].dims == ("speed", "G")


def test_what_diverged_stays_lost_and_the_others_go_on() -> None:
    axes = {"P[2]": [-0.2, 9.0]}
    with pytest.warns(DivergenceWarning, match="1 of 2"):
        whole = sweep(axes, duration=sum(PARTS) * DT)
        parts = in_parts(axes, call=sweep)
    steps = whole["diverged_step"].values
    assert steps[0] == -1 and 0 < steps[1] < PARTS[0]
    for part in parts:
        np.testing.assert_array_equal(part["diverged_step"], steps)
    xr.testing.assert_equal(xr.concat([series(part) for part in parts], "time"), series(whole))


@pytest.mark.parametrize("name", ["first.zarr", "first.nc"])
def test_a_store_holds_the_states_as_well(name: str, tmp_path: Path) -> None:
    lines: list[str] = []
    first = sweep(AXES, keep_state=True, out=tmp_path / name, announce=lines.append)
    size = sum(first[part].nbytes for part in first.variables if part.startswith("final."))
    assert f", {size / 1000:.1f} kB of it final states" in lines[-1]
    expected = sweep(AXES, duration=20 * DT, continue_from=sweep(AXES, keep_state=True))
    turned = first.load().transpose("final.back", "node", ..., "speed", "G")
    for source in (tmp_path / name, turned):
        xr.testing.assert_identical(sweep(AXES, duration=20 * DT, continue_from=source), expected)


@pytest.fixture(scope="module")
def first() -> xr.Dataset:
    return sweep(AXES, keep_state=True)


@pytest.mark.parametrize(
    ("axes", "change", "message"),
    [
        ({"G": AXES["G"]}, {}, "axes are speed, G there and G here"),
        ({"G": AXES["G"], "speed": AXES["speed"]}, {}, "axes are speed, G there and G, speed here"),
        (LISTED, {}, "axes are speed, G there and item here"),
        ({**AXES, "G": [0.1, 0.2, 0.4]}, {}, "other work items cannot go on from it: other values of G"),
        ({**AXES, "G": [0.1, 0.2]}, {}, "other values of G"),
        (AXES, {"seed": 6}, "seed is 5 there and 6 here"),
        (AXES, {"keep": "raw"}, "monitor is 'tavg' there and 'raw' here"),
        (AXES, {"keep": "measures", "continue_from": None, "keep_state": True}, "a study holds no states"),
        (AXES, {"keep": "measures"}, "a study holds no states to go on from"),
        (AXES, {"continue_from": None, "keep_state": 1}, "keep_state=1: it must be True or False"),
        (
            AXES,
            {"continue_from": None, "keep_state": True, "memory": 9000},
            "the states in which 6",
        ),
        (AXES, {"continue_from": math.pi}, "continue_from=3.14159"),
    ],
)
def test_a_sweep_that_does_not_fit_is_refused_in_a_line(
    first: xr.Dataset, axes: Any, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        sweep(axes, **{"continue_from": first, **change})
    assert "\n" not in str(caught.value)


def test_a_run_and_a_sweep_do_not_go_on_from_each_other(first: xr.Dataset) -> None:
    with pytest.raises(InputError, match="axes are speed, G there and none here"):
        simulate(continue_from=first)
    with pytest.raises(InputError, match="it holds no final state"):
        simulate(continue_from=first.isel(speed=0, G=0, node=0))
    with pytest.raises(InputError, match="axes are none there and speed, G here"):
        sweep(AXES, continue_from=simulate(keep_state=True))


@pytest.mark.slow
def test_the_command_line_goes_on_with_a_sweep(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    common = ["sweep", "linear", "--connectome", "synthetic:4", "--sweep", "G=0,0.1", "--keep", "averages"]
    first, second = (str(tmp_path / f"{name}.zarr") for name in ("first", "second"))
    assert main([*common, "--duration", "10.4", "--keep-state", "--out", first]) == 0
    assert main([*common, "--duration", "20", "--continue", first, "--out", second]) == 0
    whole = rateloom.sweep("linear", {"G": [0.0, 0.1]}, connectome="synthetic:4", duration=30.4)
    joined = xr.concat([xr.open_zarr(name)["x"].load() for name in (first, second)], "time")
    xr.testing.assert_equal(joined, whole["x"])
    measured = [*common[:-2], "--duration", "10", "--keep-state", "--out", str(tmp_path / "study")]
    assert main(measured) == 1
    assert "a study holds no states to go on from" in " ".join(capfd.readouterr().err.split())
    assert not (tmp_path / "study").exists()

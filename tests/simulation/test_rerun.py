"""A result, from memory or from a store, is run again from itself: same bits, same record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import DT, N, simulate, sweep
from small_connectomes import few_short

import rateloom
from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.load import load_model

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
HALF = {"backend": "emulated", "history_dtype": "float16", "dtype": "float32"}
HISTORY = np.random.default_rng(2).uniform(0, 0.9, (40, 3, N))
RAMP = np.linspace(0.1, 0.3, N)
STIMULUS = xr.DataArray(np.eye(N), {"time": 0.31 + np.arange(N) * 0.27}, ("time", "node"))


@pytest.mark.parametrize(
    "settings",
    [
        {"inputs": {"stimulus": STIMULUS}, "parameters": {"G": RAMP, "P": [-0.9, 0.4, -0.3]}},
        {"inputs": {"gain": np.outer(np.arange(4), RAMP)}, "initial": {"x": RAMP, "y": 0.25}, "item": 3},
        {"history": HISTORY, "keep_state": True},
        pytest.param({"speed": np.inf, "monitor": "raw", "noise": False}, marks=pytest.mark.slow),
        pytest.param(
            {"normalize": None, "connectome": few_short(3), "block": None, "lanes": None},
            marks=pytest.mark.slow,
        ),
        pytest.param(HALF, marks=needs_compiler),
    ],
    ids=["regional", "initial", "history", "undelayed", "edges", "half"],
)  # fmt: skip
@pytest.mark.parametrize("stored", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_run_is_run_again_from_its_result(settings: dict[str, Any], stored: bool, tmp_path: Path) -> None:
    result = simulate(**settings, out=tmp_path / "run.zarr" if stored else None)
    again = rateloom.rerun(result, progress=False)
    xr.testing.assert_identical(again, result)
    assert np.ptp(again["x"].values) > 0


@pytest.mark.parametrize(
    "axes",
    [
        {"G": [0.1, 0.3], "speed": [10.0, 20.0, 40.0]},
        {"P[1]": [0.2, 0.5]},
        rateloom.work_items({"G": [[0.1] * N, RAMP], "s": [0.1, 0.2]}),
    ],
    ids=["grid", "element", "listed"],
)
def test_a_sweep_is_run_again_from_its_result(axes: Any) -> None:
    result = sweep(axes, inputs={"stimulus": STIMULUS})
    xr.testing.assert_identical(rateloom.rerun(result, progress=False), result)


def test_a_connectome_of_a_known_name_is_not_kept_and_another_is(tmp_path: Path) -> None:
    settings = {"dtype": "float64", "duration": 5.0, "dt": 0.5, "progress": False}
    named = rateloom.connectome("synthetic:6")
    for source, normalize in ((named, None), ("synthetic:6", "row")):
        result = rateloom.simulate("linear", connectome=source, normalize=normalize, **settings)
        assert not [name for name in result.variables if str(name).startswith("connectome.")]
        again = rateloom.rerun(result, progress=False)
        np.testing.assert_array_equal(again["x"], result["x"])
    other = rateloom.Connectome(named.weights * 2, named.tract_lengths, named.labels, name=named.name)
    result = rateloom.simulate("linear", connectome=other, normalize="row", out=tmp_path / "r", **settings)
    assert (result["connectome.weight"].values > 0).all() and not list(result.data_vars)[2:]
    again = rateloom.rerun(result, progress=False)
    xr.testing.assert_equal(again, result)
    with pytest.raises(InputError, match="it lacks its connectome"):
        rateloom.rerun(result.drop_vars("connectome.weight"))
    with pytest.raises(InputError, match="it lacks its connectome"):
        rateloom.rerun(result.assign_coords({"connectome.weight": result["connectome.weight"] * 2}))


def test_bold_signals_are_made_again() -> None:
    bold = rateloom.BoldSettings(tr=200.0, warm_up=200.0, parameters={"efficacy": 0.4})
    result = rateloom.simulate(
        "linear", connectome="synthetic:6", monitor="bold", duration=1000.0, dt=0.5, dtype="float64",
        bold=bold, progress=False,
    )  # fmt: skip
    xr.testing.assert_identical(rateloom.rerun(result, progress=False), result)
    with pytest.raises(InputError, match="it lacks the haemodynamic model balloon"):
        rateloom.rerun(result.assign_attrs(bold_model_hash="0"))


@pytest.mark.parametrize("name", shipped_models())
def test_the_text_of_a_model_gives_the_model(name: str) -> None:
    model = rateloom.load(name)
    assert load_model("again.xml", model.xml) == model


def test_what_a_result_lacks_is_said_in_a_line() -> None:
    result = simulate()
    swept = sweep({"G": [0.1, 0.2]})
    kept = simulate(keep_state=True)
    for source, message in (
        (3, "rerun of 3: give what simulate or sweep returned"),
        (result.drop_attrs(), "it lacks time series with the record of their run"),
        (rateloom.measures(result, measures=["moments"], progress=False), "it lacks time series"),
        (simulate(continue_from=kept), "it lacks the state that it went on from: run the 60 steps before it"),
        (swept.isel(G=0), "it lacks values of G: give it with all of its work items"),
        (result.drop_attrs(deep=False).assign_attrs(variant="{}"), "it lacks the text of its model"),
        (result.assign_attrs(model_text="<Model"), "it lacks a model that can be read"),
        (result.assign_attrs(model_hash="0"), "it lacks the equations of its model"),
        (result.assign_attrs(parameters="?"), "it lacks a part of its record"),
        (result.isel(node=[0, 1]), "it lacks its connectome"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            rateloom.rerun(source)
        assert "\n" not in str(caught.value)


def test_another_machine_is_warned_of() -> None:
    result = simulate()
    variant = result.attrs["variant"].replace('"compiler": "numba', '"compiler": "older numba')
    with pytest.warns(SettingsWarning, match="the last digits may be others than the result's: compiler is"):
        again = rateloom.rerun(result.assign_attrs(variant=variant), progress=False)
    np.testing.assert_array_equal(again["x"], result["x"])
    assert again.attrs["duration"] == 60 * DT

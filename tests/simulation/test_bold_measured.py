"""Sweeps and studies that keep measures of BOLD signals, against those of volumes that were kept."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import xarray as xr
from interruptions import stopped_after

import rateloom
from rateloom import BoldSettings, InputError, MeasureSettings
from rateloom.cli import main
from rateloom.drivers.runs.divergence import DivergenceWarning

RUN: dict[str, Any] = {
    "connectome": "synthetic:5", "dt": 0.1, "seed": 4, "lanes": 2, "duration": 1300.0, "progress": False,
}  # fmt: skip
AXES = {"G": [0.0, 0.1, 0.2], "speed": [3.0, 6.0]}
EFFICACY = np.linspace(0.3, 0.7, 5)
BOLD = BoldSettings("r", 60.0, warm_up=120.0, parameters={"efficacy": EFFICACY, "tau_s": 1.4})
WINDOWS = MeasureSettings(fcd_window=240.0, fcd_step=60.0)
HOW: dict[str, Any] = {**RUN, "keep": "measures", "bold": BOLD, "measure_settings": WINDOWS}


@pytest.fixture(scope="module")
def kept() -> xr.Dataset:
    return rateloom.sweep("montbrio", AXES, keep="bold", bold=BOLD, **RUN)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "s"
    rateloom.sweep("montbrio", AXES, out=folder, **HOW)
    return folder


def test_measures_are_those_of_the_volumes_in_memory_and_in_a_study(kept: xr.Dataset, study: Path) -> None:
    expected = rateloom.measures(kept, "synthetic:5", settings=WINDOWS)
    found = rateloom.sweep("montbrio", AXES, **HOW)
    xr.testing.assert_equal(found, expected)
    xr.testing.assert_identical(xr.open_zarr(study / "measures.zarr")[list(found.data_vars)].load(), found)
    assert found.attrs["exposures"] == ["BOLD"] and found.attrs["keep"] == "measures"
    assert (found.attrs["tr"], found.attrs["bold_from"], found.attrs["bold_model"]) == (60.0, "r", "balloon")
    assert np.isfinite(found["varFCD_BOLD"].values).all()


def test_functional_connectivity_is_that_of_equations_integrated_by_scipy() -> None:
    run = {**RUN, "duration": 10_000.0, "dtype": "float64"}
    found = rateloom.sweep(
        "montbrio", {"G": [0.1]}, keep="measures", bold=BoldSettings("r", 500.0), measures=["FC"], **run
    )
    activity = rateloom.sweep("montbrio", {"G": [0.1]}, period=4.0, **run)["r"][0].values
    expected = np.corrcoef(_volumes(activity), rowvar=False)
    # steps of 4 ms are good to 0.2 % of a signal's standard deviation (docs/bold.md)
    np.testing.assert_allclose(found["FC_BOLD"][0], expected, rtol=0, atol=5e-3)


def _volumes(activity: Any, step: float = 0.004, each: int = 125) -> Any:
    """Stephan et al. 2007 with TVB's constants, by LSODA between the steps of the activity; in seconds."""
    tau_s, tau_f, tau_o, alpha, e0, v0 = 1.54, 1.44, 0.98, 0.32, 0.4, 4.0
    k1, k2, k3 = 4.3 * 40.3 * e0 * 0.04, 0.5 * 25.0 * e0 * 0.04, 0.5

    def slope(y: Any, t: float, x: Any) -> Any:
        s, f, v, q = y.reshape(4, -1)
        out = v ** (1 / alpha)
        return np.concatenate(
            [
                x - s / tau_s - (f - 1) / tau_f,
                s,
                (f - out) / tau_o,
                (f * (1 - (1 - e0) ** (1 / f)) / e0 - out * q / v) / tau_o,
            ]
        )

    state = np.repeat([0.0, 1.0, 1.0, 1.0], activity.shape[1])
    found = []
    for k, x in enumerate(activity, start=1):
        state = scipy.integrate.odeint(slope, state, [0.0, step], args=(x,), rtol=1e-8, atol=1e-10)[-1]
        if k % each == 0:
            _, _, v, q = state.reshape(4, -1)
            found.append(v0 * (k1 * (1 - q) + k2 * (1 - q / v) + k3 * (1 - v)))
    return np.array(found)


@pytest.mark.parametrize("n_block", [1, 2])
def test_a_study_that_was_stopped_is_gone_on_with(
    n_block: int, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_after(monkeypatch, n_block, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        rateloom.sweep("montbrio", AXES, out=tmp_path / "s", **HOW)
    monkeypatch.undo()
    whole = xr.open_zarr(study / "measures.zarr").load()
    xr.testing.assert_identical(rateloom.resume(tmp_path / "s", progress=False).load(), whole)
    assert (tmp_path / "s" / "plan.json").read_bytes() == (study / "plan.json").read_bytes()


@pytest.mark.slow
def test_another_process_makes_the_same_bits(study: Path) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found = rateloom.sweep("montbrio", AXES, executor=pool, **HOW)
    xr.testing.assert_identical(found, xr.open_zarr(study / "measures.zarr").load())


def test_the_plan_holds_what_the_signals_are_made_with(study: Path) -> None:
    plan = json.loads((study / "plan.json").read_text())["bold"]
    assert (plan["exposure"], plan["tr"], plan["warm_up"]) == ("r", 60.0, 120.0)
    assert plan["model"]["name"] == "balloon" and "<Model" in plan["model"]["text"]
    assert plan["parameters"] == {"tau_s": 1.4}
    with np.load(study / "given.npz") as given:
        np.testing.assert_array_equal(given["bold.efficacy"], EFFICACY)


@pytest.mark.parametrize(
    ("bold", "message"),
    [
        (None, "its measures are those of BOLD signals, and those of the samples were asked for"),
        (BoldSettings("r", 60.0, None, 120.0, parameters={"efficacy": EFFICACY}), r"bold.parameters.tau_s"),
        (BoldSettings("V", 60.0, None, 120.0, parameters=BOLD.parameters), "bold.exposure is 'r' there"),
    ],
)
def test_another_haemodynamic_model_is_another_study(
    bold: BoldSettings | None, message: str, study: Path
) -> None:
    with pytest.raises(InputError, match=f"another study is in it: .*{message}"):
        rateloom.sweep("montbrio", AXES, out=study, resume=True, **{**HOW, "bold": bold})


def test_work_items_are_simulated_again_for_their_volumes(kept: xr.Dataset, study: Path) -> None:
    again = rateloom.time_series(study, [4, 1], progress=False)
    assert set(again.data_vars) == {"BOLD", "diverged_step"}
    np.testing.assert_array_equal(again["BOLD"][0], kept["BOLD"][2, 0])
    np.testing.assert_array_equal(again["BOLD"][1], kept["BOLD"][0, 1])
    np.testing.assert_array_equal(again["time"], kept["time"])
    assert again["BOLD"].attrs["unit"] == "%"


def test_the_emulated_device_measures_the_same_volumes() -> None:
    here, there = (
        rateloom.sweep("montbrio", {"G": [0.0, 0.1, 0.2]}, backend=b, dtype="float64", **HOW)
        for b in ("numba", "emulated")
    )
    for name in ("mean_FC_BOLD", "mean_BOLD", "std_BOLD"):
        # double precision: sums over edges have another order there
        np.testing.assert_allclose(there[name], here[name], rtol=1e-7, err_msg=name)


@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
def test_signals_that_are_lost_are_said() -> None:
    settings = BoldSettings("V", 200.0, parameters={"efficacy": 50.0})
    with pytest.warns(DivergenceWarning, match="1 of 1 work items did not diverge and have no measures"):
        rateloom.sweep(
            "montbrio", {"eta": [-9.0]}, parameters={"J": 0.0},
            **{**HOW, "bold": settings, "measure_settings": None},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"bold": BoldSettings(tr=1000.0)},
            "one volume would be left, and measures need 2: the series lasts",
        ),
        ({"bold": BoldSettings("W")}, "model montbrio has no exposure 'W'"),
        (
            {"measure_settings": MeasureSettings(fcd_window=200.0, fcd_step=50.0)},
            "volumes come every tr=60 ms",
        ),
        ({"bold": {"tr": 60.0}}, "give a rateloom.BoldSettings"),
        ({"keep": "averages"}, "bold=: no BOLD signals are kept"),
    ],
)
def test_what_cannot_be_measured_is_refused(given: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        rateloom.sweep("montbrio", {"G": [0.1]}, **{**HOW, **given})


def test_the_command_line_keeps_measures_of_bold(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    common = ["montbrio", "--sweep", "G=0,0.1", "--connectome", "synthetic:5", "--duration", "400"]
    bold = [*common, "--monitor", "bold", "--tr", "40ms", "--warm-up", "80", "--bold-set", "efficacy=0.5"]
    assert main(["sweep", *bold, "--keep", "measures", "--out", "s"]) == 0
    assert main(["query", "s", "SELECT G, mean_FC_BOLD FROM work_items"]) == 0
    assert main(["plot", "s", "--kind", "series", "--out", "s_series.png"]) == 0
    assert main(["sweep", "--resume", "s", "--overwrite"]) == 0
    assert main(["sweep", *common, "--monitor", "bold", "--keep", "measures", "--out", "g"]) == 1
    assert "no volume would be left, and measures need 2" in capfd.readouterr().err

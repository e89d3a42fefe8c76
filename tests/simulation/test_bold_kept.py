"""Sweeps and runs that keep BOLD signals, made while they are simulated, against those of kept averages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom import BoldSettings, InputError
from rateloom.cli import main
from rateloom.drivers.backends.emulated.emulated_device import EmulatedDevice
from rateloom.drivers.runs.divergence import DivergenceWarning

RUN: dict[str, Any] = {"connectome": "synthetic:5", "dt": 0.1, "seed": 4, "threads": 2, "progress": False}
AXES = {"G": [0.0, 0.1], "speed": [3.0, 6.0]}
BOLD = BoldSettings(tr=120.0, warm_up=240.0)


@pytest.fixture(scope="module")
def averages() -> xr.Dataset:
    return rateloom.sweep("montbrio", AXES, duration=1300.0, period=4.0, **RUN)


def test_bold_is_that_of_the_averages_bit_for_bit(averages: xr.Dataset, tmp_path: Path) -> None:
    store = tmp_path / "bold.zarr"
    lines: list[str] = []
    kept = rateloom.sweep(
        "montbrio", AXES, duration=1300.0, keep="bold", bold=BOLD, out=store, announce=lines.append, **RUN
    )
    (steps,) = [line for line in lines if line.startswith("steps")]
    assert steps.endswith("; volumes: 8, of 325 samples")
    expected = rateloom.bold(averages, tr=120.0, warm_up=240.0)
    assert kept["BOLD"].dims == ("G", "speed", "time", "node") and kept["BOLD"].dtype == np.float32
    np.testing.assert_array_equal(kept["time"], np.arange(360.0, 1201.0, 120.0))
    xr.testing.assert_equal(kept["BOLD"].load(), expected["BOLD"])
    for name in ("keep", "bold_from", "tr", "bold_dt", "warm_up", "bold_model", "bold_model_hash"):
        assert kept.attrs[name] == expected.attrs[name], name
    assert kept["BOLD"].attrs["unit"] == "%"
    assert (kept["diverged_step"] == -1).all()


def test_one_run_keeps_bold_of_another_exposure(averages: xr.Dataset) -> None:
    settings = BoldSettings("V", 120.0, parameters={"efficacy": 0.1})
    kept = rateloom.simulate(
        "montbrio",
        duration=1300.0,
        monitor="bold",
        bold=settings,
        parameters={"G": 0.1},
        speed=6.0,
        item=3,
        **RUN,
    )
    expected = rateloom.bold(averages.isel(G=1, speed=1), "V", tr=120.0, parameters={"efficacy": 0.1})
    xr.testing.assert_equal(kept["BOLD"], expected["BOLD"].drop_vars(["G", "speed"]))


def test_functional_connectivity_of_bold_is_a_measure() -> None:
    kept = rateloom.simulate("montbrio", duration=2000.0, monitor="bold", bold=BoldSettings(tr=40.0), **RUN)
    found = rateloom.measures(kept, matrices=True)
    matrix = np.corrcoef(kept["BOLD"].values.astype(float), rowvar=False)
    np.testing.assert_allclose(found["FC_BOLD"], matrix, atol=1e-6)
    assert found["mean_BOLD_all"].attrs["unit"] == "%"


@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
def test_a_work_item_that_diverges_has_no_bold_from_there_on() -> None:
    with pytest.warns(DivergenceWarning, match="1 of 2 work items diverged"):
        kept = rateloom.sweep(
            "linear", {"gamma": [-0.1, 30.0]}, duration=100.0, keep="bold", bold=BoldSettings(tr=4.0),
            **RUN | {"dtype": "float64"},
        )  # fmt: skip
    lost = int(np.ceil(kept["diverged_step"][1] * 0.1 / 4.0))
    assert lost > 2 and np.isfinite(kept["BOLD"][0]).all()
    assert np.isnan(kept["BOLD"][1, lost:]).all() and np.isfinite(kept["BOLD"][1, 0]).all()


@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
def test_activity_that_no_blood_could_follow_is_said() -> None:
    settings = BoldSettings(tr=1000.0, parameters={"efficacy": 50.0})
    message = "2 of 2 work items have NaN in BOLD though they did not diverge: V is out of the range"
    with pytest.warns(DivergenceWarning, match=message):
        rateloom.sweep(
            "montbrio", {"eta": [-9.0, -8.0]}, duration=2000.0, keep="bold", parameters={"J": 0.0},
            bold=BoldSettings("V", 1000.0, parameters=settings.parameters), **RUN,
        )  # fmt: skip


@pytest.mark.parametrize("lanes", [None, 2])
def test_a_device_makes_bold_of_samples_that_stay_there(
    averages: xr.Dataset, lanes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, fetch = [], EmulatedDevice.fetch

    def watched(device: EmulatedDevice, buffer: Any, into: Any) -> Any:
        fetched.append(into)
        return fetch(device, buffer, into)

    monkeypatch.setattr(EmulatedDevice, "fetch", watched)
    kept = rateloom.sweep(
        "montbrio", AXES, duration=1300.0, keep="bold", bold=BOLD, backend="emulated", lanes=lanes, **RUN
    )
    expected = rateloom.bold(averages, tr=120.0, warm_up=240.0)["BOLD"].values
    # single precision of the simulation: sums over edges have another order there
    np.testing.assert_allclose(kept["BOLD"], expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    # volumes in double precision, and the steps of divergence
    volumes = sum(into.size for into in fetched if into.dtype == np.float64)
    assert volumes == kept["BOLD"].size and {into.dtype.name for into in fetched} == {"float64", "int64"}


@pytest.mark.filterwarnings("ignore")
def test_on_a_device_regional_blood_and_divergence_are_as_on_the_processor() -> None:
    settings = BoldSettings(tr=20.0, dt=2.0, parameters={"efficacy": np.linspace(0.1, 1.0, 5)})
    given: dict[str, Any] = {"duration": 300.0, "keep": "bold", "bold": settings, "dtype": "float64", **RUN}
    here, there = (
        rateloom.sweep("linear", {"gamma": [-0.1, 3.0, -0.2]}, backend=backend, **given)
        for backend in ("numba", "emulated-debug")
    )
    assert int(here["diverged_step"][1]) > 0 and np.isnan(here["BOLD"][1, -1]).all()
    np.testing.assert_array_equal(np.isnan(here["BOLD"]), np.isnan(there["BOLD"]))
    np.testing.assert_allclose(here["BOLD"][::2], there["BOLD"][::2], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"keep": "bold", "bold": BoldSettings("W")}, "model montbrio has no exposure 'W'; exposures: r, V"),
        ({"keep": "bold"}, "no volume would be left: the series lasts 100 ms and one comes every tr=2000 ms"),
        ({"keep": "bold", "bold": {"tr": 1000.0}}, "bold=.*: give a rateloom.BoldSettings"),
        ({"bold": BOLD}, "bold=: no BOLD signals are kept; ask for them with keep='bold'"),
        ({"keep": "bold", "bold": BOLD, "period": 7.0}, "tr: 120 ms is no whole number of samples"),
        ({"keep": "bold", "bold": BOLD, "resume": True}, "only keep='measures' can be gone on with"),
        ({"keep": "BOLD"}, "keep='BOLD' is unknown; use one of averages, measures, bold, raw"),
    ],
)
@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.settings.SettingsWarning")
def test_what_cannot_be_kept_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        rateloom.sweep("montbrio", {"G": [0.1]}, duration=100.0, **RUN, **given)


def test_the_command_line_keeps_bold(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    common = [
        "--connectome",
        "synthetic:5",
        "--duration",
        "400",
        "--tr",
        "40ms",
        "--bold-set",
        "efficacy=0.5",
    ]
    sweep = ["sweep", "montbrio", "--sweep", "G=0,0.1", "--keep", "bold", "--out", str(tmp_path / "s.zarr")]
    assert main([*sweep, *common, "--warm-up", "80"]) == 0
    swept = xr.open_zarr(tmp_path / "s.zarr")
    assert swept["BOLD"].shape == (2, 8, 5) and (tmp_path / "s.png").is_file()
    assert swept.attrs["bold_parameters"] == '{"efficacy": 0.5}'
    run = ["run", "montbrio", "--monitor", "bold", "--bold-from", "V", "--out", str(tmp_path / "r.zarr")]
    assert main([*run, *common]) == 0
    assert xr.open_zarr(tmp_path / "r.zarr")["BOLD"].shape == (10, 5)
    capfd.readouterr()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--keep", "bold", "--bold-from", "q"], "model montbrio has no exposure 'q'"),
        (["--keep", "bold", "--tr", "0.25ms"], "tr: 0.25 ms is no whole number of samples"),
        (["--keep", "bold", "--tr", "nan"], "tr=nan: it must be a number of ms"),
        (["--keep", "bold", "--duration", "1000"], "no volume would be left"),
        (["--tr", "100"], "--tr: no BOLD signals are made; ask for them with --monitor bold"),
        (
            ["--keep", "averages", "--monitor", "bold"],
            "--monitor bold and --keep averages: leave one of them out",
        ),
        (["--keep", "bold", "--bold-set", "efficacy"], "--bold-set efficacy: write it like"),
    ],
)
def test_the_command_line_refuses(
    options: list[str], message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "montbrio", "--sweep", "G=0,0.1", "--connectome", "synthetic:5", *options]) == 1
    written = capfd.readouterr().err
    assert message in " ".join(written.split()) and len(written.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())

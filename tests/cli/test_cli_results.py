"""What run and sweep write, with the real engine: the numbers of the Python interface, and pictures."""

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom import cli

PNG = b"\x89PNG\r\n\x1a\n"
SETTINGS = {"connectome": "synthetic:6", "duration": 20.0, "dt": 0.5, "seed": 3, "dtype": "float64"}
OPTIONS = [part for name, value in SETTINGS.items() for part in (f"--{name}", str(value))]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def is_picture(path):
    return path.read_bytes().startswith(PNG) and path.stat().st_size > 5000


def test_run_writes_what_simulate_returns(folder):
    np.savetxt("gamma.csv", np.linspace(-0.3, -0.1, 6))
    assert cli.main(["run", "linear", *OPTIONS, "--set", "gamma=@gamma.csv", "--initial", "x=1"]) == 0
    expected = rateloom.simulate(
        "linear", parameters={"gamma": np.linspace(-0.3, -0.1, 6)}, initial={"x": 1.0}, **SETTINGS
    )
    with xr.open_zarr("linear_run.zarr") as written:
        assert written["x"].dims == ("time", "node")
        assert np.isfinite(written["x"].values).all()
        np.testing.assert_array_equal(written["x"].values, expected["x"].values)
        np.testing.assert_array_equal(written["time"].values, np.arange(20) + 0.5)
    assert is_picture(folder / "linear_run.png")


def test_sweep_writes_what_sweep_returns_and_says_what_it_does(folder, capsys):
    axes = ["--sweep", "G=0:0.1:3", "--sweep", "speed=2,4"]
    assert cli.main(["sweep", "linear", *OPTIONS, *axes, "--memory", "1GB"]) == 0
    out = capsys.readouterr().out
    assert "6 = G (3) x speed (2)" in out
    assert "steps: 40" in out
    assert "memory:" in out
    assert out.splitlines()[-3:] == [
        "wrote linear_sweep.zarr",
        "wrote linear_sweep.png",
        "wrote linear_sweep_series.png",
    ]
    expected = rateloom.sweep("linear", {"G": [0.0, 0.05, 0.1], "speed": [2.0, 4.0]}, **SETTINGS)
    with xr.open_zarr("linear_sweep.zarr") as written:
        assert written["x"].dims == ("G", "speed", "time", "node")
        np.testing.assert_array_equal(written["x"].values, expected["x"].values)
        assert not np.array_equal(written["x"][2, 0].values, written["x"][2, 1].values)
    assert is_picture(folder / "linear_sweep.png")
    assert is_picture(folder / "linear_sweep_series.png")


def test_a_second_sweep_is_refused_and_leaves_the_first_as_it_was(folder, capsys):
    sweep = ["sweep", "linear", *OPTIONS, "--sweep", "G=0,0.1"]
    assert cli.main(sweep) == 0
    before = xr.open_zarr("linear_sweep.zarr")["x"].values
    capsys.readouterr()
    assert cli.main([*sweep, "--seed", "4"]) == 1
    assert "linear_sweep.zarr exists already" in capsys.readouterr().err
    np.testing.assert_array_equal(xr.open_zarr("linear_sweep.zarr")["x"].values, before)
    assert cli.main([*sweep, "--seed", "4", "--overwrite"]) == 0
    assert not np.array_equal(xr.open_zarr("linear_sweep.zarr")["x"].values, before)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "gama=1"], "gamma"),
        (["--set", "gamma=1,2"], "gamma"),
        (["--initial", "y=1"], "y"),
        (["--input", "stimulus=1"], "stimulus"),
        (["--duration", "-5"], "duration"),
        (["--duration", "nan"], "duration"),
        (["--duration", "1e30"], "duration"),
        (["--dt", "0"], "dt"),
        (["--period", "1e9"], "period"),
        (["--speed", "0"], "speed"),
        (["--seed", "-1"], "seed"),
        (["--integrator", "rk4"], "rk4"),
        (["--monitor", "bold"], "bold"),
        (["--dtype", "half"], "half"),
        (["--backend", "abacus"], "abacus"),
        (["--threads", "0"], "threads"),
        (["--normalize", "most"], "most"),
        (["--connectome", "none.zip"], "none.zip"),
        (["--connectome", "synthetic:0"], "synthetic:0"),
        (["--connectome", "tvb77"], "tvb77"),
        (["--sweep", "Gee=1,2"], "Gee"),
        (["--sweep", "gamma=-1,-2", "--set", "gamma=-1"], "gamma"),
        (["--keep", "everything"], "everything"),
        (["--memory", "1KB"], "memory"),
    ],
)
def test_every_bad_value_is_one_line_and_leaves_nothing(arguments, says, folder, capsys):
    axes = [] if "--sweep" in arguments else ["--sweep", "G=0,0.1"]
    assert cli.main(["sweep", "linear", *OPTIONS, *axes, *arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith("rateloom: error: ")
    assert err.count("\n") == 1
    assert says in err
    assert list(folder.iterdir()) == []

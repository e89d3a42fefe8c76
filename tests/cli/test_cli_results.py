"""What run and sweep write, with the real engine: the numbers of the Python interface, and pictures."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from command_line import error_of

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


def test_a_run_goes_on_from_the_store_of_another(folder, capsys):
    parts = (("first", "10.5", ["--keep-state"]), ("second", "9.5", ["--continue", "first.zarr"]))
    for name, duration, options in parts:
        given = ["--duration", duration, "--out", f"{name}.zarr", *options]
        assert cli.main(["run", "linear", *OPTIONS, *given]) == 0
    whole = rateloom.simulate("linear", **SETTINGS)
    with xr.open_zarr("first.zarr") as first, xr.open_zarr("second.zarr") as second:
        np.testing.assert_array_equal(np.concatenate([first["x"], second["x"]]), whole["x"])
    capsys.readouterr()
    other = ["--seed", "4", "--continue", "first.zarr", "--out", "third.zarr"]
    message = "first.zarr: a run with other settings cannot go on from it: seed is 3 there and 4 here"
    assert message in error_of(["run", "linear", *OPTIONS, *other], capsys)
    assert not (folder / "third.zarr").exists()


def test_sweep_writes_what_sweep_returns_and_says_what_it_does(folder, capsys):
    axes = ["--sweep", "G=0:0.1:3", "--sweep", "speed=2,4"]
    assert cli.main(["sweep", "linear", "--keep", "averages", *OPTIONS, *axes, "--memory", "1GB"]) == 0
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
    sweep = ["sweep", "linear", "--keep", "averages", *OPTIONS, "--sweep", "G=0,0.1"]
    assert cli.main(sweep) == 0
    before = xr.open_zarr("linear_sweep.zarr")["x"].values
    capsys.readouterr()
    assert cli.main([*sweep, "--seed", "4"]) == 1
    assert "linear_sweep.zarr and linear_sweep.png and linear_sweep_series.png exist already" in (
        capsys.readouterr().err
    )
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
        (["--integrator", "leapfrog"], "leapfrog"),
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
    assert says in error_of(["sweep", "linear", "--keep", "averages", *OPTIONS, *axes, *arguments], capsys)
    assert list(folder.iterdir()) == []


def test_pictures_are_named_after_the_store_in_a_folder_that_is_made(folder, capsys):
    assert (
        cli.main(
            [
                "sweep",
                "linear",
                "--keep",
                "averages",
                *OPTIONS,
                "--sweep",
                "G=0,0.1",
                "--out",
                "a/b/first.zarr",
            ]
        )
        == 0
    )
    assert sorted(path.name for path in (folder / "a" / "b").iterdir()) == [
        "first.png",
        "first.zarr",
        "first_series.png",
    ]
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "wrote a/b/first.zarr",
        "wrote a/b/first.png",
        "wrote a/b/first_series.png",
    ]


def test_a_picture_that_is_there_is_not_replaced_unasked(folder, capsys):
    (folder / "mine.png").write_text("precious")
    run = ["run", "linear", *OPTIONS, "--plot", "mine.png"]
    assert cli.main(run) == 1
    assert "mine.png exists already" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["mine.png"]
    assert cli.main([*run, "--overwrite"]) == 0
    assert is_picture(folder / "mine.png")


# Euler with 1 + dt gamma far below -1
STEPS = ["--integrator", "euler", "--duration", "2000", "--dt", "10", "--period", "10"]
DIVERGES = ["--set", "gamma=-100", *STEPS]


def test_when_every_work_item_diverges_the_status_is_1_and_one_line_names_dt(folder, capsys):
    assert cli.main(["sweep", "linear", "--keep", "averages", *OPTIONS, *DIVERGES, "--sweep", "G=0,0.1"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "2 of 2 work items diverged (overflow or NaN), the first at step" in err
    assert "lower dt, which is 10 ms" in err
    with xr.open_zarr("linear_sweep.zarr") as written:
        assert (written["diverged_step"].values >= 0).all()
    assert is_picture(folder / "linear_sweep.png")
    assert is_picture(folder / "linear_sweep_series.png")


def test_when_some_work_items_diverge_the_status_is_0(capsys):
    assert (
        cli.main(["sweep", "linear", "--keep", "averages", *OPTIONS, *STEPS, "--sweep", "gamma=-0.01,-100"])
        == 0
    )
    assert "1 of 2 work items diverged" in capsys.readouterr().err


def test_a_sweep_that_the_disk_has_no_room_for_is_refused_with_both_figures(folder, capsys, monkeypatch):
    # 2 work items x 20 samples x 6 nodes x 8 bytes
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1919))
    assert cli.main(["sweep", "linear", "--keep", "averages", *OPTIONS, "--sweep", "G=0,0.1"]) == 1
    err = capsys.readouterr().err
    assert "needs 1.92 kB and 1.92 kB of the disk is free" in err
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1920))
    assert cli.main(["sweep", "linear", "--keep", "averages", *OPTIONS, "--sweep", "G=0,0.1"]) == 0


def test_other_faults_are_said_before_that_something_exists(folder, capsys):
    (folder / "linear_sweep.zarr").mkdir()
    sweep = ["sweep", "linear", "--keep", "averages", *OPTIONS, "--sweep", "G=0,0.1"]
    for wrong, says in (
        (["--dt", "0"], "dt=0 ms"),
        (["--set", "gama=1"], "did you mean 'gamma'"),
        (["--set", "gamma=1,2"], "2 values were given"),
        (["--initial", "y=1"], "no state variable 'y'"),
        (["--input", "z=1"], "no input 'z'"),
        (["--connectome", "none"], "connectome 'none'"),
        (["--plot", "x.gif"], "--plot x.gif"),
        ([], "linear_sweep.zarr exists already"),
    ):
        assert cli.main([*sweep, *wrong]) == 1
        assert says in capsys.readouterr().err

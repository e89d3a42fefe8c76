"""Studies on the command line: what is written, queries, going on, and what is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import error_of
from interruptions import stopped_after
from small_sweep import AXES, HOW, SWEEP

import rateloom
from rateloom import cli
from rateloom.cli import study_commands as cli_studies

pytestmark = pytest.mark.usefixtures("folder")


def test_a_sweep_keeps_measures_unless_told_otherwise(folder, capsys):
    assert cli.main(SWEEP) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["wrote linear_sweep", "wrote linear_sweep.png"]
    expected = rateloom.measures(rateloom.sweep("linear", AXES, **HOW), "synthetic:6")
    with xr.open_zarr("linear_sweep/measures.zarr") as written:
        for name in expected.data_vars:
            np.testing.assert_array_equal(written[name].values, expected[name].values)
    assert (folder / "linear_sweep.png").stat().st_size > 5000
    assert sorted(path.name for path in folder.iterdir()) == ["linear_sweep", "linear_sweep.png"]


def test_a_study_is_gone_on_with_by_its_directory_alone(folder, capsys, monkeypatch):
    stopped_after(monkeypatch, 1, KeyboardInterrupt)
    assert cli.main([*SWEEP, "--out", "a/pilot"]) == 130
    told = capsys.readouterr().err
    assert told.endswith("go on with: rateloom sweep --resume a/pilot\nrateloom: interrupted\n")
    assert not (folder / "a" / "pilot" / "measures.zarr").exists()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert cli.main(["sweep", "--resume", "a/pilot", "--threads", "1", "--memory", "1GB"]) == 0
    out = capsys.readouterr().out
    assert "a/pilot: 3 of 6 work items are done" in out
    assert out.splitlines()[-2:] == ["wrote a/pilot", "wrote a/pilot.png"]
    assert cli.main([*SWEEP, "--out", "whole"]) == 0
    with xr.open_zarr("whole/measures.zarr") as whole, xr.open_zarr("a/pilot/measures.zarr") as resumed:
        xr.testing.assert_identical(whole.load(), resumed.load())
    # with the model and all options, too; a picture that is there stays
    Path("a/pilot.png").write_text("precious")
    for how in (["sweep"], SWEEP):
        capsys.readouterr()
        assert cli.main([*how, "--resume", "a/pilot"]) == 0
        assert "a/pilot.png is there already and stays as it is" in capsys.readouterr().out
        assert "--plot" in error_of([*how, "--resume", "a/pilot", "--plot", "a/pilot.png"], capsys)
    assert Path("a/pilot.png").read_text() == "precious"
    assert cli.main(["sweep", "--resume", "a/pilot", "--overwrite"]) == 0
    assert Path("a/pilot.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sweep"], "Missing argument 'MODEL'"),
        (["sweep", "linear"], "Missing option '--sweep'"),
        (["sweep", "--resume", "none"], "none: no study is there"),
        (["sweep", "--resume", "notes.txt"], "notes.txt: no study is there"),
        ([*SWEEP, "--resume", "none"], "none: no study is there"),
        ([*SWEEP, "--resume", "pilot", "--out", "other"], "two directories"),
        (
            ["sweep", "linear", "--resume", "pilot"],
            "the plan of this sweep of linear says all; leave the model",
        ),
        (["sweep", "kuramoto", "--resume", "pilot"], "of linear says all; leave the model (kuramoto)"),
        (
            ["sweep", "wilson_cowan", *SWEEP[2:], "--resume", "pilot"],
            "it is of the model linear, and wilson_",
        ),
        ([*SWEEP, "--resume", "pilot", "--keep", "averages"], "only --keep measures"),
        ([*SWEEP, "--resume", "pilot", "--seed", "4"], "settings.seed is 3 there and 4 here"),
        (["sweep", "--resume", "pilot", "--dt", "0.1"], "leave --dt out"),
        (["sweep", "--resume", "pilot", "--sweep", "G=1,2"], "leave --sweep out"),
        (["sweep", "--resume", "pilot", "--memory", "lots"], "lots"),
        ([*SWEEP, "--out", "pilot"], "pilot: a study is there already; go on with it (--resume pilot)"),
        ([*SWEEP, "--out", "mine", "--overwrite"], "mine: a folder that is not a study"),
        ([*SWEEP, "--out", "notes.txt", "--overwrite"], "notes.txt: a file of that name is in the way"),
        (["query", "pilot", "--timeout", "0"], "--timeout 0: it must be a time greater than 0"),
        (["query", "pilot", "--timeout", "-1s"], "it must be a time greater than 0"),
        (["query", "none"], "none: no study is there"),
        (["query", "mine"], "mine: no study is there"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments, says, folder, made, capsys):
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.tex").write_text("")
    (folder / "notes.txt").write_text("")
    if "pilot" in arguments:
        shutil.copytree(made, folder, dirs_exist_ok=True)
    there = sorted(path.name for path in folder.rglob("*"))
    assert says in error_of(arguments, capsys)
    assert sorted(path.name for path in folder.rglob("*")) == there


def test_the_options_that_resume_takes_are_those_of_sweep():
    import typer

    names = {p.name for p in typer.main.get_command(cli.app).commands["sweep"].params}
    assert set(cli_studies._ALLOWED_WITH_RESUME) <= names


def test_a_sweep_into_a_zarr_store_keeps_averages_unasked(folder):
    assert cli.main([*SWEEP, "--out", "series.zarr"]) == 0
    with xr.open_zarr("series.zarr") as written:
        np.testing.assert_array_equal(written["x"].values, rateloom.sweep("linear", AXES, **HOW)["x"].values)
    assert sorted(path.name for path in folder.iterdir()) == [
        "series.png",
        "series.zarr",
        "series_series.png",
    ]

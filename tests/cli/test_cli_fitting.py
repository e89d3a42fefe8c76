"""Fits on the command line: what is written and printed, and what is refused."""

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import error_of

import rateloom
from rateloom import cli

HOW = {"connectome": "synthetic:6", "duration": 60.0, "dt": 0.1, "seed": 3, "dtype": "float64"}
OPTIONS = [part for name, value in HOW.items() for part in (f"--{name}", str(value))]
SWEEP = ["fit", "linear", *OPTIONS, "--sweep", "G=0:0.1:3", "--sweep", "speed=2,4"]
AXES = {"G": [0.0, 0.05, 0.1], "speed": [2.0, 4.0]}
SEARCH = ["search", "linear", *OPTIONS, "--free", "G=0:0.1", "--trials", "3"]
GIVEN = ["bold.npy", "fc.npy", "head.csv", "inf.npy", "pair.npy", "short.npy", "short.txt"]
FC = np.corrcoef(np.random.default_rng(0).normal(size=(6, 50)))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("fc.npy", FC)
    bold = np.random.default_rng(0).normal(size=(50, 6))
    np.save("bold.npy", bold)
    np.save("inf.npy", np.where(bold == bold.max(), np.inf, bold))
    np.save("short.npy", bold[:2])
    np.save("pair.npy", np.where(FC[1, 4] == FC, np.inf, FC))
    Path("short.txt").write_text("a\nb\n")
    Path("head.csv").write_text("a,b,c\n1,0,0\n0,1,0\n0,0,1\n")
    return tmp_path


def rows_of(name):
    with Path(name).open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_fit_sweeps_ranks_draws_and_is_ranked_again(folder, capsys):
    assert cli.main([*SWEEP, "--fc", "a=fc.npy", "--best", "2", "--out", "pilot"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-2:] == ["wrote pilot_best.csv", "wrote pilot_best.png"]
    assert "target a, exposure x" in out and "fit_FC_a_x" in out
    assert (folder / "pilot_best.png").stat().st_size > 5000
    expected = rateloom.fit("linear", AXES, fc={"a": FC}, best=2, **HOW).best
    rows = rows_of("pilot_best.csv")
    assert [int(row["item"]) for row in rows] == expected["item"].tolist()
    assert [float(row["score"]) for row in rows] == expected["score"].tolist()
    assert [float(row["fit_FCwhole_a_x"]) for row in rows] == expected["fit_FCwhole_a_x"].tolist()

    again = [
        "fit",
        "pilot",
        "--best",
        "1",
        "--csv",
        "one.csv",
        "--plot",
        "one.pdf",
        "--series-out",
        "one.zarr",
    ]
    assert cli.main(again) == 0
    assert [row["item"] for row in rows_of("one.csv")] == [rows[0]["item"]]
    series = rateloom.sweep("linear", AXES, **HOW)["x"].values.reshape(6, 60, 6)
    with xr.open_zarr("one.zarr") as written:
        np.testing.assert_array_equal(written["x"].values[0], series[int(rows[0]["item"])])
        assert float(written["G"][0]) == float(rows[0]["G"])
    taken = "pilot_best.csv exists already; give another --csv, --plot or --series-out, or --overwrite"
    assert taken in error_of(["fit", "pilot", "--plot", "x.png"], capsys)
    assert cli.main(["query", "pilot", "SELECT max(fit_FC_a_x) FROM work_items"]) == 0


def test_a_study_is_ranked_from_within(folder, monkeypatch):
    assert cli.main([*SWEEP, "--fc", "a=fc.npy", "--out", "pilot"]) == 0
    ranked = Path("pilot_best.csv").rename("first.csv").read_bytes()
    Path("pilot_best.png").unlink()
    monkeypatch.chdir("pilot")
    assert cli.main(["fit", "."]) == 0
    assert (folder / "pilot_best.csv").read_bytes() == ranked
    assert (folder / "pilot_best.png").exists()


@pytest.mark.slow
def test_a_store_of_series_is_compared_now(folder, capsys):
    rateloom.sweep("linear", {"G": [0.0, 0.1]}, out="s.zarr", **HOW)
    windows = ["--fcd-window", "20", "--fcd-step", "2"]
    assert cli.main(["fit", "s.zarr", "--series", "b=bold.npy", "--tr", "2ms", "--by", "both", *windows]) == 0
    rows = rows_of("s_best.csv")
    settings = rateloom.MeasureSettings(fcd_window=20.0, fcd_step=2.0)
    targets = rateloom.targets(series={"b": np.load("bold.npy")}, tr=2.0, settings=settings)
    found = rateloom.measures(xr.open_zarr("s.zarr"), targets=targets, settings=settings)
    score = (found["fit_FC_b_x"] - found["fit_FCD_b_x"]).values
    assert [float(row["score"]) for row in rows] == sorted(score.tolist(), reverse=True)


@pytest.mark.slow
def test_series_are_cleaned_as_the_options_say(folder):
    np.savetxt("motion.txt", np.isin(np.arange(50), [3, 17]), "%d")
    rateloom.sweep("linear", {"G": [0.0, 0.1]}, out="s.zarr", **HOW)
    options = ["--band-pass", "25:200", "--filter-order", "3", "--global-signal-regression", "--zscore"]
    given = ["--series", "b=bold.npy", "--tr", "2ms", "--censor", "motion.txt"]
    assert cli.main(["fit", "s.zarr", *given, *options]) == 0
    assert cli.main([*SWEEP, *given, *options, "--out", "pilot"]) == 0
    cleaning = rateloom.SignalCleaning((25.0, 200.0), 3, True, True)
    settings = rateloom.MeasureSettings(cleaning=cleaning)
    targets = rateloom.targets(series={"b": np.load("bold.npy")}, tr=2.0, censor=[3, 17], settings=settings)
    expected = rateloom.measures(xr.open_zarr("s.zarr"), targets=targets, settings=settings)["fit_FC_b_x"]
    assert sorted(float(row["score"]) for row in rows_of("s_best.csv")) == sorted(expected.values.tolist())
    study = rateloom.sweep("linear", AXES, keep="measures", targets=targets, measure_settings=settings, **HOW)
    scores = sorted(float(row["score"]) for row in rows_of("pilot_best.csv"))
    assert scores == sorted(study["fit_FC_b_x"].values.ravel().tolist())
    assert cli.main(["fit", "pilot", "--csv", "x.csv", "--plot", "x.png"]) == 0


def test_no_target_without_connectivity_is_drawn(folder, capsys):
    np.save("fcd.npy", np.linspace(-1, 1, 30))
    windows = ["--fcd-window", "20", "--fcd-step", "2"]
    assert cli.main([*SWEEP, "--fcd", "fcd.npy", "--by", "fcd", *windows, "--out", "pilot"]) == 0
    assert "pilot_best.png" not in capsys.readouterr().out
    assert {row["target"] for row in rows_of("pilot_best.csv")} == {"fcd"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (SWEEP, "Missing option '--fc'"),
        ([*SWEEP, "--fc", "absent.npy"], "no such file"),
        ([*SWEEP, "--fc", "bold.npy"], "it must be a square matrix"),
        ([*SWEEP, "--series", "bold.npy"], "--tr"),
        ([*SWEEP, "--series", "bold.npy", "--tr", "-1"], "it must be above zero and finite"),
        ([*SWEEP, "--series", "bold.npy", "--tr", "0"], "it must be above zero and finite"),
        ([*SWEEP, "--series", "bold.npy", "--tr", "nan"], "it must be above zero and finite"),
        ([*SWEEP, "--series", "inf.npy", "--tr", "1ms"], "not a finite number"),
        ([*SWEEP, "--series", "short.npy", "--tr", "1ms"], "three at least"),
        ([*SWEEP, "--fc", "fc.npy", "--band-pass", "0.1"], "--band-pass '0.1': give LOW:HIGH in Hz"),
        ([*SWEEP, "--fc", "fc.npy", "--band-pass", "9:1"], "must be at least 0 and below the upper"),
        ([*SWEEP, "--fc", "fc.npy", "--band-pass", "9:nan"], "two frequencies in Hz"),
        (
            [*SWEEP, "--fc", "fc.npy", "--band-pass", "20:600"],
            "exposure x: band_pass of 20 to 600 Hz: samples",
        ),
        ([*SWEEP, "--fc", "fc.npy", "--filter-order", "3"], "--filter-order is that of --band-pass"),
        (
            [*SWEEP, "--series", "bold.npy", "--tr", "9ms", "--band-pass", "20:60"],
            "series bold: band_pass of",
        ),
        ([*SWEEP, "--fc", "fc.npy", "--censor", "fc.npy"], "there is no series"),
        (
            [*SWEEP, "--series", "bold.npy", "--tr", "2ms", "--censor", "fc.npy"],
            "6 x 6 numbers, and there are 50",
        ),
        ([*SWEEP, "--fc", "fc.npy", "--fc", "fc.npy"], "two FC are called fc"),
        ([*SWEEP, "--fc", "fc.npy", "--by", "r"], "rank by one of"),
        ([*SWEEP, "--fc", "fc.npy", "--by", "fcd"], "no target has FCD"),
        ([*SWEEP, "--fc", "fc.npy", "--exposure", "y"], "exposure 'y' was not measured"),
        ([*SWEEP, "--fc", "fc.npy", "--best", "0"], "at least 1"),
        ([*SWEEP, "--fc", "fc.npy", "--fcd-window", "150"], "no whole number of steps"),
        ([*SWEEP, "--fc", "fc.npy", "--plot", "x.txt"], "ends in .png"),
        ([*SWEEP, "--fc", "fc.npy", "--csv", "fc.npy"], "exists already; give another --out, --csv, --plot"),
        ([*SWEEP, "--fc", "fc.npy", "--csv", "."], "--csv . is a folder"),
        ([*SWEEP, "--fc", "fc.npy", "--csv", "fc.npy/x.csv"], "fc.npy is not a folder"),
        (
            [*SWEEP, "--fc", "fc.npy", "--csv", "x.png", "--plot", "x.png"],
            "--plot x.png is also the place of --csv",
        ),
        ([*SWEEP, "--fc", "fc.npy", "--series-out", "fc.npy/x.zarr"], "fc.npy is not a folder"),
        ([*SWEEP, "--fc", "fc.npy", "--target-labels", "absent"], "'absent': no such file"),
        ([*SWEEP, "--fc", "fc.npy", "--target-labels", "."], ".: cannot be read (Is a directory)"),
        ([*SWEEP, "--fc", "fc.npy", "--target-labels", "short.txt"], "2 names, and the connectome has 6"),
        ([*SWEEP, "--fc", "."], ". is a folder; give a file in it"),
        ([*SWEEP, "--fc", "=fc.npy"], "there is no name before the ="),
        ([*SWEEP, "--fc", "pair.npy"], "first at row 1, column 4, counted from 0"),
        ([*SWEEP, "--fc", "head.csv"], "all pairs have the value 0"),
        (["fit", "lineer", "--fc", "fc.npy"], "no model named 'lineer'; did you mean 'linear'?"),
        (["fit", "absent.xml", "--fc", "fc.npy"], "no such model file: absent.xml"),
        (
            [*SEARCH, "--maximize", "mean_FC"],
            "did you mean 'mean_FC_x'? measures of the whole brain: mean_x_all",
        ),
        ([*SWEEP, "--fc", "fc.npy", "--series-out", "fc.npy"], "a file of that name is in the way"),
        (["fit", "linear", "--fc", "fc.npy"], "give --sweep"),
        (["fit", "absent.zarr", "--fc", "fc.npy"], "absent.zarr is not there"),
    ],
)
def test_errors_are_one_line_and_nothing_is_written(folder, capsys, arguments, says):
    assert says in error_of(arguments, capsys)
    assert sorted(path.name for path in folder.iterdir()) == GIVEN


def test_series_that_are_sampled_less_often_than_the_window_steps_are_warned_of(capsys):
    assert cli.main([*SWEEP, "--series", "bold.npy", "--tr", "1e6", "--out", "pilot"]) == 0
    error = capsys.readouterr().err
    assert "rateloom: warning: series bold: samples are 1e+06 ms apart, further than a step" in error


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder that not even root writes to")
@pytest.mark.parametrize("option", ["--csv", "--plot", "--series-out", "--out"])
@pytest.mark.parametrize("way", [SWEEP, SEARCH], ids=["sweep", "search"])
def test_where_nothing_can_be_made_is_said_before_anything_is_simulated(folder, capsys, option, way):
    assert "the folder /proc cannot be written to" in error_of(
        [*way, "--fc", "fc.npy", option, "/proc/x.png"], capsys
    )
    assert sorted(path.name for path in folder.iterdir()) == GIVEN


@pytest.mark.parametrize(
    "way", [SWEEP, pytest.param(SEARCH, marks=pytest.mark.slow)], ids=["sweep", "search"]
)
def test_series_are_given_with_the_time_between_their_samples(folder, capsys, way):
    assert cli.main([*way, "--series", "bold.npy", "--tr", "2ms", "--out", "pilot"]) == 0
    targets = rateloom.targets(series={"bold": np.load("bold.npy")}, tr=2.0)
    np.testing.assert_allclose(targets[0].values, np.corrcoef(np.load("bold.npy").T), atol=1e-12)
    printed = capsys.readouterr()
    assert "fit_FC_bold_x" in printed.out and "Journal" not in printed.err


@pytest.mark.slow
@pytest.mark.parametrize("command", [SWEEP, SEARCH], ids=["fit", "search"])
def test_a_dry_run_of_cleaned_bold_signals_has_few_volumes(folder, capsys, command):
    """A filter pads series by more samples than a trial for the time has."""
    bold = ["--duration", "6000", "--monitor", "bold", "--tr", "100", "--warm-up", "1000"]
    cleaned = ["--fc", "fc.npy", "--band-pass", "0.5:3", "--global-signal-regression"]
    assert cli.main([*command, *bold, *cleaned, "--dry-run"]) == 0
    assert "time: " in capsys.readouterr().out


def test_a_study_takes_no_options_of_a_sweep(folder, capsys):
    assert cli.main([*SWEEP, "--fc", "a=fc.npy", "--out", "pilot"]) == 0
    capsys.readouterr()
    assert "leave --fc out" in error_of(["fit", "pilot", "--fc", "fc.npy", "--overwrite"], capsys)
    assert "leave --duration out" in error_of(["fit", "pilot", "--duration", "3", "--overwrite"], capsys)


def test_a_dry_run_says_what_a_fit_would_take_and_writes_nothing(folder, capsys):
    assert cli.main([*SWEEP, "--fc", "rest=fc.npy", "--out", "pilot", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "linear on synthetic:6, 6 nodes" and lines[1].startswith(
        "work items: 6 = G (3) x speed (2)"
    )
    assert [line.partition(":")[0] for line in lines[-3:]] == ["lane blocks", "store", "time"]
    assert sorted(path.name for path in folder.iterdir()) == GIVEN
    dry = rateloom.fit("linear", AXES, fc={"rest": FC}, dry_run=True, **HOW)
    assert dry.best.empty and dry.measures.attrs["work_items"] == 6
    # a target is among what is kept with the plan
    swept = rateloom.sweep("linear", AXES, keep="measures", dry_run=True, **HOW)
    assert dry.measures.attrs["bytes_plan"] > swept.attrs["bytes_plan"]
    assert cli.main([*SWEEP, "--fc", "rest=fc.npy", "--out", "pilot"]) == 0
    capsys.readouterr()
    assert "leave --dry-run out" in error_of(["fit", "pilot", "--dry-run"], capsys)

"""Searches on the command line: what is written and said, going on, free parameters as text, bad input."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from command_line import error_of
from search_cases import LABELS, N

import rateloom
from rateloom import cli
from rateloom.drivers.search import search_run as search_run
from rateloom.drivers.search.free_text import parse_free, read_groups

HOW = [
    "search", "linear", "--connectome", "synthetic:4", "--duration", "30", "--dt", "0.5",
    "--dtype", "float64", "--lanes", "4", "--batch", "8", "--threads", "1",
]  # fmt: skip
FREE = ["--free", "G=0.001:0.05", "--free", "gamma@node=-1:-0.2"]
SEARCH = [*HOW, *FREE, "--trials", "16"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fc(path: str, seed: int = 0) -> str:
    random = np.random.default_rng(seed)
    np.save(path, np.corrcoef(random.normal(size=(N, 20))))
    return path


def written(file: str) -> list[dict[str, str]]:
    with Path(file).open() as stream:
        return list(csv.DictReader(stream))


def test_a_search_writes_trials_table_picture_and_series(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--fc", f"rest={fc('fc.npy')}", "--best", "3", "--series-out", "best.zarr"]
    assert cli.main([*SEARCH, *given]) == 0
    said = capsys.readouterr().out
    assert "best trials" in said and "fit_FC_rest_x = " in said and "wrote linear_search_trials.csv" in said
    rows = written("linear_search_trials.csv")
    assert [int(row["trial"]) for row in rows] == list(range(16))
    by = sorted(rows, key=lambda row: -float(row["fit_FC_rest_x"]))
    assert Path("linear_search.png").stat().st_size > 5000
    assert {path.name for path in Path("linear_search").iterdir()} >= {"search.json", "trials.journal"}
    series = xr.open_zarr("best.zarr")
    assert series["trial"].values.tolist() == [int(row["trial"]) for row in by[:3]]
    # the series written are those that were measured, and their connectivity fits as well as was said
    exact = np.load("fc.npy")[np.tril_indices(N, -1)]
    for k in range(3):
        found = np.corrcoef(series["x"][k].values.T)[np.tril_indices(N, -1)]
        expected = float(np.corrcoef(found, exact)[0, 1])
        assert float(by[k]["fit_FC_rest_x"]) == pytest.approx(expected, abs=1e-9)


def test_an_interrupted_search_goes_on_to_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    what = [*HOW, *FREE, "--maximize", "mean_FC_x", "--trials", "24"]
    assert cli.main([*what, "--out", "whole"]) == 0
    real, calls = search_run.simulate, []

    def simulate(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(search_run, "simulate", simulate)
        assert cli.main([*what, "--out", "stopped"]) == 130
    assert "go on with: the same command and --resume stopped" in capsys.readouterr().err
    assert not Path("stopped_trials.csv").exists()
    assert cli.main([*what, "--resume", "stopped"]) == 0
    assert "stopped: 8 trials are done" in capsys.readouterr().out
    assert Path("stopped_trials.csv").read_text() == Path("whole_trials.csv").read_text()
    # once more, for more trials: the table and the picture are renewed
    assert cli.main([*what, "--resume", "stopped", "--trials", "26"]) == 0
    assert len(written("stopped_trials.csv")) == 26


def test_a_search_takes_the_measures_that_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    what = [*HOW, *FREE, "--maximize", "mean_FC_x", "--trials", "8", "--measures"]
    assert cli.main([*what, "mean_FC"]) == 0
    measured = {name for name in written("linear_search_trials.csv")[0] if name.endswith(("_x", "_x_all"))}
    assert measured == {"mean_FC_x"}
    capsys.readouterr()
    assert "no measure of the whole brain 'mean_FC_x'" in error_of(
        [*what, "mean_FR", "--out", "other"], capsys
    )


def test_two_objectives_are_sought_at_once() -> None:
    targets = ["--fc", f"rest={fc('fc.npy')}", "--fcd", f"rest={fc('fcd.npy', 1)}", "--by", "both"]
    windows = ["--fcd-window", "10", "--fcd-step", "2"]
    assert cli.main([*SEARCH, *targets, *windows, "--sampler", "nsgaii"]) == 0
    rows = written("linear_search_trials.csv")
    assert all(0 <= float(row["fit_FCD_rest_x"]) <= 1 for row in rows)
    assert all(-1 <= float(row["fit_FC_rest_x"]) <= 1 for row in rows)


def test_a_search_without_any_value_ends_with_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    free = ["--free", "G=0:1", "--free", "gamma=1e9:1e10"]
    assert cli.main([*HOW, *free, "--maximize", "mean_FC_x", "--trials", "8"]) == 1
    assert "no trial has a value" in capsys.readouterr().err
    assert len(written("linear_search_trials.csv")) == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sweep", "G=0:1:3"], "No such option: --sweep"),
        (["--monitor", "bold"], "no volume would be left"),
        (["--free", "G=0:1"], "G is free already"),
        (["--free", "nope=0:1"], "no parameter 'nope'"),
        (["--free", "nsig"], "write it like"),
        (["--free", "nsig=1:x"], "'x' is not a number"),
        (["--sampler", "magic"], "sampler='magic' is unknown"),
        (["--trials", "0"], "trials=0"),
        (["--batch", "-3"], "batch=-3"),
        (["--trials", "many"], "'many' is not a whole number"),
        (["--calibrate"], "calibrate"),
        (["--maximize", "nothing"], "no measure of the whole brain 'nothing'"),
        (["--resume", "nowhere"], "no search is there"),
        (["--out", "taken"], "is not a search"),
        (["--out", "file"], "a file of that name is in the way"),
        (["--plot", "a.txt"], "ends in .png"),
        (["--best", "0"], "best"),
    ],
)
def test_what_cannot_be_searched_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "taken").mkdir()
    (folder / "taken" / "mine").touch()
    (folder / "file").touch()
    maximize = [] if "--maximize" in arguments else ["--maximize", "mean_FC_x"]
    assert message in error_of([*SEARCH, *maximize, *arguments], capsys)
    assert sorted(path.name for path in folder.iterdir()) == ["file", "taken"]


def test_options_of_a_search_need_one(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["fit", "linear", "--sweep", "G=0:1:3", "--fc", fc("fc.npy"), "--trials", "3"]
    assert "No such option: --trials" in error_of(arguments, capsys)
    missing = error_of([part for part in SEARCH if part not in FREE], capsys)
    assert "Missing argument 'MODEL'" in error_of(["search", *FREE], capsys)
    assert "Missing option '--free'" in missing
    assert "nothing to search for" in error_of(SEARCH, capsys)


def test_a_dry_run_says_what_the_search_then_takes(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    what = [*HOW, *FREE, "--maximize", "mean_FC_x", "--trials", "64", "--measures", "moments,connectivity"]
    assert cli.main([*what, "--out", "found", "--dry-run"]) == 0
    assert not list(folder.iterdir())
    lines = capsys.readouterr().out.splitlines()
    plan = "search: 64 trials by tpe, 8 at once; free numbers: 5 (G, gamma); maximize mean_FC_x"
    assert lines[0] == plan and [line.partition(":")[0] for line in lines[-2:]] == ["store", "time"]
    assert cli.main([*what, "--out", "found"]) == 0
    assert capsys.readouterr().out.startswith(plan)
    free = {"G": (0.001, 0.05), "gamma": rateloom.Free(-1, -0.2, per="node")}
    figures = rateloom.search(
        "linear", free, maximize="mean_FC_x", measures=["moments", "connectivity"], trials=64, batch=8,
        lanes=4, connectome="synthetic:4", duration=30.0, dt=0.5, dtype="float64", threads=1, dry_run=True,
    )  # fmt: skip
    assert not figures.data_vars and figures.attrs["free_numbers"] == 5
    # a tenth: numbers of a search may have a digit more or fewer
    for file, name in (("found/trials.journal", "bytes_journal"), ("found_trials.csv", "bytes_table")):
        assert 64 * figures.attrs[name] == pytest.approx(Path(file).stat().st_size, rel=0.1)


@pytest.mark.slow
def test_bold_signals_are_sought(capsys: pytest.CaptureFixture[str]) -> None:
    how = ["--monitor", "bold", "--tr", "50ms", "--warm-up", "100", "--duration", "800"]
    how += ["--measures", "connectivity", "--fc", f"rest={fc('fc.npy')}"]
    assert cli.main([*SEARCH, *how, "--best", "2", "--series-out", "b.zarr"]) == 0
    assert "; volumes: 14, of 400 samples" in capsys.readouterr().out
    rows = sorted(written("linear_search_trials.csv"), key=lambda row: -float(row["fit_FC_rest_BOLD"]))
    series, exact = xr.open_zarr("b.zarr")["BOLD"], np.load("fc.npy")[np.tril_indices(N, -1)]
    for k in range(2):
        # Pearson's correlation by NumPy, of the volumes that are simulated again
        found = np.corrcoef(series[k].values.T)[np.tril_indices(N, -1)]
        fit = float(np.corrcoef(found, exact)[0, 1])
        assert float(rows[k]["fit_FC_rest_BOLD"]) == pytest.approx(fit, abs=1e-9)


def test_free_parameters_as_text(folder: Path) -> None:
    np.save("myelin.npy", np.arange(4.0))
    Path("pc.csv").write_text("1,2,3,5\n")
    Path("groups.csv").write_text("# lobe\nup\ndown\nup\ndown\n")
    texts = [
        "G=0:3", " speed = 1:10:0.5 ", "nsig=log:1e-9:1e-4", "eta@node=-6:-4", "a@groups.csv=0:1:0.25",
        "b~myelin.npy,pc.csv=-6:-4,-1:1,0:2", "P[3]=1:2",
    ]  # fmt: skip
    free = parse_free(texts, LABELS)
    assert list(free) == ["G", "speed", "nsig", "eta", "a", "b", "P[3]"]
    assert (free["G"].low, free["G"].high, free["speed"].step, free["nsig"].log) == (0, 3, 0.5, True)
    assert free["eta"].per == "node" and free["a"].per == ["up", "down", "up", "down"]
    maps = free["b"].maps or {}
    assert list(maps) == ["myelin", "pc"] and maps["pc"][1:] == (0, 2)
    np.testing.assert_array_equal(np.asarray(maps["pc"][0]), [1, 2, 3, 5])


def test_groups_may_name_the_nodes_in_any_order() -> None:
    Path("groups.csv").write_text("top,x\nleft,y\nbottom,x\nright,y\n")
    assert read_groups("groups.csv", LABELS) == ["y", "y", "x", "x"]


@pytest.mark.parametrize(
    ("text", "content", "message"),
    [
        ("a@groups.csv=0:1", None, "cannot be read"),
        ("a@groups.csv=0:1", b"", "a line a node"),
        ("a@groups.csv=0:1", b"\xff\xfe\x00", "cannot be read"),
        ("a@groups.csv=0:1", b"x\ny z\n", "a line a node"),
        ("a@groups.csv=0:1", b"left,x\nleft,y\nright,x\ntop,x\nbottom,x\n", "twice"),
        ("a@groups.csv=0:1", b"left,x\nright,x\ntop,x\n", "node bottom has none"),
        ("a@groups.csv=0:1", b"left,x\nright,x\ntop,x\nfront,y\n", "no node is called front"),
        ("a@groups.csv=0:1,2:3", b"x\n", "it takes one range"),
        ("a~groups.csv=0:1", b"1 2 3 4\n", "take 2 ranges"),
        ("a~groups.csv=0:1,0:1:0.1", b"1 2 3 4\n", "has a range low:high"),
        ("a~groups.csv,groups.csv=0:1,0:1,0:1", b"1 2 3 4\n", "two maps have one name"),
        ("a~groups.csv=0:1,0:1", b"1 x\n", "is not a number"),
        ("a=0:1:2:3", b"", "is no range"),
        ("a=log:0:1", b"", "log needs ends above zero"),
        ("a=log:1:2:3", b"", "is no range"),
        ("a=nan:1", b"", "finite numbers"),
        ("a@=0:1", b"", "write it like"),
        ("=0:1", b"", "write it like"),
    ],
)
def test_text_that_frees_nothing_is_refused(text: str, content: bytes | None, message: str) -> None:
    if content is not None:
        Path("groups.csv").write_bytes(content)
    with pytest.raises(rateloom.InputError, match=message) as told:
        parse_free([text], LABELS)
    assert "\n" not in str(told.value)

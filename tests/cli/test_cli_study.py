"""Studies on the command line: what is written, queries, going on, and what is refused."""

import csv
import os
import re
import shutil
import sqlite3
import time
import tracemalloc
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import error_of
from interruptions import stopped_after

import rateloom
from rateloom import cli
from rateloom.cli import study_commands as cli_studies
from rateloom.drivers.studies.query import write_query

HOW = {"connectome": "synthetic:6", "duration": 20.0, "dt": 0.5, "seed": 3, "dtype": "float64"}
OPTIONS = [part for name, value in HOW.items() for part in (f"--{name}", str(value))]
SWEEP = ["sweep", "linear", *OPTIONS, "--sweep", "G=0:0.1:3", "--sweep", "speed=2,4"]
AXES = {"G": [0.0, 0.05, 0.1], "speed": [2.0, 4.0]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with the study and the picture of a sweep, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    assert cli.main([*SWEEP, "--out", str(folder / "pilot")]) == 0
    return folder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pilot(made, folder):
    """That study in the current folder, as `--out pilot` leaves it there."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder / "pilot"


def test_a_sweep_keeps_measures_unless_told_otherwise(folder, capsys):
    assert cli.main(SWEEP) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["wrote linear_sweep", "wrote linear_sweep.png"]
    expected = rateloom.measures(rateloom.sweep("linear", AXES, **HOW), "synthetic:6")
    with xr.open_zarr("linear_sweep/measures.zarr") as written:
        for name in expected.data_vars:
            np.testing.assert_array_equal(written[name].values, expected[name].values)
    assert (folder / "linear_sweep.png").stat().st_size > 5000
    assert sorted(path.name for path in folder.iterdir()) == ["linear_sweep", "linear_sweep.png"]


def test_a_sweep_of_phases_measures_their_sines(folder, capsys):
    assert cli.main(["sweep", "kuramoto", *OPTIONS, "--sweep", "G=0,0.1"]) == 0
    with xr.open_zarr("kuramoto_sweep/measures.zarr") as written:
        assert "mean_FC_signal" in written
        of_angle = {str(name) for name in written if str(name).endswith("_theta")}
        assert of_angle == {"kuramoto_order_theta", "metastability_theta"}


def test_a_table_of_work_items_is_a_study_of_them(folder, capsys):
    Path("draws.csv").write_text("G, speed, seed\n0.05, 2, 1\n0, 4, 3\n")
    command = ["sweep", "linear", *OPTIONS[:-2], "--items", "draws.csv"]
    assert cli.main([*command, "--out", "drawn"]) == 0
    assert cli.main([*command, "--dry-run"]) == 0
    capsys.readouterr()
    assert cli.main(["query", "drawn", "--csv", "rows.csv"]) == 0
    with Path("rows.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(float(r["G"]), float(r["speed"]), float(r["seed"])) for r in rows] == [(0.05, 2, 1), (0, 4, 3)]
    for row, seed in zip(rows, (1, 3), strict=True):
        how = {name: value for name, value in HOW.items() if name not in ("seed", "dtype")}
        own = {"G": [float(row["G"])]}
        item = rateloom.sweep(
            "linear", own, seed=seed, speed=float(row["speed"]), keep="measures", **how
        )  # random numbers know the second work item of a list by its number
        if seed == 1:
            assert float(item["mean_FC_x"][0]) == float(row["mean_FC_x"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no table of work items can be read"),
        ("G,speed\n", "no work items; give a header of parameters and a row each"),
        ("G\n0.1\nlots\n", "G of work item 1 is 'lots', no finite number"),
        ("G\n0.1\n\nnan\n", "G of work item 1 is nan, no finite number"),
        ("g\n0.1\n", "did you mean 'G'"),
        ("G,seed\n0.1,0.5\n", "sweep seed: 0.5 is no whole number"),
        ("G\n0.1,0.2\n0.3\n", "its rows have more values than its header has names"),
    ],
)
def test_a_table_that_is_none(text, says, folder, capsys):
    Path("draws.csv").write_text(text)
    assert says in error_of(["sweep", "linear", *OPTIONS, "--items", "draws.csv", "--out", "drawn"], capsys)
    assert not Path("drawn").exists()


def test_a_pipe_is_no_table_of_work_items(folder, capsys):
    os.mkfifo("draws.csv")
    assert "no regular file" in error_of(["sweep", "linear", *OPTIONS, "--items", "draws.csv"], capsys)


def test_work_items_are_listed_or_combined(folder, capsys):
    assert "leave one of them out" in error_of([*SWEEP, "--items", "draws.csv"], capsys)
    assert "draws.csv" in error_of(["sweep", "linear", "--items", "draws.csv"], capsys)


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


def test_a_query_prints_writes_csv_and_writes_parquet(folder, pilot, capsys):
    assert cli.main(["query", "pilot", "SELECT count(*) AS n, max(G) AS most FROM work_items"]) == 0
    printed = capsys.readouterr().out
    assert "most" in printed and "│ 6 │ 0.1  │" in printed
    assert "lies in the study pilot" in error_of(["query", "pilot", "--csv", "pilot/a.csv"], capsys)
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    assert cli.main(["query", "pilot", "--csv", "new/a.csv", "--parquet", "a.parquet"]) == 0
    assert capsys.readouterr().out == "wrote new/a.csv (6 rows)\nwrote a.parquet (6 rows)\n"
    expected = sqlite3.connect("pilot/measures.sqlite").execute("SELECT * FROM work_items").fetchall()
    _, *rows = csv.reader((folder / "new" / "a.csv").read_text().splitlines())
    assert [[float(v) if v else None for v in row] for row in rows] == [list(row) for row in expected]
    table = pandas.read_parquet("a.parquet")
    assert list(table["item"]) == list(range(6))
    np.testing.assert_array_equal(table["mean_x_all"], [row[4] for row in expected])
    assert "a.parquet exists already" in error_of(["query", "pilot", "--parquet", "a.parquet"], capsys)


def test_a_query_is_read_whole_in_a_pipe_and_on_its_side_on_a_narrow_terminal(pilot, capsys, monkeypatch):
    assert cli.main(["query", "pilot"]) == 0
    printed = capsys.readouterr().out
    with closing(sqlite3.connect("pilot/measures.sqlite")) as opened:
        cursor = opened.execute("SELECT * FROM work_items")
        names = [name for name, *_ in cursor.description]
        first = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in cursor.fetchone()]
    lines = [re.split("[│┃]", line)[1:-1] for line in printed.splitlines() if line[0] in "│┃"]
    assert [word.strip() for word in lines[0]] == names
    assert [word.strip() for word in lines[1]] == first

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    assert cli.main(["query", "pilot"]) == 0
    *table, last = re.sub("\x1b[^m]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, table)) <= 60
    lines = [re.split("[│┃]", line)[1:-1] for line in table if line[0] in "│┃"]
    assert [line[0].strip() for line in lines] == names
    assert [line[1].strip() for line in lines] == first
    assert last == f"the first {len(lines[0]) - 1} of 6 rows; --csv FILE writes all of them"


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"


@pytest.mark.parametrize("what", ["i", "count(*)", "max(i)"])
@pytest.mark.parametrize("to", [[], ["--csv", "a.csv"]])
def test_an_endless_query_ends_and_leaves_nothing(what, to, folder, pilot, capsys):
    start = time.perf_counter()
    error = error_of(["query", "pilot", ENDLESS.format(what), "--timeout", "0.3s", *to], capsys)
    assert "it takes more than 0.3 s; give it a LIMIT, or more time (--timeout)" in error
    assert time.perf_counter() - start < 10
    assert not [path for path in folder.iterdir() if "csv" in path.name]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT hex(zeroblob(450000000))", "string or blob too big"),
        ("SELECT replace(hex(zeroblob(500000)), '0', 'long')", "string or blob too big"),
        ("SELECT 1" + " " * 100_000, "100008 letters of SQL; at most 100000 are taken"),
        ("SELECT '' LIKE '" + "%a" * 600 + "'", "LIKE or GLOB pattern too complex"),
    ],
)
def test_queries_and_what_they_give_have_a_largest_size(sql, says, pilot, capsys):
    assert says in error_of(["query", "pilot", sql], capsys)


def test_rows_are_written_as_they_come(pilot):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    sql = ENDLESS.format("i, CASE WHEN i % 2 THEN i / 4.0 END AS half, 'n' || i AS name, NULL AS none")
    sql += " LIMIT 30000"
    tracemalloc.start()
    assert write_query(pilot, sql, pilot.parent / "a.csv", "csv", 60.0) == 30000
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert write_query(pilot, sql, pilot.parent / "a.parquet", "parquet", 60.0) == 30000
    table, text = pandas.read_parquet(pilot.parent / "a.parquet"), pandas.read_csv(pilot.parent / "a.csv")
    assert list(table["i"]) == list(text["i"]) == list(range(1, 30001))
    np.testing.assert_array_equal(table["half"], text["half"])
    assert list(table["name"]) == list(text["name"]) and table["none"].isna().all()


def test_brackets_in_a_query_are_no_markup(pilot, capsys):
    assert cli.main(["query", "pilot", "SELECT '[/red]' AS \"[a]\" FROM nodes LIMIT 1"]) == 0
    printed = capsys.readouterr().out
    assert "┃ [a]    ┃" in printed and "│ [/red] │" in printed


def test_a_long_result_is_cut_where_it_is_printed(capsys):
    many = ["sweep", "linear", *OPTIONS, "--sweep", "G=0:0.1:60", "--lanes", "4", "--out", "many"]
    assert cli.main(many) == 0
    capsys.readouterr()
    assert cli.main(["query", "many", "SELECT item FROM work_items"]) == 0
    assert capsys.readouterr().out.endswith("the first 50 of 60 rows; --csv FILE writes all of them\n")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DROP TABLE work_items", "not authorized"),
        ("DELETE FROM work_items", "not authorized"),
        ("INSERT INTO nodes VALUES (9, 'x')", "not authorized"),
        ("PRAGMA query_only", "not authorized"),
        ("ATTACH 'other.sqlite' AS other", "not authorized"),
        ("SELECT 1; DROP TABLE nodes", "one statement at a time"),
        ("SELECT no_such FROM work_items", "no such column: no_such"),
        ("SELEC", "syntax error"),
        ("", "no SELECT"),
        ("/* nothing */", "no SELECT"),
    ],
)
def test_a_query_changes_nothing_and_errors_are_one_line(sql, says, folder, pilot, capsys):
    before = (pilot / "measures.sqlite").read_bytes()
    assert says in error_of(["query", "pilot", sql], capsys)
    assert (pilot / "measures.sqlite").read_bytes() == before
    assert not (folder / "other.sqlite").exists()


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


def test_without_pyarrow_parquet_is_refused_with_the_remedy(pilot, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert 'pip install "rateloom[parquet]"' in error_of(["query", "pilot", "--parquet", "a.parquet"], capsys)


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


def test_a_sweep_takes_the_measures_that_are_named(folder, capsys):
    Path("own.py").write_text(
        "import rateloom\n\n\n@rateloom.measure\ndef first(values):\n    return values[0, 0]\n"
    )
    asked = ["--measures", "mean_FC, moments", "--custom", "own.py", "--matrices"]
    assert cli.main([*SWEEP, *asked, "--out", "some"]) == 0
    with xr.open_zarr("some/measures.zarr") as found:
        assert {"first_x", "mean_FC_x", "FC_x", "PLI_x", "std_x_all"} < set(found.data_vars)
        assert "varFCD_x" not in found
    capsys.readouterr()
    assert cli.main(["sweep", "--resume", "some"]) == 0
    assert f"runs {folder / 'own.py'}: measure first\n" in capsys.readouterr().out
    assert cli.main([*SWEEP, *asked, "--resume", "some"]) == 0
    capsys.readouterr()
    own = Path("own.py").read_text()
    Path("own.py").write_text(own.replace("values[0, 0]", "values[0, 1]"))
    assert "another study is in it: the source of measure first changed;" in error_of(
        ["sweep", "--resume", "some"], capsys
    )
    Path("own.py").write_text(own)
    assert cli.main([*SWEEP, *asked[:2], "--resume", "some"]) == 1
    assert "another study is in it: measures.asked has FC PLI there alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--measures", "mean_FCs"], "measures: there is no 'mean_FCs'; did you mean mean_FC"),
        (["--measures", ""], "measures: there is no ''; families are moments"),
        (
            ["--measures", "mean_FC", "--keep", "averages"],
            "--measures: no measures are taken with --keep averages",
        ),
        (["--measures", "default_mode"], "default_mode cannot be taken here; the regions' labels name no"),
        (["--measures", "states"], "states cannot be taken here; it is one of rates"),
        (["--executor", "dask", "--scheduler", "absent.json"], "scheduler absent.json: no such file"),
        (["--matrices", "--keep", "raw"], "--matrices: no measures are taken with --keep raw"),
        (["--custom", "absent.py"], "absent.py: no such file"),
        (["--custom", "."], "own measures are in Python files, .py, and this is none"),
        (["--custom", "leaves.py"], "leaves.py: it cannot be run (SystemExit: 3)"),
        (["--custom", "left.py"], "measure left raises SystemExit: 2"),
        (["--custom", "taken.py"], "taken.py: measure mean_FC: there is one of this name; give it another"),
        (["--custom", "empty.py"], "empty.py: no measure is in it; decorate functions with rateloom.measure"),
        (["--custom", "wrong.py"], "wrong.py: it cannot be run (ZeroDivisionError: division by zero)"),
    ],
)
def test_measures_that_cannot_be_taken_end_in_one_line(options, says, folder, capsys):
    Path("empty.py").write_text("")
    Path("wrong.py").write_text("1 / 0\n")
    Path("leaves.py").write_text("import sys\nsys.exit(3)\n")
    own = "import rateloom\n@rateloom.measure\ndef {}(v):\n    raise SystemExit(2)\n"
    Path("left.py").write_text(own.format("left"))
    Path("taken.py").write_text(own.format("mean_FC"))
    assert cli.main([*SWEEP, *options, "--out", "none"]) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not Path("none").exists()


@pytest.mark.parametrize("named", ["mean_FC", "freq_dom", "FC"])
def test_any_measures_have_a_picture_but_matrices(named, folder, capsys):
    assert cli.main([*SWEEP, "--measures", named, "--out", "some"]) == 0
    wrote = ["wrote some"] if named == "FC" else ["wrote some", "wrote some.png"]
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("wrote")] == wrote
    assert (folder / "some.png").exists() == (named != "FC")

"""Queries of studies on the command line."""

import csv
import re
import sqlite3
import time
import tracemalloc
from contextlib import closing

import numpy as np
import pytest
from command_line import error_of
from small_sweep import OPTIONS

from rateloom import cli
from rateloom.drivers.studies.query import write_query

pytestmark = pytest.mark.usefixtures("folder")


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


def test_without_pyarrow_parquet_is_refused_with_the_remedy(pilot, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert 'pip install "rateloom[parquet]"' in error_of(["query", "pilot", "--parquet", "a.parquet"], capsys)

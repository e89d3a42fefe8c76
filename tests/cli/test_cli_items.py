"""Tables of work items on the command line."""

import csv
import os
from pathlib import Path

import pytest
from command_line import error_of
from small_sweep import HOW, OPTIONS, SWEEP

import rateloom
from rateloom import cli

pytestmark = pytest.mark.usefixtures("folder")


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
        ("", "no work items; give a header of parameters and a row each"),
        ("G,speed\n", "no work items; give a header of parameters and a row each"),
        ("G\n0.1\nlots\n", "--items draws.csv:3: G is 'lots', no finite number"),
        ("G\n0.1\n\nnan\n", "draws.csv:4: G is 'nan', no finite number"),
        ("g\n0.1\n", "did you mean 'G'"),
        ("G,seed\n0.1,0.5\n", "sweep seed: 0.5 is no whole number"),
        ("G\n0.1,0.2\n0.3\n", "draws.csv:2: 2 cells, but the header has 1"),
        ("G,speed\n0.1,\n", "draws.csv:2: speed is '', no finite number"),
        ("G,speed\n0.1\n", "draws.csv:2: 1 cells, but the header has 2"),
        ("G,speed,G\n0.1,2,0.2\n", "draws.csv:1: its header has 'G' twice"),
        ("G,,speed\n0.1,2,0.2\n", "draws.csv:1: its header has a column without a name"),
        (",\n0,\n", "no work items"),
        ("0.1,2\n0.2,4\n", "linear has no parameter '0.1'"),
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

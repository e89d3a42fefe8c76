"""A spreadsheet that opens our tables computes nothing, and numbers stay numbers."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from rateloom.drivers.tables.csv_tables import plain_cell, write_csv


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+2", "'=1+2"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@here", "'@here"),
        ("\t=1", "'\t=1"),
        ("-1.5e3", "-1.5e3"),
        ("+inf", "+inf"),
        ("left = right", "left = right"),
        ("a\udcff", "a\\udcff"),
        (-1.5, -1.5),
        (None, None),
    ],
)
def test_cells(value, cell):
    assert plain_cell(value) == cell


def test_a_table(tmp_path):
    frame = pd.DataFrame(
        {"=name": ["=a", "b", None], "-1": [-1.0, np.nan, 2.0], "n": [-1, 2, 3], "mixed": ["-2", -2.5, "+x"]}
    )
    write_csv(frame, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["'=name", "-1", "n", "mixed"],
        ["'=a", "-1.0", "-1", "-2"],
        ["b", "", "2", "-2.5"],
        ["", "2.0", "3", "'+x"],
    ]
    assert frame.columns[0] == "=name"


def test_names_that_are_there_twice(tmp_path):
    write_csv(pd.DataFrame([["=a", "=b"]], columns=["x", "x"]), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines() == ["x,x", "'=a,'=b"]

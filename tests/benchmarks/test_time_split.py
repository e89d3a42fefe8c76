"""The split of a step's time: its parts add up, and a tiny run is published."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import time_split
import typer

FOUND = {
    "1": {"whole": 8e-9, "one sample": 7e-9, "no edges": 4e-9},
    "2": {"whole": 5e-9, "one sample": 4.5e-9, "no edges": 2e-9},
}


def test_parts_add_up_to_the_whole():
    one, two = time_split.rows_of("kuramoto", FOUND, None)
    assert one == ["kuramoto", "1", "8.00", "4.00", "3.00", "1.00", "1.00", "–", "–"]
    assert two == ["kuramoto", "2", "5.00", "2.00", "2.50", "0.50", "1.60", "–", "–"]


@pytest.mark.slow
def test_a_tiny_run_is_published(tmp_path):
    app = typer.Typer()
    app.command()(time_split.main)
    done = CliRunner().invoke(
        app, ["kuramoto", "--work-items", "2", "--steps", "20", "--repeats", "1", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    assert "### Where the time goes" in (tmp_path / "benchmarks.md").read_text("utf-8")


@pytest.mark.parametrize("given", [["nope"], ["kuramoto", "--out", "nowhere"]])
def test_what_cannot_be_measured_is_refused(given):
    app = typer.Typer()
    app.command()(time_split.main)
    assert CliRunner().invoke(app, given).exit_code == 1

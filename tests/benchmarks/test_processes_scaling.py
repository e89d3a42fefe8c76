"""Benchmarks of processes and of writing: their arithmetic, and a tiny run."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import processes_scaling  # noqa: E402
import store_writing  # noqa: E402
from processes_scaling import Run, picture, row_of  # noqa: E402
from report import write_section  # noqa: E402

FOUND = [
    Run("simulation", "strong", 1, 32, (8.0, 8.2, 7.8), 7.0),
    Run("simulation", "strong", 2, 32, (5.0,), 3.5),
    Run("simulation", "weak", 2, 64, (10.0,), 7.0),
    Run("with analysis", "strong", 1, 32, (9.0,), 8.0),
]


def test_efficiency_is_the_part_of_the_ideal():
    assert [row_of(run, FOUND)[5] for run in FOUND] == ["100%", "80%", "80%", "100%"]
    assert row_of(FOUND[0], FOUND)[4] == "8.0 (7.8 to 8.2)"


def test_the_picture_has_measured_and_extrapolated_lines():
    figure = picture(FOUND)
    left, right = figure.axes
    assert [list(line.get_ydata()) for line in left.lines[:2]] == [[8.0, 5.0], [7.0, 3.5]]
    assert list(right.lines[0].get_ydata()) == [8.0, 10.0]
    plt.close(figure)


def test_a_section_of_a_page_is_replaced_and_the_rest_stays(tmp_path):
    page = tmp_path / "scale.md"
    page.write_text("before\n\n<!-- a: begin -->\nold\n<!-- a: end -->\n\nafter\n")
    write_section(page, "a", "new")
    assert page.read_text() == "before\n\n<!-- a: begin -->\n\nnew\n<!-- a: end -->\n\nafter\n"


@pytest.mark.slow
def test_writing_is_measured():
    row = store_writing.row_of(64, "synthetic:8")
    assert row[0].startswith("64 work items") and row[-1].endswith("%")


@pytest.mark.slow
def test_processes_are_measured(monkeypatch):
    from rich.console import Console

    # the benchmark's own model takes eight minutes of processor time
    monkeypatch.setattr(processes_scaling, "MODEL", "linear")
    monkeypatch.setattr(processes_scaling, "HOW", {**processes_scaling.HOW, "duration": 200.0})
    runs = processes_scaling.measure(0.1, 1, 2, Console())
    assert [(run.scaling, run.processes) for run in runs] == [("strong", 1), ("strong", 2), ("weak", 2)] * 2
    assert all(run.median > 0 and run.extrapolated > 0 for run in runs)

"""Benchmarks of growth, of separable coupling and of compiling: their arithmetic, and a tiny run of each."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import figures  # noqa: E402
import scaling  # noqa: E402
import separable  # noqa: E402
from connectomes import LONGEST, SHORTEST, regular  # noqa: E402
from report import Spread  # noqa: E402
from scaling import HUMAN, Measured, Point  # noqa: E402


def run_script(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / name), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_regular_connectome_has_as_many_edges_into_every_node():
    brain = regular(40, 7)
    edges = brain.weights != 0
    np.testing.assert_array_equal(edges.sum(1), 7)
    assert not edges.diagonal().any()
    np.testing.assert_allclose(brain.weights.sum(1), 1.0)
    lengths = brain.tract_lengths[edges]
    assert lengths.min() >= SHORTEST
    assert lengths.max() <= LONGEST


def of(point: Point, n_edge: int, *seconds: float) -> Measured:
    median = float(np.median(seconds))
    return Measured(point, n_edge, Spread(median, min(seconds), max(seconds)), seconds, median / 2)


def test_exponents_are_slopes_of_logarithms():
    points = [Point(n, 20, 16) for n in (10, 100, 1000)]
    found = {p: of(p, 1, 3e-6 * p.n_node**1.5) for p in points}
    _, (row,) = scaling.exponents({"nodes, 20 edges a node": points}, found)
    assert row[:3] == ["nodes, 20 edges a node", "10", "1000"]
    assert row[-1] == "1.50"


def test_the_time_of_an_edge_is_compared_round_by_round():
    large = Point(10_000, 200, 32)
    # 1600 units of work in 1 and 2 s; ten times as many edges and twice the work items in 60 and 40 s
    found = {HUMAN: of(HUMAN, 100, 1.0, 2.0), large: of(large, 1000, 60.0, 40.0)}
    _, rows = scaling.per_edge(found)
    assert rows[0][-2] == "1.00 (1.00 to 1.00)"
    assert rows[1][-2:] == ["2.00 (1.00 to 3.00)", "50 %"]
    assert float(rows[1][3]) == pytest.approx(1e12 * 50.0 / 32_000, rel=1e-3)


def test_a_picture_is_written_whole(tmp_path):
    lines = {"a line": [(1, Spread(2.0, 1.0, 3.0)), (10, Spread(20.0, 20.0, 20.0))]}
    picture = tmp_path / "images" / "x.png"
    figures.save(figures.log_log({"title": lines}, ["nodes"], "seconds"), picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert list(picture.parent.iterdir()) == [picture]


@pytest.mark.slow
def test_the_coupling_that_cannot_be_split_has_the_same_value():
    models = {"split": separable.rateloom.load("kuramoto"), "whole": separable.on_every_edge()}
    assert models["split"].couplings[0].pre != models["whole"].couplings[0].pre
    # phases of some rad in single precision, after 200 steps
    assert separable.difference(models, 16) < 2e-4


@pytest.mark.slow
@pytest.mark.parametrize("script", ["scaling.py", "separable.py", "compile_time.py"])
def test_a_folder_that_is_not_there_is_refused_before_anything_is_measured(script):
    done = run_script(script, "--out", "/no/such/folder")
    assert done.returncode == 1
    assert done.stderr.strip() == "error: --out /no/such/folder is no folder; make it first"


def test_a_model_that_is_not_known_is_refused():
    done = run_script("compile_time.py", "--models", "nonsense")
    assert done.returncode == 1
    assert done.stderr.startswith("error: unknown model 'nonsense'; choose from montbrio")


@pytest.mark.slow
def test_tiny_runs_are_published(tmp_path):
    out = ("--repeats", "1", "--out", str(tmp_path))
    for command in (
        ("scaling.py", "--small", "--seconds", "0.02", *out),
        ("separable.py", "--work-items", "16", "--steps", "100", *out),
        ("compile_time.py", "--models", "montbrio", *out),
    ):
        done = run_script(*command)
        assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    assert set(data) == {"scaling", "separable", "compile-time"}
    cold, cached = (one["rounds"][0] for one in data["compile-time"]["seconds"])
    assert cached["processor"] < cold["processor"]
    assert (tmp_path / "images" / "scaling.png").is_file()

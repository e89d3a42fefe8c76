"""The benchmark of GPUs where there is none: its line, its model of the time, and itself emulated."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rateloom
from rateloom.generator.schemes.registry import schemes_of

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def gpu(*arguments, folder="."):
    command = [sys.executable, BENCHMARKS / "gpu.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def model(monkeypatch):
    pytest.importorskip("cuda.bindings.nvrtc")
    monkeypatch.syspath_prepend(BENCHMARKS)
    import gpu_model

    return gpu_model


@pytest.fixture
def cases(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import gpu_cases

    return gpu_cases


@pytest.mark.slow
def test_a_case_that_there_is_not_is_one_line():
    done = gpu("--cases", "adex,nope")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("gpu.py: error: no case 'nope'; cases: adex, cubnm")


@pytest.mark.slow
def test_without_a_gpu_it_says_so_in_one_line(tmp_path):
    done = gpu("--cases", "", folder=tmp_path)
    if done.returncode == 0:
        pytest.skip("there is a GPU")
    assert done.stderr.startswith("gpu.py: error: backend='cuda'")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bytes_and_instructions_are_those_of_a_count_by_hand(model, cases):
    """linear reads one value an edge; x is its one state, factor and exposure, and has noise."""
    connectome = rateloom.connectome("synthetic:50")
    edges = np.count_nonzero(connectome.weights) / 50
    case = cases.Case("linear", "", 3.0, "euler", 1000, 3200, 100)
    found = model.predict(case, connectome, model.H200)
    assert found.node_steps == 50 * 1000 * 3200
    hoisted = (found.bytes - 4 * (edges + 1) - 4 / 100) * 8 / 4 - 4
    assert hoisted == pytest.approx(round(hoisted), abs=1e-9) and 2 <= hoisted <= 5
    assert 2 * edges < found.instructions < 4 * edges + 300
    assert found.memory == pytest.approx(found.node_steps * found.bytes / 4.8e12)
    assert found.issue == pytest.approx(found.node_steps * found.instructions / 32 / (132 * 4 * 1.98e9))
    assert found.bound <= found.expected


def test_functions_take_what_they_are_known_to(model):
    """A multiplication is one instruction; exp is a few, and the error function's complement many."""
    assert model.function("y * x") <= 2
    assert 4 <= model.function("exp") < model.function("log") < model.function("erfc") < 100


def test_a_product_of_matrices_is_a_few_instructions_an_element(model, cases):
    """Three times the nodes, 304 of 304 rows in place of 112 of 100, are that many more multiply-adds."""
    dense = cases.CASES["cubnm"]
    small, large = (
        model.predict(dense, cases.brain(dataclasses.replace(dense, connectome=name)), model.H200)
        for name in ("dense:100", "dense:304")
    )
    assert 304 - 112 < large.instructions - small.instructions < 1.5 * (304 - 112)
    assert small.memory < 0.01 * small.issue


def test_a_quick_look_is_short_and_a_share_has_whole_windows(cases):
    adex = cases.CASES["adex"]
    assert adex.shortened(1.0, quick=False) == adex
    assert adex.shortened(0.1, quick=False).steps == 5_000
    assert adex.shortened(1e-9, quick=False).steps == adex.window
    quick = adex.shortened(1.0, quick=True)
    assert quick.node_steps(68) < 1e6 and quick.steps % quick.window == 0


@pytest.mark.slow
def test_the_table_of_kernels_is_published_and_bad_names_are_one_line(tmp_path):
    pytest.importorskip("cuda.bindings.nvrtc")
    command = [
        sys.executable,
        BENCHMARKS / "gpu_kernels.py",
        "--archs",
        "sm_90",
        "--out",
        tmp_path,
        "--models",
    ]
    done = subprocess.run([*command, "linear"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "benchmarks.json").read_text())["gpu-kernels"]["kernels"]
    assert [row[:2] for row in rows] == [[f"linear_{s.name}", "sm_90"] for s in schemes_of("heun")]
    assert all(0 < int(row[2]) <= 255 and row[3] == "0" and int(row[5]) >= 16 for row in rows)
    assert "| linear_heun | sm_90 |" in (tmp_path / "benchmarks.md").read_text()
    done = subprocess.run([*command, "nope"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.slow
def test_the_whole_script_runs_on_the_emulated_device(tmp_path):
    few = ("--backend", "emulated", "--quick", "--models", "linear", "--cases", "montbrio-1024")
    done = gpu(*few, "--out", ".", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "benchmarks.md").read_text()
    assert "| montbrio-1024 | 64 | 40 |" in page and "| linear | float32 |" in page
    stored = json.loads((tmp_path / "benchmarks.json").read_text())["gpu"]
    (case,) = stored["cases"]
    parts = [case[f"{part}, s"] for part in ("launch", "fetch", "copy_in", "host")]
    assert all(seconds >= 0 for seconds in parts) and sum(parts) > 0
    assert case["GB on the device"] > 0 and stored["peers"] == []
    assert (tmp_path / "images" / "gpu.png").stat().st_size > 1000

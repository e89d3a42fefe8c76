"""The benchmark of GPUs where there is none: its line, its model of the time, and itself emulated."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rateloom

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


def test_a_case_that_there_is_not_is_one_line():
    done = gpu("--cases", "adex,nope")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("gpu.py: error: no case 'nope'; cases: adex, cubnm")


def test_without_a_gpu_it_says_so_in_one_line(tmp_path):
    done = gpu("--cases", "", folder=tmp_path)
    if done.returncode == 0:
        pytest.skip("there is a GPU")
    assert done.stderr.startswith("gpu.py: error: backend='cuda'")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bytes_and_instructions_are_those_of_a_count_by_hand(model):
    """linear reads one value an edge; x is its one state, factor and exposure, and has noise."""
    connectome = rateloom.connectome("synthetic:50")
    edges = np.count_nonzero(connectome.weights) / 50
    case = model.Case("linear", "", 3.0, "euler", 1000, 3200, 100)
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


@pytest.mark.slow
def test_the_whole_script_runs_on_the_emulated_device(tmp_path):
    done = gpu("--backend", "emulated", "--cases", "montbrio-1024", "--share", "0.1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "montbrio-1024" in done.stdout
    assert (tmp_path / "gpu.json").is_file()

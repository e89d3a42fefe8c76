"""The benchmark of the measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = str(Path(__file__).resolve().parents[2] / "benchmarks" / "measures.py")
SMALL = ("--regions", "6", "--samples", "600", "--items", "2", "--rounds", "3")


def run(*options):
    command = [sys.executable, SCRIPT, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.slow
def test_all_measures_stand_beside_scipys_transform(tmp_path):
    out = tmp_path / "measures.json"
    done = run(*SMALL, "--out", str(out))
    assert done.returncode == 0, done.stderr
    written = json.loads(out.read_text())
    assert (written["regions"], written["samples"], written["items"]) == (6, 600, 2)
    names = ["all measures", "SciPy's Hilbert transform, NumPy's correlations"]
    assert list(written["seconds"]) == names
    assert all(name in done.stdout for name in names)
    assert all(len(seconds) == 3 and min(seconds) > 0 for seconds in written["seconds"].values())


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    done = run("--out", str(tmp_path / "none" / "measures.json"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: --out ")
    assert len(done.stderr.strip().splitlines()) == 1

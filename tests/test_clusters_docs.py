"""The scripts of docs/clusters.md, run as they are given on two processes of this machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

PAGE = Path(__file__).resolve().parent.parent / "docs" / "clusters.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
BIN = Path(sys.executable).parent
MPI = shutil.which("mpirun", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}") and find_spec("mpi4py")
# In place of what a cluster provides: the number of ranks, leave to be root and to have as many as that.
CLUSTER = {
    "SLURM_NTASKS": "2",
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


def run(command: list[str], folder: Path, **variables: str) -> str:
    # rateloom, dask and mpirun of this environment come first
    environment = os.environ | CLUSTER | variables | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=240)
    finally:
        # what a script left in the background
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, output
    return output


def script(language: str, containing: str) -> str:
    return next(text for kind, text in BLOCKS if kind == language and containing in text)


def check(study: Path, n_coupling: int, backend: str) -> None:
    """The study holds what one process makes."""
    axes = {"G": np.linspace(0, 0.2, 40) if n_coupling == 40 else 0.01 * np.arange(20), "speed": [2.0, 4.0]}
    how = {"connectome": "synthetic:16", "dt": 0.05, "duration": 100.0, "keep": "measures"}
    expected = rateloom.sweep("montbrio", axes, backend=backend, **how)
    with xr.open_zarr(study / "measures.zarr") as found:
        for name in expected.data_vars:
            np.testing.assert_array_equal(found[name].values, expected[name].values)


@pytest.mark.slow
@pytest.mark.skipif(not MPI, reason="mpirun or mpi4py is not installed")
@pytest.mark.parametrize("backend", ["numba", "emulated"])
def test_the_mpi_script_runs_and_given_again_goes_on(backend: str, tmp_path: Path) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    (tmp_path / "pilot.sh").write_text(script("bash", "mpirun"))
    run(["bash", "pilot.sh"], tmp_path, BACKEND=backend)
    check(tmp_path / "pilot", 40, backend)
    shutil.rmtree(tmp_path / "pilot" / "measures.zarr")
    (tmp_path / "pilot.png").unlink()
    assert "80 of 80 work items are done" in run(["bash", "pilot.sh"], tmp_path)
    check(tmp_path / "pilot", 40, backend)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("distributed") is None, reason="distributed is not installed")
def test_the_dask_commands_run(tmp_path: Path) -> None:
    run(["bash", "-m", "-c", script("bash", "dask scheduler")], tmp_path)
    check(tmp_path / "pilot", 40, "numba")


@pytest.mark.slow
@pytest.mark.skipif(find_spec("dask_jobqueue") is None, reason="dask-jobqueue is not installed")
def test_the_dask_script_runs_with_jobs_of_this_machine(tmp_path: Path) -> None:
    text = script("python", "SLURMCluster")
    # dask-jobqueue's own stand-in for a queue: its jobs are processes here
    job_queue = "from dask_jobqueue.local import LocalCluster as SLURMCluster"
    local = text.replace("from dask_jobqueue import SLURMCluster", job_queue)
    assert local != text
    (tmp_path / "study.py").write_text(local)
    assert "('G', 'speed')" in run([sys.executable, "study.py"], tmp_path)
    check(tmp_path / "pilot", 20, "numba")

"""Launchers of the processes that studies run in: MPI's ranks, Dask's scheduler and workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
needs_mpi = pytest.mark.skipif(
    MPIRUN is None or find_spec("mpi4py") is None, reason="mpirun or mpi4py is not installed"
)
needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="distributed is not installed")


def ranks(number: int) -> list[str]:
    return [str(MPIRUN), "--allow-run-as-root", "--oversubscribe", "-n", str(number)]


@contextmanager
def scheduler(folder: Path) -> Iterator[Path]:
    """A scheduler of Dask, and its file."""
    file = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(file)]
    process = subprocess.Popen(
        [*command, "--no-dashboard", "--port", "0", "--host", "127.0.0.1"], stderr=subprocess.DEVNULL
    )
    try:
        while not file.is_file() and process.poll() is None:
            time.sleep(0.1)
        yield file
    finally:
        process.terminate()
        process.wait()


@contextmanager
def workers(file: Path, number: int, *options: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
    each = [*command, "--nthreads", "1", "--no-dashboard", *options]
    processes = [subprocess.Popen(each, stderr=subprocess.DEVNULL) for _ in range(number)]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()

"""Fits whose work items are simulated elsewhere, and places that a fit cannot write to."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from command_line import error_of

from rateloom import cli

OPTIONS = ["--connectome", "synthetic:6", "--duration", "60", "--dt", "0.1", "--seed", "3"]
FIT = ["fit", "linear", *OPTIONS, "--sweep", "G=0:0.1:40", "--sweep", "speed=2,4", "--fc", "fc.npy"]
SEARCH = ["search", "linear", *OPTIONS, "--free", "G=0:0.1", "--fc", "fc.npy"]
MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("fc.npy", np.corrcoef(np.random.default_rng(0).normal(size=(6, 50))))
    return tmp_path


@pytest.fixture
def alone(folder):
    """The table of a fit in one process."""
    assert cli.main([*FIT, "--out", "alone"]) == 0
    return Path("alone_best.csv").read_text()


@pytest.mark.slow
@pytest.mark.skipif(find_spec("distributed") is None, reason="distributed is not installed")
def test_a_fit_by_dasks_workers_is_that_of_one_process(alone, capsys):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        there = ["--executor", "dask", "--scheduler", cluster.scheduler_address]
        assert cli.main([*FIT, *there, "--out", "there"]) == 0
    assert "executor: 2 chunks at once" in capsys.readouterr().out
    assert Path("there_best.csv").read_text() == alone


@pytest.mark.slow
@pytest.mark.skipif(MPIRUN is None or find_spec("mpi4py") is None, reason="no mpirun or mpi4py")
def test_a_fit_by_ranks_is_that_of_one_process_and_said_once(alone):
    ranks = [str(MPIRUN), "--allow-run-as-root", "--oversubscribe", "-n", "2"]
    command = [*ranks, sys.executable, "-m", "rateloom.cli", *FIT, "--executor", "mpi", "--out", "ranks"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("wrote ranks_best.csv") == 1
    assert Path("ranks_best.csv").read_text() == alone


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([*SEARCH, "--executor", "mpi"], "No such option: --executor"),
        ([*FIT, "--executor", "slurm"], "executor='slurm' is unknown"),
        ([*FIT, "--scheduler", "tcp://a:1"], "scheduler is Dask's"),
        (["fit", "s.zarr", "--fc", "fc.npy", "--executor", "mpi"], "leave --executor out"),
    ],
)
def test_what_is_not_simulated_elsewhere_is_refused(arguments, says, folder, capsys):
    assert says in error_of(arguments, capsys)
    assert [path.name for path in folder.iterdir()] == ["fc.npy"]


@pytest.mark.parametrize("way", [FIT, SEARCH], ids=["sweep", "search"])
@pytest.mark.parametrize(
    ("places", "says"),
    [
        (["--csv", "x.png", "--plot", "./x.png"], "--plot x.png is also the place of --csv"),
        (["--csv", "x.zarr", "--series-out", "x.zarr"], "--series-out x.zarr is also the place of --csv"),
        (["--csv", "pilot"], "--csv pilot is also the place of the directory"),
        (["--csv", "pilot/measures.sqlite"], "--csv pilot/measures.sqlite lies in the directory pilot"),
        (["--plot", "a/../pilot/x.png"], "--plot a/../pilot/x.png lies in {} pilot"),
        (["--series-out", "pilot/x.zarr"], "--series-out pilot/x.zarr lies in the directory pilot"),
        (["--csv", "x.zarr/x.csv", "--series-out", "x.zarr"], "lies in --series-out x.zarr"),
    ],
)
def test_two_things_in_one_place_are_refused_before_anything_runs(way, places, says, folder, capsys):
    # a sweep's picture is held against its place by the option, before what is written is put together
    expected = says.format("--out" if way is FIT else "the directory")
    assert expected in error_of([*way, "--out", "pilot", *places], capsys)
    assert [path.name for path in folder.iterdir()] == ["fc.npy"]

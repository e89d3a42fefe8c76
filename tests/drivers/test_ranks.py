"""Work items shared among MPI's processes: who does what, and a generated driver run by two of them."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.execution.device import DeviceInfo
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.runs import ranks
from rateloom.drivers.runs.ranks import Ranks, gathered, own_device, send_results
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal import script

MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
needs_mpi = pytest.mark.skipif(
    MPIRUN is None or find_spec("mpi4py") is None or host_compiler() is None,
    reason="mpirun, mpi4py or a C++ compiler is not installed",
)


@pytest.mark.parametrize("n_item", [1, 2, 5, 31, 64, 65, 1000, 4097])
@pytest.mark.parametrize("size", [2, 3, 8, 40])
def test_each_work_item_belongs_to_one_rank(n_item, size):
    shares = [Ranks(number, size, number, None).share(n_item) for number in range(size)]
    assert shares[0][0] == 0 and shares[-1][1] == n_item
    assert all(before[1] == after[0] for before, after in pairwise(shares))
    assert shares[0][1] > 0, "the first rank, which writes, has something to do"
    if n_item >= 32 * size:
        assert all(first % 32 == 0 or first == n_item for first, _ in shares), "lane blocks are not split"


@pytest.mark.parametrize(("local", "gpus", "device"), [(0, 4, 0), (3, 4, 3), (5, 4, 1), (1, 1, 0)])
def test_ranks_take_gpus_in_turn(monkeypatch, local, gpus, device):
    found = tuple(DeviceInfo("cupy", n, "GPU", 1) for n in range(gpus))
    monkeypatch.setattr("rateloom.drivers.backends.registry.list_devices", lambda: found)
    place = Ranks(local + 8, 64, local, None)
    assert own_device(place, Settings(backend="cuda")).device == device
    assert own_device(place, Settings(backend="cuda", device=2)).device == 2
    assert own_device(place, Settings(backend="emulated")).device is None


class Wire:
    """What was sent, in order, to be received."""

    def __init__(self):
        self.sent = []

    def isend(self, what, dest):
        assert dest == 0
        self.sent.append(what)
        return SimpleNamespace(wait=lambda: None)

    def iprobe(self):
        return bool(self.sent)

    def recv(self):
        return self.sent.pop(0)


def results(*items):
    return [LaneResult(np.array([i]), np.zeros((1, 1, 1, 1)), np.array([-1])) for i in items]


def test_the_first_rank_hands_on_what_all_of_them_made():
    wire = Wire()
    for number, own in ((1, results(4, 5, 6)), (2, [])):
        send_results(Ranks(number, 3, number, wire), iter(own))
    together = gathered(Ranks(0, 3, 0, wire), iter(results(1, 2)))
    assert sorted(int(r.items[0]) for r in together) == [1, 2, 4, 5, 6]
    assert wire.sent == []


@pytest.mark.slow
def test_ranks_share_bold_signals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = rateloom.generate("linear", out="generated")[-1]
    rateloom.generate("balloon", out="generated")
    wire = Wire()
    wanted = ["--connectome", "synthetic:4", "--duration", "40", "--monitor", "bold", "--tr", "4ms"]
    for number in (1, 0):
        monkeypatch.setattr(script, "ranks", lambda number=number: Ranks(number, 2, number, wire))
        with pytest.raises(SystemExit) as end:
            script.main(path, [*wanted, "--sweep", "G=0:0.1:6", "--out", "shared.zarr"])
        assert end.value.code == 0
    bold = rateloom.BoldSettings(tr=4.0)
    how = {"connectome": "synthetic:4", "duration": 40.0, "keep": "bold", "bold": bold}
    expected = rateloom.sweep("linear", {"G": np.linspace(0, 0.1, 6)}, **how)
    with xr.open_zarr("shared.zarr") as written:
        # lane blocks of three work items instead of six have other shapes, whose sums may have another order
        np.testing.assert_allclose(written["BOLD"].values, expected["BOLD"].values, rtol=1e-5, atol=1e-9)


def test_a_process_alone_is_no_rank(monkeypatch):
    for name in ranks._SIZES:
        monkeypatch.delenv(name, raising=False)
    assert ranks.ranks() is None
    monkeypatch.setenv("PMI_SIZE", "1")
    assert ranks.ranks() is None


def test_several_processes_without_mpi4py_are_refused(monkeypatch):
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "4")
    monkeypatch.setattr(ranks, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"^4 processes .* takes mpi4py: pip install \"rateloom\[mpi"):
        ranks.ranks()


def test_an_mpi_that_is_not_mpi4pys_is_refused(monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "4")
    alone = SimpleNamespace(COMM_WORLD=SimpleNamespace(Get_size=lambda: 1))
    monkeypatch.setattr(ranks, "find_spec", lambda name: name)
    monkeypatch.setattr(ranks, "import_module", lambda name: alone)
    with pytest.raises(InputError, match="an MPI that mpi4py was not built with"):
        ranks.ranks()


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """A generated driver with its kernels beside it."""
    files = rateloom.generate("montbrio", out=tmp_path_factory.mktemp("generated"))
    return next(path for path in files if path.name.endswith("_driver.py"))


def call(driver, folder, *options, processes=1):
    start = [MPIRUN, "--allow-run-as-root", "--oversubscribe", "-n", str(processes)] if processes > 1 else []
    return subprocess.run(
        [*start, sys.executable, driver, "--connectome", "synthetic:7", "--duration", "10", *options],
        cwd=folder, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


SWEEP = ("--sweep", "G=0:1:5", "--sweep", "speed=4,8", "--dtype", "float64")


@needs_mpi
@pytest.mark.parametrize("backend", ["emulated", pytest.param("numba", marks=pytest.mark.slow)])
def test_two_ranks_make_what_one_process_makes(driver, tmp_path, backend):
    stores = []
    for processes in (1, 2):
        done = call(
            driver, tmp_path, *SWEEP, "--backend", backend, "--out", f"{processes}.zarr", processes=processes
        )
        assert done.returncode == 0, done.stderr
        stores.append(xr.open_zarr(tmp_path / f"{processes}.zarr").load())
        assert done.stdout.count(f"wrote {processes}.zarr") == 1
    assert stores[0].equals(stores[1])
    assert stores[0].r.shape == (5, 2, 10, 7)


@needs_mpi
def test_more_ranks_than_work_items_and_errors_end_all_of_them(driver, tmp_path):
    done = call(driver, tmp_path, "--backend", "emulated", processes=2)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "montbrio_run.zarr").is_dir()
    done = call(driver, tmp_path, "--backend", "cuda", "--out", "none.zarr", processes=2)
    if "cannot" not in done.stdout + done.stderr and done.returncode == 0:
        pytest.skip("there is a GPU")
    assert done.returncode != 0
    assert "montbrio_driver.py: error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none.zarr").exists()


@pytest.mark.slow
@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
def test_a_driver_runs_the_source_beside_it_and_says_when_it_is_not_there(driver, tmp_path):
    done = call(driver, tmp_path, "--backend", "emulated", "--history", "float16")
    assert done.returncode == 0, done.stderr
    assert xr.open_zarr(tmp_path / "montbrio_run.zarr").attrs["history_dtype"] == "float16"
    shutil.copytree(driver.parent, tmp_path / "alone")
    (tmp_path / "alone/montbrio.cu").unlink()
    done = call(tmp_path / "alone" / driver.name, tmp_path, "--backend", "emulated", "--overwrite")
    assert done.returncode == 1
    assert "montbrio.cu is not there; generate it with: rateloom generate" in done.stderr
    assert done.stderr.count("\n") == 1

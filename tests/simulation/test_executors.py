"""Studies whose chunks run in other processes: the same bits, and what is refused."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from launchers import needs_dask, needs_mpi, ranks
from studies_at_work import finished

import rateloom
from rateloom.api import chunk_tasks, executors
from rateloom.api.chunk_tasks import order_of, run_task
from rateloom.api.executors import with_workers
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal import request

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")

HOW = {"connectome": "synthetic:6", "duration": 20.0, "dt": 0.5, "seed": 3, "keep": "measures"}
AXES = {"G": np.linspace(0, 0.1, 40), "speed": [2.0, 4.0]}


@pytest.fixture(scope="module")
def alone() -> xr.Dataset:
    return rateloom.sweep("linear", AXES, **HOW)


@pytest.mark.parametrize("backend", ["numba", pytest.param("emulated", marks=needs_compiler)])
def test_chunks_on_an_executor_make_the_same_bits(backend: str, alone: xr.Dataset, tmp_path: Path) -> None:
    chunk_tasks._plan_of.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        how = HOW | {"backend": backend}
        found = rateloom.sweep("linear", AXES, executor=pool, out=tmp_path / "s", **how)
    expected = alone if backend == "numba" else rateloom.sweep("linear", AXES, **how)
    xr.testing.assert_identical(found.load(), expected)
    assert chunk_tasks._plan_of.cache_info().misses <= 2, "a process plans a study once"


def test_all_that_a_study_is_given_reaches_the_workers() -> None:
    how = HOW | {
        "parameters": {"gamma": np.linspace(-0.3, -0.1, 6)},
        "initial": {"x": np.linspace(-1, 1, 6)},
        "convention": "published",
        "measure_settings": rateloom.MeasureSettings(),
        "normalize": "row",
        "dtype": "float64",
        "noise": False,
    }
    with ThreadPoolExecutor(1) as pool:
        found = rateloom.sweep("linear", {"G": [0.0, 0.1, 0.2]}, executor=pool, **how)
    xr.testing.assert_identical(found, rateloom.sweep("linear", {"G": [0.0, 0.1, 0.2]}, **how))


@pytest.mark.slow
def test_processes_of_a_pool_make_the_same_bits(alone: xr.Dataset) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        xr.testing.assert_identical(rateloom.sweep("linear", AXES, executor=pool, **HOW), alone)


def test_a_study_is_gone_on_with_on_an_executor(alone: xr.Dataset, tmp_path: Path) -> None:
    rateloom.sweep("linear", AXES, out=tmp_path / "s", **HOW)
    shutil.rmtree(tmp_path / "s" / "measures.zarr")
    connection = sqlite3.connect(tmp_path / "s" / "measures.sqlite")
    with connection:
        # a lane block of the first speed: every second work item
        connection.execute("DELETE FROM work_items WHERE item % 2 = 0 AND item < 32")
        connection.execute("DELETE FROM regions WHERE item % 2 = 0 AND item < 32")
    connection.close()
    with ThreadPoolExecutor(1) as pool:
        found = rateloom.resume(tmp_path / "s", executor=pool)
    xr.testing.assert_identical(found.load(), alone)


@pytest.mark.slow
def test_a_worker_that_would_give_other_bits_is_refused(tmp_path: Path) -> None:
    rateloom.sweep("linear", {"G": [0.0, 0.1]}, out=tmp_path / "s", **HOW)
    saved = read_plan(tmp_path / "s")
    with np.load(tmp_path / "s" / "given.npz") as arrays:
        given = dict(arrays)
    record = saved.record | {"measured_with": saved.record["measured_with"] | {"scipy": "0.1"}}
    with pytest.raises(
        InputError, match=r"^worker .*: it would give other results: measured_with\.scipy is "
    ):
        run_task(order_of(record, given, Settings(), None), np.array([0, 1]))


@needs_mpi
@pytest.mark.parametrize(
    "backend", ["numba", pytest.param("emulated", marks=[pytest.mark.slow, needs_compiler])]
)
def test_ranks_make_the_same_bits_as_one_process(backend: str, tmp_path: Path) -> None:
    options = "linear --connectome synthetic:6 --duration 20 --dt 0.5 --seed 3 --sweep speed=2,4"
    status, errors = finished(
        tmp_path, f"{options} --sweep G=0:0.1:40 --backend {backend} --executor mpi --out s",
        launcher=ranks(2),
    )  # fmt: skip
    assert status == 0, errors
    axes = {"speed": [2.0, 4.0], "G": np.linspace(0, 0.1, 40)}
    expected = rateloom.sweep("linear", axes, backend=backend, **HOW)
    with xr.open_zarr(tmp_path / "s" / "measures.zarr") as found:
        for name in expected.data_vars:
            np.testing.assert_array_equal(found[name].values, expected[name].values)


@needs_mpi
@pytest.mark.slow
def test_a_script_of_several_ranks_has_the_result_on_each_and_errors_on_each(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import rateloom, numpy as np\n"
        "if __name__ == '__main__':\n"
        f"    how = {HOW!r}\n"
        "    found = rateloom.sweep('linear', {'G': np.linspace(0, 0.1, 40)}, executor='mpi', **how)\n"
        "    print('mean', float(found['mean_FC_x'].sum()))\n"
        "    try:\n"
        "        rateloom.sweep('linear', {'G': [0.0]}, executor='mpi', memory=1, **how)\n"
        "    except rateloom.InputError as error:\n"
        "        print('error', error)\n"
    )
    # with mpi4py.futures the first rank alone runs the script
    for command, copies in (([str(script)], 2), (["-m", "mpi4py.futures", str(script)], 1)):
        found = subprocess.run(
            [*ranks(2), sys.executable, *command], capture_output=True, text=True, check=False, timeout=240
        )
        assert found.returncode == 0, found.stderr
        lines = found.stdout.splitlines()
        expected = rateloom.sweep("linear", {"G": np.linspace(0, 0.1, 40)}, **HOW)
        assert lines.count(f"mean {float(expected['mean_FC_x'].sum())}") == copies
        assert sum(line.startswith("error ") for line in lines) == copies


@needs_dask
@pytest.mark.slow
def test_a_cluster_a_client_and_their_executor_are_taken(alone: xr.Dataset) -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        found = rateloom.sweep("linear", AXES, executor="dask", scheduler=cluster, **HOW)
        xr.testing.assert_identical(found, alone)
        with Client(cluster) as client:
            for place in ({"executor": "dask", "scheduler": client}, {"executor": client.get_executor()}):
                xr.testing.assert_identical(rateloom.sweep("linear", AXES, **place, **HOW), alone)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"executor": "slurm"}, r"executor='slurm' is unknown; use one of threads, mpi, dask"),
        ({"executor": 3}, "executor=3 is unknown"),
        ({"executor": np.zeros(3)}, "is unknown"),
        ({"executor": "threads", "scheduler": "tcp://a:1"}, "scheduler is Dask's"),
        ({"scheduler": "tcp://a:1"}, "scheduler is Dask's"),
        pytest.param({"executor": "dask"}, "no scheduler was given; start one", marks=needs_dask),
        pytest.param(
            {"executor": "dask", "scheduler": "tcp://127.0.0.1:9"}, "no scheduler of Dask answers",
            marks=needs_dask,
        ),
        pytest.param({"executor": "dask", "scheduler": "nonsense"}, "no scheduler", marks=needs_dask),
        pytest.param({"executor": "dask", "scheduler": 12.5}, "no scheduler of Dask", marks=needs_dask),
    ],
)  # fmt: skip
def test_what_cannot_run_anywhere_is_refused(given: dict, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "_PATIENCE", 0.5)
    with pytest.raises(InputError, match=says) as error:
        rateloom.sweep("linear", {"G": [0.0, 0.1]}, **given, **HOW)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("name", "extra"), [("mpi", "mpi"), ("dask", "dask")])
def test_a_package_that_is_missing_is_named_with_its_extra(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=rf'pip install "rateloom\[{extra}\]"'):
        rateloom.sweep("linear", {"G": [0.0, 0.1]}, executor=name, **HOW)


@needs_mpi
def test_one_rank_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = SimpleNamespace(COMM_WORLD=SimpleNamespace(Get_size=lambda: 1))
    monkeypatch.setattr(executors, "import_module", lambda name: alone)
    with pytest.raises(InputError, match="this is the only rank; start several"):
        rateloom.sweep("linear", {"G": [0.0, 0.1]}, executor="mpi", out=tmp_path / "s", **HOW)
    assert not (tmp_path / "s").exists()


def test_only_measures_are_made_elsewhere_also_of_a_list() -> None:
    with ThreadPoolExecutor(1) as pool:
        for change, says in (({"keep": "averages"}, "only for keep='measures'"),):
            with pytest.raises(InputError, match=says):
                rateloom.sweep("linear", {"G": [0.0, 0.1]}, executor=pool, **HOW | change)
        items = rateloom.work_items({"G": [0.0, 0.1]})
        listed, here = (rateloom.sweep("linear", items, executor=e, **HOW) for e in (pool, None))
        xr.testing.assert_equal(listed, here)


def test_without_an_executor_there_are_no_workers() -> None:
    assert with_workers(None, None, lambda workers: workers) is None
    assert with_workers("threads", None, lambda workers: workers) is None

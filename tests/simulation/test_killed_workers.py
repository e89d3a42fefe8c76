"""Studies whose ranks or workers are killed: what was finished stays, and the rest is run again."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest
from launchers import needs_dask, needs_mpi, ranks, scheduler, workers
from studies_at_work import check_same, done, finished, start, wait_for_rows

LONG = (
    "stuart_landau --connectome synthetic:12 --duration 30000 --dt 0.1 --period 30 --seed 3 --lanes 8 "
    "--sweep G=0:0.1:40 --sweep speed=2,4,8 --set nsig=0.01"
)
N_ITEM, N_NODE = 120, 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert finished(folder, f"{LONG} --out s") == (0, "")
    return folder / "s"


@needs_mpi
@pytest.mark.slow
def test_a_killed_rank_ends_the_job_and_resume_completes_it(whole: Path, tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    moments = random.Random(7)
    study = tmp_path / "s"
    there: set[int] = set()
    for victim in (1, 2, 0):
        process = start(
            tmp_path, f"{'--resume s' if study.is_dir() else LONG + ' --out s'} --executor mpi",
            launcher=ranks(3),
        )  # fmt: skip
        there = wait_for_rows(study, len(there) + moments.randrange(1, 30), process)
        assert process.poll() is None, process.communicate()[1]
        children = psutil.Process(process.pid).children(recursive=True)
        numbered = {c.environ().get("OMPI_COMM_WORLD_RANK"): c for c in children if c.is_running()}
        numbered[str(victim)].send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        assert process.returncode != 0
        assert there <= done(study), "no chunk that was finished is lost"
        there = done(study)
    assert len(there) < N_ITEM
    assert finished(tmp_path, "--resume s")[0] == 0
    check_same(study, whole, N_ITEM, N_NODE)


@needs_dask
@pytest.mark.slow
@pytest.mark.parametrize("nanny", [False, True])
def test_chunks_of_a_killed_dask_worker_are_run_elsewhere(nanny: bool, whole: Path, tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    study = tmp_path / "s"
    options = ("--nanny",) if nanny else ("--no-nanny",)
    with scheduler(tmp_path) as file, workers(file, 2, *options) as processes:
        process = start(tmp_path, f"{LONG} --out s --executor dask --scheduler {file}")
        for killed in range(2 if nanny else 1):
            wait_for_rows(study, 1 + 30 * killed, process)
            assert process.poll() is None, process.communicate()[1]
            victim = processes[killed].pid
            if nanny:  # what the nanny looks after is started again
                victim = psutil.Process(victim).children(recursive=True)[-1].pid
            os.kill(victim, signal.SIGKILL)
        _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    check_same(study, whole, N_ITEM, N_NODE)

"""Studies that are killed, or run out of disk, at any moment: gone on with, they hold the same bits."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from studies_at_work import check_same, finished, start

HOW = (
    "--connectome synthetic:12 --duration 4000 --dt 0.1 --period 4 --seed 3 --threads 1 "
    "--sweep G=0:0.1:40 --sweep speed=2,4,8 --set nsig=0.01"
)
N_ITEM, N_NODE = 120, 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert finished(folder, f"stuart_landau {HOW} --out s") == (0, "")
    return folder / "s"


def stopped_again_and_again(folder: Path, number: signal.Signals, times: int) -> None:
    """Stop a sweep at random moments, and let it end after that."""
    moments = random.Random(times)
    study, done = folder / "s", 0
    while done < times:
        process = start(folder, "--resume s" if study.is_dir() else f"stuart_landau {HOW} --out s")
        # from before the directory is there, through the sweep, to the writing of the arrays
        for _ in range(round(moments.uniform(0, 40)) + 10):
            if process.poll() is not None:
                break
            time.sleep(0.1)
        if process.poll() is None:
            process.send_signal(number)
            done += 1
        process.communicate()
        if process.returncode == 0:
            # it was quicker: the next one is killed while it writes the arrays again
            shutil.rmtree(study / "measures.zarr")
    assert finished(folder, "--resume s" if study.is_dir() else f"stuart_landau {HOW} --out s") == (0, "")


@pytest.mark.parametrize(
    ("number", "times"),
    [
        pytest.param(signal.SIGKILL, 24, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 8, marks=pytest.mark.slow),
    ],
)
def test_a_study_that_is_stopped_at_random_moments_ends_with_the_same_bits(
    number: signal.Signals, times: int, whole: Path, tmp_path: Path
) -> None:
    stopped_again_and_again(tmp_path, number, times)
    check_same(tmp_path / "s", whole, N_ITEM, N_NODE)


@pytest.mark.slow
def test_a_file_that_may_not_grow_ends_in_one_line_and_the_study_is_gone_on_with(
    whole: Path, tmp_path: Path
) -> None:
    most = (whole / "measures.sqlite").stat().st_size // 2

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    status, errors = finished(tmp_path, f"stuart_landau {HOW} --out s", limit)
    assert status == 1
    assert errors.startswith("rateloom: error: ") and errors.count("\n") == 1
    assert "go on with: rateloom sweep --resume s" in errors
    assert finished(tmp_path, "--resume s") == (0, "")
    check_same(tmp_path / "s", whole, N_ITEM, N_NODE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk in memory that the study fits into."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk in memory cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk_ends_in_one_line_and_the_study_is_gone_on_with(whole: Path, small_disk: Path) -> None:
    filler = small_disk / "filler"
    process = start(small_disk, f"stuart_landau {HOW} --out s")
    while not (small_disk / "s").is_dir() and process.poll() is None:
        time.sleep(0.02)
    free = os.statvfs(small_disk)
    filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - 60_000)))
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert errors.startswith("rateloom: error: ") and errors.count("\n") == 1
    assert "go on with: rateloom sweep --resume s" in errors
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert finished(small_disk, "--resume s") == (0, "")
    check_same(small_disk / "s", whole, N_ITEM, N_NODE)

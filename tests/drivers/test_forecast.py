"""What a study will take, said beforehand, and held against what it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from work import at_most

import rateloom
from rateloom import cli
from rateloom.drivers.backends.numba.thread_backend import ThreadBackend
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.studies import forecast, study_run
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import format_bytes

HOW = {"connectome": "synthetic:6", "duration": 2000.0, "dt": 0.1, "seed": 3, "keep": "measures"}
AXES = {"G": np.linspace(0, 0.1, 60), "speed": np.linspace(1, 8, 10)}


@pytest.mark.slow
def test_a_forecast_says_what_the_study_then_takes(tmp_path: Path) -> None:
    lines: list[str] = []
    rateloom.sweep("stuart_landau", {"G": AXES["G"][:16]}, threads=1, **HOW)  # compiles
    said = rateloom.sweep("stuart_landau", AXES, dry_run=True, announce=lines.append, threads=1, **HOW)
    rateloom.sweep("stuart_landau", AXES, out=tmp_path / "s", threads=1, **HOW)
    assert said.attrs["work_items"] == 600
    assert said.attrs["lane_blocks"] == 10 * 4
    tables = (tmp_path / "s" / "measures.sqlite").stat().st_size / 600
    files = [path for path in (tmp_path / "s" / "measures.zarr").rglob("*") if path.is_file()]
    arrays = sum(path.stat().st_size for path in files) / 600
    # the sample has fewer rows: what belongs to no row, and half-filled pages, count for more
    assert tables == pytest.approx(said.attrs["bytes_tables"], rel=0.25)
    assert arrays == pytest.approx(said.attrs["bytes_arrays"], rel=0.5)
    plan = sum((tmp_path / "s" / name).stat().st_size for name in ("plan.json", "given.npz"))
    # texts of versions and digests may differ by some letters
    assert said.attrs["bytes_plan"] == pytest.approx(plan, rel=0.01)
    assert [line.partition(":")[0] for line in lines[-3:]] == ["lane blocks", "store", "time"]


def test_what_was_given_is_announced_and_needs_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    target = rateloom.targets(fc={"rest": np.corrcoef(np.random.default_rng(0).normal(size=(6, 40)))})
    how = HOW | {"duration": 100.0, "targets": target, "announce": lines.append}
    rateloom.sweep("stuart_landau", {"G": AXES["G"][:16]}, out=tmp_path / "s", **how)
    with np.load(tmp_path / "s" / "given.npz") as archive:
        given = sum(archive[name].nbytes for name in archive.files)
        assert "target.FC.rest" in archive.files
    assert any(line.endswith(f", and {format_bytes(given)} of what was given") for line in lines)
    needed: list[int] = []
    monkeypatch.setattr(study_run, "check_disk_space", lambda path, size: needed.append(size))
    rateloom.sweep("stuart_landau", {"G": AXES["G"][:16]}, out=tmp_path / "t", **how)
    assert needed[0] > given


def test_the_time_is_that_of_all_samples_as_short_trials_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    now, trials, run_plan = 0.0, [], ThreadBackend.run

    def run(backend: ThreadBackend, plan: Plan, *arguments: Any) -> Iterator[LaneResult]:
        nonlocal now
        trials.append(plan.study.samples.n_sample)
        now += 0.25 + 4e-3 * trials[-1]
        return run_plan(backend, plan, *arguments)

    monkeypatch.setattr(ThreadBackend, "run", run)
    monkeypatch.setattr(forecast, "time", SimpleNamespace(process_time=lambda: now))
    said = rateloom.sweep("stuart_landau", AXES, dry_run=True, threads=1, **HOW)
    # 1.05 s for the first 200 samples: two seconds for 380
    assert trials == [200, 200, 380]
    assert said.attrs["seconds"] == pytest.approx((0.25 + 4e-3 * 2000) / 16)


def test_a_forecast_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.chdir(tmp_path)
    options = [
        "--connectome",
        "synthetic:4",
        "--duration",
        "20",
        "--sweep",
        "G=0:0.1:3",
        "--dry-run",
        "--dtype",
        "float64",
    ]
    assert cli.main(["sweep", "linear", *options, "--out", "pilot"]) == 0
    assert "core-hours" in capsys.readouterr().out
    assert list(tmp_path.rglob("*")) == [place]


def test_only_measures_are_forecast() -> None:
    with pytest.raises(InputError, match="dry_run=True: only for keep='measures', not keep='averages'"):
        rateloom.sweep("linear", {"G": [0.0, 0.1]}, dry_run=True, **HOW | {"keep": "averages"})


def test_the_chunks_are_those_of_workers_of_one_thread() -> None:
    how = HOW | {"duration": 100.0, "dt": 0.5}
    axes = {"G": np.linspace(0, 0.1, 960), "speed": [2.0]}
    said = rateloom.sweep("stuart_landau", axes, dry_run=True, threads=4, **how)
    # too few for a worker to be given more than a lane block at once
    assert said.attrs["lane_blocks"] == said.attrs["chunks"] == 60


def test_a_dry_run_refuses_an_executor_that_there_is_not() -> None:
    with pytest.raises(InputError, match="executor='slurm' is unknown"):
        rateloom.sweep("stuart_landau", {"G": [0.0]}, dry_run=True, executor="slurm", **HOW)


def test_work_items_are_not_planned_one_by_one() -> None:
    how = HOW | {"duration": 20.0, "dt": 0.5, "threads": 1}
    axes = {"G": np.linspace(0, 0.1, 20_000), "speed": np.linspace(1, 8, 100)}
    rateloom.sweep("stuart_landau", {"G": AXES["G"], "speed": axes["speed"]}, dry_run=True, **how)  # compiles
    with at_most(calls=2_000_000):
        said = rateloom.sweep("stuart_landau", axes, dry_run=True, **how)
    assert said.attrs["work_items"] == 2_000_000


@pytest.mark.slow
def test_25_million_work_items_are_planned_in_little_memory(tmp_path: Path) -> None:
    axes = "--sweep G=0:1:100 --sweep b_e=0:100:50 --sweep T=5:20:50 --sweep speed=1:10:100"
    command = f"zerlaut_second_order --connectome tvb68 --duration 5000 {axes} --dry-run".split()
    process = subprocess.Popen([sys.executable, "-m", "rateloom.cli", "sweep", *command], cwd=tmp_path)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    assert used.ru_maxrss * 1024 < 2e9

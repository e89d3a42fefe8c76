"""Sweeps started as a user starts them, and their stores compared."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xarray as xr


def start(
    folder: Path,
    arguments: str,
    limit: Callable[[], None] | None = None,
    launcher: Sequence[str] = (),
) -> subprocess.Popen[str]:
    command = [*launcher, sys.executable, "-m", "rateloom.cli", "sweep", *arguments.split()]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=limit
    )


def finished(
    folder: Path,
    arguments: str,
    limit: Callable[[], None] | None = None,
    launcher: Sequence[str] = (),
) -> tuple[int, str]:
    process = start(folder, arguments, limit, launcher)
    _, errors = process.communicate(timeout=300)
    return process.returncode, errors


def table(study: Path, name: str, order: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(study / "measures.sqlite", timeout=60)
    try:
        return connection.execute(f"SELECT * FROM {name} ORDER BY {order}").fetchall()
    finally:
        connection.close()


def done(study: Path) -> set[int]:
    """Work items whose rows are there."""
    return {row[0] for row in table(study, "work_items", "item")} if study.is_dir() else set()


def wait_for_rows(study: Path, count: int, process: subprocess.Popen[str]) -> set[int]:
    """Wait until so many work items are done, or the process has ended."""
    while True:
        there = done(study)
        if len(there) >= count or process.poll() is not None:
            return there
        time.sleep(0.02)


def check_same(study: Path, whole: Path, n_item: int, n_node: int) -> None:
    """Every row and every array are equal, and each row is there once."""
    for name, order, count in (("work_items", "item", n_item), ("regions", "item, node", n_item * n_node)):
        rows = table(study, name, order)
        assert len(rows) == count
        assert rows == table(whole, name, order)
    with xr.open_zarr(study / "measures.zarr") as here, xr.open_zarr(whole / "measures.zarr") as there:
        xr.testing.assert_identical(here.load(), there.load())
    assert (study / "plan.json").read_bytes() == (whole / "plan.json").read_bytes()

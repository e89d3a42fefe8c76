"""Peers that JAX runs, on a GPU, beside rateloom: the same jobs, each tool in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cells import Cell
from environments import PEERS, TOOLS
from processes import cores, measurements, run_pinned
from throughput import write_job

from rateloom.drivers.execution.device import Device

ROOT = Path(__file__).parents[1]
SIZES, QUICK_SIZES = (1_024, 16_384), (16,)
STEPS, QUICK_STEPS = 2_000, 200
# simulations at once; on a GPU as many as there are, or as its memory takes
BATCHES = {"tvboptim": {"batch": 4_096}, "vbjax": {"group": 1_024}}


def peer_rows(gpu: Device, quick: bool) -> list[dict[str, Any]]:
    """Measure tools on the GPU, those whose environment is there and has a JAX that sees a GPU.

    Averages of 1 ms over tvb76 with delays, Heun, float32, no noise. vbjax keeps whole series, so its runs
    are shorter; a tool that fails says why in its row.
    """
    sizes, steps = (QUICK_SIZES, QUICK_STEPS) if quick else (SIZES, STEPS)
    rows = []
    for name in ("rateloom", *BATCHES):
        python = _python(name)
        if python is None:
            rows.append({"tool": name, "work items": sizes[0], "failure": "not installed with a GPU's JAX"})
            continue
        tool = TOOLS[name]
        cells = [Cell(n, min(steps, tool.most_steps), 1) for n in sizes]
        settings = {"calibrate": False, "backend": "cuda"} if name == "rateloom" else BATCHES[name]
        with tempfile.TemporaryDirectory(prefix="gpu_peers_") as folder:
            job = Path(folder, "job.npz")
            write_job(job, "montbrio", cells, tool.most_steps)
            command = [str(python), str(PEERS / tool.script), str(job), json.dumps(settings)]
            done = run_pinned(command, len(cores()), JAX_PLATFORMS="cuda")
        for cell, one in zip(cells, measurements(done, len(cells)), strict=True):
            rows.append(_row(name, cell, one))
    return rows


def _row(name: str, cell: Cell, one: dict[str, Any]) -> dict[str, Any]:
    row = {"tool": name, "work items": cell.work_items, "steps": cell.steps}
    if "failure" in one:
        return row | {"failure": one["failure"]}
    rate = one["node_steps"] / one["seconds"] / 1e9
    means = " ".join(f"{mean:.6g}" for mean in one["mean"])
    return row | {"version": one["version"], "G node-steps/s": rate, "mean of the first 20 ms": means}


def _python(name: str) -> Path | None:
    """Interpreter that has a tool, and a JAX with a GPU: this one, or the tool's environment."""
    if name == "rateloom":
        return Path(sys.executable)
    check = f"import {name}, jax; assert jax.devices('gpu')"
    for python in (Path(sys.executable), ROOT / ".venv-peers" / name / "bin" / "python"):
        if python.is_file():
            done = subprocess.run([str(python), "-c", check], capture_output=True, check=False)
            if done.returncode == 0:
                return python
    return None

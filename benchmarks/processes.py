"""Running a tool in a process of its own, on some of the cores, and what machine that is."""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def cores() -> list[int]:
    """Cores that this process may use; the last ones are the least disturbed by interrupts."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0), reverse=True)
    return list(range(os.cpu_count() or 1))


def run_pinned(command: Sequence[str], threads: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command on as many cores as it has threads."""
    pinned = list(command)
    if taskset := shutil.which("taskset"):
        pinned = [taskset, "--cpu-list", ",".join(str(core) for core in cores()[:threads]), *pinned]
    limits = dict.fromkeys(LIMITS, str(threads))
    return subprocess.run(
        pinned, capture_output=True, text=True, env={**os.environ, **limits, **environment}, check=False
    )


def measurements(done: subprocess.CompletedProcess[str], count: int) -> list[dict[str, Any]]:
    """Read what a process printed, a line of JSON a job; of those that are missing, why: its last line."""
    found: list[dict[str, Any]] = []
    for line in done.stdout.splitlines():
        try:
            one = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(one, dict):
            found.append(one)
    if len(found) < count:
        lines = done.stderr.strip().splitlines() or [f"ended with status {done.returncode} and no output"]
        found += [{"failure": lines[-1]}] * (count - len(found))
    return found


def processor() -> str:
    """Name of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def this_machine() -> dict[str, Any]:
    """Describe the machine and how busy it is."""
    return {
        "processor": processor(),
        "cores": len(cores()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": platform.system(),
        "Python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
    }

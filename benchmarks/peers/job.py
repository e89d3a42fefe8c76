"""The one job that every tool is given, and the measurement that it hands back.

Run inside each tool's own environment, so it needs no more than NumPy.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Job:
    """A sweep over the global coupling: what to simulate, for how long, and on how many cores."""

    model: str
    work_items: int
    steps: int
    dt: float
    period: float
    speed: float
    threads: int
    coupling: tuple[float, float]
    parameters: dict[str, float]
    initial: dict[str, float]
    weights: np.ndarray[Any, np.dtype[np.float64]]
    tract_lengths: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def n_node(self) -> int:
        """Number of nodes."""
        return len(self.weights)

    @property
    def window(self) -> int:
        """Steps that one output sample averages."""
        return round(self.period / self.dt)

    @property
    def global_coupling(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Value of the swept parameter for each work item."""
        return np.linspace(*self.coupling, self.work_items)

    @property
    def delay_steps(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Delay of each pair of nodes in integration steps."""
        return np.rint((self.tract_lengths / self.speed) / self.dt).astype(np.int64)


def read_job() -> tuple[Job, dict[str, Any]]:
    """Read the job that the command line names, and the settings of the tool that follow it."""
    with np.load(sys.argv[1]) as stored:
        fields = json.loads(str(stored["fields"]))
        arrays = {name: stored[name] for name in ("weights", "tract_lengths")}
    return Job(**fields, **arrays), json.loads(sys.argv[2])


def measure(job: Job, version: str, run: Callable[[], np.ndarray[Any, Any]], **extra: Any) -> None:
    """Time whole runs, after one that compiles and warms up, and print the measurement as JSON.

    As many runs as fill a second, so that a fast tool is not measured over a moment; ``seconds`` is for one.
    ``run`` simulates from the initial state and returns the averages of the firing rate, (work item, sample,
    node); their means for the first and the last work item show that the tools did the same work.
    """
    run()
    start, elapsed, count = time.perf_counter(), 0.0, 0
    while elapsed < 1.0:
        rate = run()
        count += 1
        elapsed = time.perf_counter() - start
    expected = (job.work_items, job.steps // job.window, job.n_node)
    if rate.shape != expected:
        raise SystemExit(f"output has shape {rate.shape}, the job asks for {expected}")
    means = [float(rate[item].mean(dtype=np.float64)) for item in (0, -1)]
    print(json.dumps({"version": version, "seconds": elapsed / count, "mean_rate": means, **extra}))

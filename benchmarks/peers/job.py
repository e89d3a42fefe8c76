"""The jobs that every tool is given, and the measurement of each that it hands back.

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

# ms of output that are compared between tools, whatever the length of their runs
CHECKED = 20.0
# seconds that repeated runs fill at least
FILLED = 0.7


@dataclass(frozen=True)
class Job:
    """A sweep over the global coupling: what to simulate, for how long, and on how many cores."""

    model: str
    integrator: str
    output: str
    work_items: int
    steps: int
    noise: bool
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
    def node_steps(self) -> int:
        """Steps of one node that the job takes."""
        return self.n_node * self.steps * self.work_items

    @property
    def global_coupling(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Value of the swept parameter for each work item."""
        return np.linspace(*self.coupling, self.work_items)

    @property
    def delay_steps(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Delay of each pair of nodes in integration steps."""
        return np.rint((self.tract_lengths / self.speed) / self.dt).astype(np.int64)


def read_jobs() -> tuple[list[Job], dict[str, Any]]:
    """Read the jobs that the command line names, and the settings of the tool that follow it.

    They differ in what ``cells`` hold of each: number of work items and steps, and noise.
    """
    with np.load(sys.argv[1]) as stored:
        fields = json.loads(str(stored["fields"]))
        arrays = {name: stored[name] for name in ("weights", "tract_lengths")}
    cells = fields.pop("cells")
    return [Job(**fields, **cell, **arrays) for cell in cells], json.loads(sys.argv[2])


def measure(job: Job, version: str, run: Callable[[], np.ndarray[Any, Any]], **extra: Any) -> None:
    """Time whole runs, after one that compiles and warms up, and print the measurement as a line of JSON.

    As many runs as fill some time, so that a fast tool is not measured over a moment; ``seconds`` is for one.
    ``run`` simulates and returns the averages of the output, (work item, sample, node), the first time from
    the initial state; means of that for the first and the last work item show that tools did the same work.
    """
    first = run()
    start, elapsed, count = time.perf_counter(), 0.0, 0
    while elapsed < FILLED:
        run()
        count += 1
        elapsed = time.perf_counter() - start
    expected = (job.work_items, job.steps // job.window, job.n_node)
    if first.shape != expected:
        raise SystemExit(f"output has shape {first.shape}, the job asks for {expected}")
    checked = first[[0, -1], : round(CHECKED / job.period)]
    print(
        json.dumps({
            "version": version,
            "seconds": elapsed / count,
            "node_steps": job.node_steps,
            "mean": [float(one) for one in checked.mean((1, 2), dtype=np.float64)],
            **extra,
        }),
        flush=True,
    )  # fmt: skip

"""The processor as a backend: kernels that Numba compiles, a lane block a thread."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import Budget, Plan, PlanDescription, Variant, items_of
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.memory import format_bytes

from .calibration import calibrated
from .lane_threads import run_on_threads
from .thread_plan import plan_on_threads
from .thread_variant import thread_variant

# Chunks for each worker, at least: the last ones end together, within such a part of the time.
_PARTS = 16
# Node-steps of a chunk for each thread: seconds to a minute, which is what a lost worker costs.
_CHUNK = 300_000_000


@dataclass(frozen=True, eq=False)
class ThreadBackend:
    """Runs studies on the processor's threads; see `rateloom.drivers.execution.backend.Backend`."""

    @property
    def turn(self) -> AbstractContextManager[Any]:
        """Parts of plans run beside others."""
        return nullcontext()

    def calibrated(self, study: Study, announce: Callable[[str], None] | None = None) -> Study:
        """Return the study with the lanes and the block that are fastest for it."""
        return calibrated(self, study, announce)

    def plan(self, study: Study, budget: Budget | None = None, reduction: Reduction | None = None) -> Plan:
        """Check a study, and cut it into lane blocks that fit in memory."""
        return plan_on_threads(self, study, budget or Budget(), reduction)

    def run(
        self, plan: Plan, advance: Callable[[int], None] = lambda n: None
    ) -> Generator[LaneResult, None, None]:
        """Run lane blocks on threads."""
        return run_on_threads(plan, advance)

    def part(self, plan: Plan, items: NDArray[np.int64]) -> Plan:
        """Keep some lane blocks."""
        return replace(plan, groups=items_of(plan, items))

    def chunk_blocks(self, plan: Plan, workers: int) -> int:
        """As many as keep every thread of a worker busy, and small enough to be lost."""
        most = _CHUNK // (plan.node_steps // plan.n_planned * plan.lanes)
        return plan.threads * max(1, min(most, plan.n_block // (_PARTS * workers * plan.threads)))

    def variant(self, plan: Plan) -> Variant:
        """Name the model's text, the kernels' shape, the processor and its compiler."""
        return thread_variant(plan)

    def describe(self, plan: Plan) -> PlanDescription:
        """Say how many work items run at once, and the memory that they take."""
        threads = f"{plan.threads} thread{'s' if plan.threads > 1 else ''}"
        memory = f"memory: {format_bytes(plan.bytes_block * plan.at_once)}"
        return PlanDescription(f"{plan.lanes} at once on {threads}", (memory,))

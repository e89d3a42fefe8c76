"""A backend that computes nothing: samples follow from the numbers of work items, and calls are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import Budget, Plan, PlanDescription, Variant, items_of, room_for
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import Reduction, reduced
from rateloom.drivers.execution.sink import feed, finished
from rateloom.drivers.planning.checked_study import check_study
from rateloom.drivers.planning.study import Study


def samples_of(plan: Plan, items: NDArray[np.int64]) -> NDArray[Any]:
    """Samples (item, exposure, time, node): a wave whose amplitude is the work item's number."""
    n_node, dtype = plan.study.connectome.n_node, plan.study.settings.dtype
    phase = 0.3 * np.arange(plan.study.samples.n_sample)[:, None] + np.arange(n_node) ** 2
    amplitude = (1.0 + items + plan.study.first_item)[:, None, None, None]
    return (amplitude * np.broadcast_to(np.sin(phase), (1, len(plan.model.exposures), *phase.shape))).astype(
        dtype
    )


@dataclass(eq=False)
class FakeBackend:
    """See `rateloom.drivers.execution.backend.Backend`.

    Attributes
    ----------
    compiler : str
        What its variant says; another one makes other bits.
    calls : Counter
        How often it was opened, and each method called.
    """

    compiler: str = "none"
    calls: Counter[str] = field(default_factory=Counter)

    def open(self, number: int | None) -> FakeBackend:
        """Take the place of what a registry opens."""
        self.calls["open"] += 1
        return self

    @property
    def turn(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def calibrated(self, study: Study, announce: Callable[[str], None] | None = None) -> Study:
        self.calls["calibrated"] += 1
        return study

    def plan(self, study: Study, budget: Budget | None = None, reduction: Reduction | None = None) -> Plan:
        self.calls["plan"] += 1
        checked = check_study(study, 1, split=False)
        room = room_for(checked, budget or Budget(), reduction)
        lanes = study.settings.lanes or 4
        return Plan(**vars(checked), backend=self, lanes=lanes, bytes_result=room.result, reduction=reduction)

    def run(
        self, plan: Plan, advance: Callable[[int], None] = lambda n: None
    ) -> Generator[LaneResult, None, None]:
        self.calls["run"] += 1
        for _, items in plan.groups:
            for begin in range(0, len(items), plan.lanes):
                yield self._lane_block(plan, items[begin : begin + plan.lanes])
                advance(plan.node_steps // plan.n_block)

    def _lane_block(self, plan: Plan, items: NDArray[np.int64]) -> LaneResult:
        samples = samples_of(plan, items)
        sinks = [open_sink(items) for open_sink in plan.reduction.sinks] if plan.reduction else []
        feed(sinks, 0, np.ascontiguousarray(samples.transpose(1, 2, 3, 0)))
        if plan.reduction and plan.reduction.reduce is None:
            samples = samples[:, :, :0]
        return reduced(plan.reduction, LaneResult(items, samples, np.full(len(items), -1), finished(sinks)))

    def part(self, plan: Plan, items: NDArray[np.int64]) -> Plan:
        self.calls["part"] += 1
        return replace(plan, groups=items_of(plan, items))

    def chunk_blocks(self, plan: Plan, workers: int) -> int:
        return 1

    def variant(self, plan: Plan) -> Variant:
        return {"backend": "fake", "lanes": plan.lanes, "features": ["a", "b"], "compiler": self.compiler}

    def describe(self, plan: Plan) -> PlanDescription:
        return PlanDescription(f"{plan.lanes} at once, nowhere", ("memory: none",))

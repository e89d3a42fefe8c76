"""A device as a backend, whatever drives it: CUDA source, run in chunks that fit its memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import (
    Budget,
    Plan,
    PlanDescription,
    Variant,
    items_of,
    room_for,
)
from rateloom.drivers.execution.device import Device
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.model.artifact import CUDA
from rateloom.drivers.planning.checked_study import check_study
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.errors import InputError

from .device_plan import DevicePlan, plan_on_device
from .device_run import run_on_device
from .history_scales import RULE
from .kernel_shape import DEVICE_BLOCK, sizes_of

# A device's memory is planned for one part of a plan, and emulated threads share their state.
_TURN = threading.Lock()


@dataclass(frozen=True, eq=False)
class DeviceBackend:
    """Runs studies on a device that is open; see `rateloom.drivers.execution.backend.Backend`.

    Attributes
    ----------
    default_lanes : callable
        Work items of a lane block by how many there are.
    """

    device: Device
    default_lanes: Callable[[int], int]

    @property
    def turn(self) -> AbstractContextManager[Any]:
        """Parts of plans run one after another."""
        return _TURN

    def calibrated(self, study: Study, announce: Callable[[str], None] | None = None) -> Study:
        """Return the study as it is: the compiler says what suits a device."""
        return study

    def plan(self, study: Study, budget: Budget | None = None, reduction: Reduction | None = None) -> Plan:
        """Check a study, and plan for the device's memory and for what is left of the host's."""
        budget, settings = budget or Budget(), study.settings
        checked = check_study(study, settings.block or DEVICE_BLOCK, split=False)
        room = room_for(checked, budget, reduction)
        if CUDA not in study.code.texts:
            raise InputError(
                f"backend={settings.backend!r} runs CUDA source, and none was given with the model"
            )
        host_memory = room.left - (reduction.bytes_working if reduction else 0)
        _check_counts(study)
        sizes = sizes_of(checked, reduction)
        device_plan = plan_on_device(
            self.device, checked, sizes, self.default_lanes, host_memory, budget.memory
        )
        lanes = device_plan.groups[0].shape.lanes
        return Plan(
            **vars(checked),
            backend=self,
            lanes=lanes,
            bytes_result=room.result,
            reduction=reduction,
            own=device_plan,
        )

    def run(
        self, plan: Plan, advance: Callable[[int], None] = lambda n: None
    ) -> Generator[LaneResult, None, None]:
        """Run chunk after chunk on the device."""
        return run_on_device(plan, advance)

    def part(self, plan: Plan, items: NDArray[np.int64]) -> Plan:
        """Keep some lane blocks, and the shape of kernels that the whole plan has."""
        device_plan: DevicePlan = plan.own
        is_kept = np.zeros(plan.study.grid.n_item, bool)
        is_kept[items] = True
        groups = (replace(group, items=group.items[is_kept[group.items]]) for group in device_plan.groups)
        device_plan = replace(device_plan, groups=tuple(group for group in groups if group.items.size))
        return replace(plan, groups=items_of(plan, items), own=device_plan)

    def chunk_blocks(self, plan: Plan, workers: int) -> int:
        """As many as are on the device at once, or fewer, so that no worker is idle."""
        own: DevicePlan = plan.own
        return min(own.groups[0].items_at_once // plan.lanes, -(-plan.n_block // workers))

    def variant(self, plan: Plan) -> Variant:
        """Name the source, the shape that it is compiled for, and what compiles and runs it."""
        code, own = plan.study.code, plan.own
        return {
            "backend": plan.study.settings.backend,
            "model": code.model.hash,
            "generator": code.model.generator,
            "code": code.texts[CUDA].digest,
            "dtype": plan.study.settings.dtype,
            "lanes": plan.lanes,
            "blocks": sorted({group.shape.block for group in own.groups}),
            "shapes": sorted({repr(group.shape) for group in own.groups}),
            **({"history_scales": RULE} if plan.study.settings.history_dtype == "float16" else {}),
            **self.device.toolchain(),
        }

    def describe(self, plan: Plan) -> PlanDescription:
        """Say how much of the device is taken, and in how many chunks."""
        return PlanDescription(f"in lane blocks of {plan.lanes}", plan.own.lines)


def _check_counts(study: Study) -> None:
    """Raise InputError if kernels cannot count the steps of a run or a window, or the traversals of these."""
    settings, traversals = study.settings, study.code.counts.traversals
    counts = ((study.samples.end_step, 2**32, "duration"), (study.samples.window, 2**31, "period"))
    for count, most, name in counts:
        if count * traversals >= most:
            raise InputError(
                f"{name}: {count} steps of {settings.integrator} are more than a device's kernels count"
            )

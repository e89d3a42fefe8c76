"""The interface of what runs studies: it plans, runs plans or parts of them, and says what bits depend on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.edges import edges_of
from rateloom.drivers.planning.checked_study import CheckedStudy
from rateloom.drivers.planning.parameters import SPEED
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes

from .lane_result import LaneResult
from .reduction import Reduction

# What a plan's bits depend on, by name: texts, numbers and lists of them.
Variant = Mapping[str, Any]


@dataclass(frozen=True)
class Budget:
    """Memory that a plan may take.

    Attributes
    ----------
    memory : int, optional
        In bytes; half of what is free by default.
    keep_result : bool
        Whether the whole result has to fit in memory too.
    """

    memory: int | None = None
    keep_result: bool = True


@dataclass(frozen=True, eq=False)
class Plan(CheckedStudy):
    """A checked study, and how a backend runs it.

    Attributes
    ----------
    backend : Backend
        What made the plan, and runs it.
    lanes : int
        Work items in a lane block.
    bytes_result : int
        What the whole result takes.
    reduction : Reduction, optional
        What samples are reduced to.
    threads, at_once : int
        Lane blocks that are running on threads of the processor, and that are in memory, at once.
    bytes_block : int
        Memory of the processor that one of these takes.
    own : object
        What the backend alone knows of.
    """

    backend: Backend
    lanes: int
    bytes_result: int
    reduction: Reduction | None = None
    threads: int = 1
    at_once: int = 1
    bytes_block: int = 0
    own: Any = None

    @property
    def n_block(self) -> int:
        """Number of lane blocks."""
        return sum(-(-len(items) // self.lanes) for _, items in self.groups)


@dataclass(frozen=True)
class PlanDescription:
    """The description of a plan for users: how work items are grouped, and their memory, in lines."""

    lanes: str
    memory: tuple[str, ...]


class Backend(Protocol):
    """Something that runs studies: the processor, a GPU, or what is made up for a test."""

    @property
    def turn(self) -> AbstractContextManager[Any]:
        """Is entered to run a part of a plan beside others: where one has to wait for another, it waits."""

    def calibrated(self, study: Study, announce: Callable[[str], None] | None = None) -> Study:
        """Return the study with the kernels' shape that is fastest for it, where that is worth measuring."""

    def plan(self, study: Study, budget: Budget | None = None, reduction: Reduction | None = None) -> Plan:
        """Check a study and decide how to run it.

        Raises
        ------
        InputError
            If anything given cannot be used, or the study does not fit in memory.
        """

    def run(
        self, plan: Plan, advance: Callable[[int], None] = lambda n: None
    ) -> Generator[LaneResult, None, None]:
        """Yield the results of lane blocks as they are finished, in any order.

        `advance` is told the number of node-steps done, from any thread. Closing the generator ends the run.
        """

    def part(self, plan: Plan, items: NDArray[np.int64]) -> Plan:
        """Return what a plan does with some work items, which are those of whole lane blocks."""

    def chunk_blocks(self, plan: Plan, workers: int) -> int:
        """Lane blocks that each of several workers should be given at once."""

    def variant(self, plan: Plan) -> Variant:
        """Name everything that a bit of the results depends on, in terms that JSON holds."""

    def describe(self, plan: Plan) -> PlanDescription:
        """Say how a plan will be run."""


@dataclass(frozen=True)
class Room:
    """Memory on the host that a plan has, in bytes: a work item's samples, the result, and what is left."""

    samples: int
    result: int
    left: int


def bytes_of_result(study: Study, reduction: Reduction | None) -> int:
    """Memory that the whole result of a study takes, however it is run."""
    series = (reduction.bytes_item if reduction else _bytes_of_samples(study)) * study.grid.n_item
    return series + bytes_of_states(study, reduction)


def bytes_of_states(study: Study, reduction: Reduction | None) -> int:
    """Memory that the states take in which work items end, if they are kept."""
    if not study.keep_state:
        return 0
    counts, real = study.code.counts, np.dtype(study.settings.dtype).itemsize
    speed = float(np.min(study.grid.swept.get(SPEED, study.settings.speed)))
    edges = edges_of(study.connectome, speed, study.settings.dt)
    n_back = int(edges.delay.max(initial=0)) + 1
    rows = counts.state_rows + counts.sum_rows + counts.factors * n_back
    item = rows * study.connectome.n_node * real + (reduction.bytes_state if reduction else 0)
    return item * study.grid.n_item


def check_result(study: Study, budget: Budget, reduction: Reduction | None) -> int:
    """Return the memory that the result of a study leaves; nothing has to be planned for that.

    Raises
    ------
    InputError
        If the result does not fit.
    """
    memory = available_memory() // 2 if budget.memory is None else budget.memory
    result, states = bytes_of_result(study, reduction), bytes_of_states(study, reduction)
    # states are written when all are there
    left = memory - (result if budget.keep_result else states)
    if states > memory:
        raise InputError(
            f"the states in which {study.grid.n_item} work items end take {format_bytes(states)} and "
            f"{format_bytes(memory)} may be used; sweep fewer values, or do not keep them (keep_state)"
        )
    if left < 0:
        raise InputError(
            f"the result takes {format_bytes(result)} and {format_bytes(memory)} may be used; "
            "write it to disk (out=, --out), keep fewer samples (period) or sweep fewer values"
        )
    return left


def room_for(checked: CheckedStudy, budget: Budget, reduction: Reduction | None) -> Room:
    """Share memory out.

    Raises
    ------
    InputError
        If the result does not fit.
    """
    study = checked.study
    left = check_result(study, budget, reduction)
    return Room(_bytes_of_samples(study), bytes_of_result(study, reduction), left)


def _bytes_of_samples(study: Study) -> int:
    """Memory that the samples of a work item take."""
    itemsize = np.dtype(study.settings.dtype).itemsize
    return len(study.code.model.exposures) * study.samples.n_sample * study.connectome.n_node * itemsize


def of_group(plan: Plan, items: NDArray[np.int64]) -> Plan:
    """Return the plan with the reduction of work items that share a connectome."""
    if plan.reduction is None or plan.reduction.of_items is None:
        return plan
    return replace(plan, reduction=plan.reduction.of_items(items))


def items_of(plan: Plan, items: NDArray[np.int64]) -> list[tuple[Any, NDArray[np.int64]]]:
    """The groups of a plan with these work items alone, in their order."""
    is_planned = np.zeros(plan.study.grid.n_item, bool)
    is_planned[items] = True
    groups = [(wiring, group_items[is_planned[group_items]]) for wiring, group_items in plan.groups]
    return [(wiring, group_items) for wiring, group_items in groups if group_items.size]

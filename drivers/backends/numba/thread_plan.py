"""The plan of a study on threads of the processor: lane blocks that fit in memory."""

from __future__ import annotations

import numpy as np

from rateloom.drivers.execution.backend import Backend, Budget, Plan, Room, room_for
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.planning.checked_study import CheckedStudy, check_study
from rateloom.drivers.planning.settings import LANES
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import format_bytes

from .lane_block import samples_at_once, segment_steps

# work items in a lane block, where there are as many: the history of more leaves the caches
_LANES = 16


def plan_on_threads(backend: Backend, study: Study, budget: Budget, reduction: Reduction | None) -> Plan:
    """Check a study and decide how to run it; see `Backend.plan`."""
    settings = study.settings
    checked = check_study(study, settings.block, split=True)
    room = room_for(checked, budget, reduction)
    lanes = settings.lanes or _lanes(max(len(items) for _, items in checked.groups))
    block = _block_bytes(checked, room, lanes, reduction)
    if block > room.left:
        raise InputError(
            f"{lanes} work items at once take {format_bytes(block)} and {format_bytes(room.left)} is left; "
            "allow more memory, keep fewer samples (period) or fewer lanes"
        )
    blocks = sum(-(-len(items) // lanes) for _, items in checked.groups)
    threads = min(settings.n_thread, blocks, room.left // block)
    return Plan(
        **vars(checked),
        backend=backend,
        lanes=lanes,
        bytes_result=room.result,
        reduction=reduction,
        threads=threads,
        # one finished block may wait to be stored while the threads go on
        at_once=min(threads + 1, room.left // block, blocks),
        bytes_block=block,
    )


def _block_bytes(checked: CheckedStudy, room: Room, lanes: int, reduction: Reduction | None) -> int:
    """Memory that a lane block takes."""
    study, groups = checked.study, checked.groups
    n_sample, n_node, counts = study.samples.n_sample, study.connectome.n_node, study.code.counts
    # sums over edges take up to two blocks of steps, where sources go in tiles and edges are short
    ring = max(w.horizon + 3 * w.block for w, _ in groups) * counts.factors
    rows = ring + len(checked.model.states) + counts.state_rows + counts.sum_rows
    work = lanes * n_node * int(np.dtype(study.settings.dtype).itemsize) * rows
    samples = max(samples_at_once(study.samples, segment_steps(n_node, lanes, w.block)) for w, _ in groups)
    if reduction is None or reduction.reduce is not None:
        samples += n_sample
    lane = samples * (room.samples // n_sample) + (reduction.bytes_lane if reduction else 0)
    return work + lanes * lane + (reduction.bytes_working if reduction else 0)


def _lanes(n_item: int) -> int:
    """As many lanes as there are work items, up to a full set; several nodes share what is left."""
    return next(lanes for lanes in LANES if lanes >= min(n_item, _LANES))

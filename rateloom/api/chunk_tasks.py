"""Tasks of other processes: the order that describes a study, and a chunk of it that is simulated."""

from __future__ import annotations

import functools
import hashlib
import json
import socket
import threading
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.api.jobs import saved_job
from rateloom.api.setup import Run
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.runs.ranks import own_device, own_threads, ranks
from rateloom.drivers.studies.chunks import run_chunk
from rateloom.drivers.studies.job import planned
from rateloom.drivers.studies.plan_arrays import Arrays
from rateloom.drivers.studies.plan_difference import difference
from rateloom.drivers.studies.plan_record import saved_of
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory

# Threads of one worker that plan the same study would compile its kernels side by side.
_PLANNING = threading.Lock()


@dataclass(frozen=True)
class StudyOrder:
    """All that a study takes, as its directory holds it.

    Attributes
    ----------
    key : str
        What it is known by: two orders of one key are the same.
    record, arrays
        The contents of ``plan.json`` and ``given.npz``.
    threads, device, memory : int, optional
        For each process, where the user says so.
    """

    key: str
    record: dict[str, Any] = field(compare=False)
    arrays: Arrays = field(compare=False)
    threads: int | None = None
    device: int | None = None
    memory: int | None = None


def order_of(record: dict[str, Any], arrays: Arrays, settings: Settings, memory: int | None) -> StudyOrder:
    """Return the order that other processes get; the record holds digests of the arrays."""
    key = hashlib.sha256(json.dumps(record).encode()).hexdigest()
    return StudyOrder(key, record, arrays, settings.threads, settings.device, memory)


def run_task(order: StudyOrder, items: NDArray[np.int64]) -> LaneResult:
    """Simulate a chunk of a study; the first one of a process plans the study and compiles its kernels.

    Raises
    ------
    InputError
        If this machine would give other results than the one that the study was begun on.
    """
    with _PLANNING:
        plan = _plan_of(order)  # warnings are left out: the process that was started issues them
    with plan.backend.turn:
        return run_chunk(plan, items)


def own_settings(settings: Settings) -> Settings:
    """Cores and GPU of this process: those of a rank under MPI, otherwise one core unless told so."""
    rank = ranks()
    if rank is None:
        return replace(settings, threads=settings.threads or 1)
    return own_threads(rank, own_device(rank, settings))


@functools.lru_cache(maxsize=2)
def _plan_of(order: StudyOrder) -> Plan:
    saved = saved_of(order.record, order.arrays)
    settings = own_settings(replace(saved.settings, threads=order.threads, device=order.device))
    rank = ranks()
    memory = order.memory or available_memory() // 2 // (rank.local_size if rank else 1)
    plan, _, record, _ = planned(saved_job(saved, settings, Run(memory)))
    if changes := difference(order.record, record):
        raise InputError(f"worker {socket.gethostname()}: it would give other results: {changes}")
    return plan

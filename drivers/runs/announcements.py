"""What is told before and during a run: what it will do, and how long the rest will take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from rateloom.drivers.execution.backend import Plan, bytes_of_states
from rateloom.drivers.support.memory import format_bytes

# seconds of running that an estimate is made from
_ESTIMATE_AFTER = 1.0


def announced(
    plan: Plan,
    n_volume: int | None,
    advance: Callable[[float], None],
    announce: Callable[[str], None] | None,
    given: int = 0,
) -> Callable[[int], None]:
    """Say what a run will do, if there is somebody to tell, and return what is told of its progress.

    Parameters
    ----------
    n_volume : int, optional
        Number of volumes, where BOLD signals are made of the samples.
    advance : callable
        Told how many node-steps were done.
    given : int
        See `plan_lines`.
    """
    if announce is None:
        return advance
    for line in plan_lines(plan, n_volume, given):
        announce(line)
    return _with_estimate(advance, plan.node_steps, announce)


def plan_lines(plan: Plan, n_volume: int | None = None, given: int = 0) -> list[str]:
    """Say what a run will do: work items, steps and memory.

    Parameters
    ----------
    n_volume : int, optional
        Number of volumes, where BOLD signals are made of the samples.
    given : int
        Bytes of what was given, where that is kept beside the result.
    """
    study, s = plan.study, plan.study.settings
    axes = " x ".join(f"{a.name} ({a.values.size})" for a in study.grid.axes) or "one simulation"
    described = plan.backend.describe(plan)
    *memory, last = described.memory
    beside = f", and {format_bytes(given)} of what was given" if given else ""
    kept = f"samples: {study.samples.n_sample}"
    if n_volume is not None:
        kept = f"volumes: {n_volume}, of {study.samples.n_sample} samples"
    connectome = study.connectome.name or "a connectome"
    if study.subjects:
        connectome = f"{len(study.subjects)} connectomes"
    return [
        f"{plan.model.name} on {connectome}, {study.connectome.n_node} nodes",
        f"work items: {study.grid.n_item} = {axes}, {described.lanes}",
        f"steps: {s.n_step} of {s.dt:g} ms ({s.integrator}, {s.dtype}); {kept}",
        *memory,
        f"{last}; result: {format_bytes(plan.bytes_result)}{_of_states(plan)}{beside}",
    ]


def _of_states(plan: Plan) -> str:
    """Say how much of a result are the states in which its work items end."""
    states = bytes_of_states(plan.study, plan.reduction)
    return f", {format_bytes(states)} of it final states" if states else ""


def _with_estimate(
    advance: Callable[[int], None], total: int, announce: Callable[[str], None]
) -> Callable[[int], None]:
    """Say once how long the rest will take, from the rate after the first, compiled segment."""
    lock, done, is_announced = threading.Lock(), [0, 0.0, 0], threading.Event()

    def advance_and_estimate(node_steps: int) -> None:
        advance(node_steps)
        if is_announced.is_set():
            return
        with lock:
            now = time.perf_counter()
            done[0] += node_steps
            if not done[1]:
                done[1:] = now, done[0]
            elif now - done[1] > _ESTIMATE_AFTER and not is_announced.is_set():
                is_announced.set()
                seconds_left = (total - done[0]) * (now - done[1]) / (done[0] - done[2])
                announce(f"estimated time left: {timedelta(seconds=round(seconds_left))}")

    return advance_and_estimate

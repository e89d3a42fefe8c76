"""Lane blocks of a plan, run on threads of the processor; results are handed on as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.tiles import in_tiles
from rateloom.drivers.connectome.wiring import Wiring, visits_of
from rateloom.drivers.execution.backend import Plan, of_group
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import reduced
from rateloom.drivers.model.states import initial_states
from rateloom.drivers.planning.parameters import lane_parameters
from rateloom.drivers.support.external_errors import external_error
from rateloom.drivers.support.threads import DaemonThreads

from .kernels import Kernels, build_kernels, module_of, node_width
from .lane_block import LaneBlock, run_lane_block


def run_on_threads(
    plan: Plan, advance: Callable[[int], None] = lambda n: None
) -> Generator[LaneResult, None, None]:
    """Run a plan, yielding the results of lane blocks as they are finished, in any order.

    Parameters
    ----------
    advance : callable
        Told the number of node-steps done, from any thread.

    Closing the generator stops the threads, without waiting for them to notice.
    """
    stop = threading.Event()

    def tick(node_steps: int) -> bool:
        advance(node_steps)
        return not stop.is_set()

    tasks = _tasks(plan, tick)
    pool = DaemonThreads(plan.threads)
    pending: set[Future[LaneResult | None]] = set()
    try:
        for task in tasks:
            pending.add(pool.submit(task))
            while len(pending) >= plan.at_once:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (r for r in (f.result() for f in finished) if r is not None)
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (r for r in (f.result() for f in finished) if r is not None)
    finally:
        stop.set()
        # whoever interrupts a run is not kept waiting for a kernel that is being compiled
        pool.shutdown(wait=False, cancel_futures=True)


def _tasks(plan: Plan, tick: Callable[[int], bool]) -> Iterator[Callable[[], LaneResult | None]]:
    """One call for each lane block, with its kernels."""
    s = plan.study.settings
    width = node_width(plan.lanes)
    for wiring, items in plan.groups:
        kernels = build_kernels(
            plan.study.code, s.dtype, plan.lanes, width, wiring.block, s.noise, s.integrator
        )
        if plan.study.code.counts.sums:
            slots = wiring.horizon + wiring.block
            wiring = in_tiles(wiring, slots * plan.lanes * np.dtype(s.dtype).itemsize)
        visits, own_plan = visits_of(wiring, width), of_group(plan, items)
        for begin in range(0, len(items), plan.lanes):
            yield _task(own_plan, kernels, wiring, visits, items[begin : begin + plan.lanes], tick)


def _task(
    plan: Plan,
    kernels: Kernels,
    wiring: Wiring,
    visits: NDArray[np.int64],
    items: NDArray[np.int64],
    tick: Callable[[int], bool],
) -> Callable[[], LaneResult | None]:
    study = plan.study

    def run() -> LaneResult | None:
        n_node, start_seed, numbers = study.connectome.n_node, study.seed_of(items), study.numbers_of(items)
        if plan.history is None:
            states = initial_states(plan.model, plan.initial, start_seed, numbers, n_node)
        else:
            states = np.repeat(plan.history[-1][:, :, None], len(items), axis=2)
        parameters = lane_parameters(plan.table, study.grid, items, study.settings.dtype)
        reduction, continued = plan.reduction, study.continued
        start = LaneBlock(
            items, start_seed, numbers, parameters, states, plan.history,
            continued=None if continued is None else continued.of(items),
            keep_state=study.keep_state,
            sinks=[open_sink(items) for open_sink in reduction.sinks] if reduction else [],
            store_samples=reduction is None or reduction.reduce is not None,
        )  # fmt: skip
        try:
            result = run_lane_block(
                kernels, wiring, visits, plan.inputs, start, study.settings, study.samples, tick
            )
        except Exception as problem:
            explained = external_error(module_of(study.code), plan.model.name, problem)
            if explained is None:
                raise
            raise explained from None
        return result and reduced(reduction, result)

    return run

"""A plan in chunks: lane blocks of one delay pattern, simulated in other processes as well as in this one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult

from .item_tables import StoppedError

Items = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Place:
    """A place where chunks run.

    Attributes
    ----------
    submit : callable
        Takes the work items of a chunk and promises what came of them.
    width : callable
        How many chunks it simulates at the same time, now.
    ahead : int
        For each of these, chunks that it is given ahead, so that it need not wait for the next one.
    lost : tuple of exceptions
        What says that the place is gone, or has given a chunk up.
    """

    submit: Callable[[Items], Future[LaneResult]]
    width: Callable[[], int]
    ahead: int = 0
    lost: tuple[type[BaseException], ...] = (CancelledError,)


def chunks_of(plan: Plan, workers: int) -> Iterator[Items]:
    """Cut a plan into chunks: whole lane blocks, which are those of a run in one process.

    Parameters
    ----------
    workers : int
        How many chunks are simulated at the same time.
    """
    blocks_chunk = plan.backend.chunk_blocks(plan, workers)
    for _, items in plan.groups:
        for begin in range(0, len(items), blocks_chunk * plan.lanes):
            yield items[begin : begin + blocks_chunk * plan.lanes]


def run_chunk(plan: Plan, items: Items) -> LaneResult:
    """Simulate the work items of a chunk, in this process."""
    return joined(list(plan.backend.run(plan.backend.part(plan, items))))


def joined(results: Sequence[LaneResult]) -> LaneResult:
    """Results of several lane blocks as one."""
    measures = {
        name: np.concatenate([result.measures[name] for result in results]) for name in results[0].measures
    }
    return LaneResult(
        np.concatenate([result.items for result in results]),
        np.concatenate([result.samples for result in results]),
        np.concatenate([result.diverged_step for result in results]),
        measures,
    )


def run_in_chunks(
    plan: Plan, places: Sequence[Place], advance: Callable[[int], None] = lambda n: None
) -> Generator[LaneResult, None, None]:
    """Run a plan at several places, yielding results as they come: all that have come by then as one.

    Parameters
    ----------
    advance : callable
        Told the number of node-steps done.

    Raises
    ------
    StoppedError
        If a place is lost.

    Closing the generator takes back what is not begun.
    """
    node_steps_item = plan.node_steps // plan.n_planned
    chunks = chunks_of(plan, max(1, sum(place.width() for place in places)))
    pending: dict[Future[LaneResult], Place] = {}
    try:
        _fill(chunks, places, pending)
        while pending:
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            results, problem = _results_of({future: pending.pop(future) for future in finished})
            # what came along with a loss is kept, too
            if results:
                result = joined(results)
                advance(node_steps_item * len(result.items))
                yield result
            if problem is not None:
                raise problem
            _fill(chunks, places, pending)
    finally:
        for future in pending:
            future.cancel()


def _fill(chunks: Iterator[Items], places: Sequence[Place], pending: dict[Future[LaneResult], Place]) -> None:
    """Give every place as much as it can do."""
    for place in places:
        under_way = sum(busy_place is place for busy_place in pending.values())
        for items in islice(chunks, max(0, place.width() * (1 + place.ahead) - under_way)):
            # an executor that was shut down raises a RuntimeError
            with _as_stopped((*place.lost, RuntimeError)):
                future = place.submit(items)
            pending[future] = place


def _results_of(finished: Mapping[Future[LaneResult], Place]) -> tuple[list[LaneResult], Exception | None]:
    """Return the results of finished chunks, and the errors of the others."""
    results, problem = [], None
    for future, place in finished.items():
        try:
            with _as_stopped(place.lost):
                results.append(future.result())
        except Exception as one:
            problem = problem or one
    return results, problem


@contextmanager
def _as_stopped(lost: tuple[type[BaseException], ...]) -> Iterator[None]:
    """Say in one line that a place is lost."""
    try:
        yield
    except lost as problem:
        message = " ".join(str(problem).split()) or type(problem).__name__
        raise StoppedError(
            f"workers were lost ({message[:300]}); what is done stays, go on with: rateloom sweep --resume"
        ) from None

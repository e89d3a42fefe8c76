"""Executors of a study's chunks: this process, processes under MPI, Dask, or an executor of the user's."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from rateloom.api.chunk_tasks import StudyOrder, order_of, run_task
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.studies.chunks import Place, run_chunk, run_in_chunks
from rateloom.drivers.studies.plan_arrays import Arrays
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.threads import DaemonThreads
from rateloom.drivers.terminal.request import check_executor, is_here

# Seconds to wait for a scheduler to answer.
_PATIENCE = 10.0

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Workers:
    """Processes that run chunks.

    Attributes
    ----------
    executor : concurrent.futures.Executor
        What takes the chunks.
    width : callable
        How many chunks they simulate at the same time, now.
    here : bool
        Whether this process simulates, too.
    share : callable
        What is handed over with each chunk, made of the order.
    lost : tuple of exceptions
        What says that the workers are gone.
    """

    executor: Executor
    width: Callable[[], int]
    here: bool = False
    share: Callable[[StudyOrder], Any] = lambda order: order
    lost: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError)

    def run(
        self,
        plan: Plan,
        record: dict[str, Any],
        arrays: Arrays,
        advance: Callable[[int], None],
        memory: int | None = None,
    ) -> Generator[LaneResult, None, None]:
        """Run a plan; see `rateloom.drivers.studies.chunks.run_in_chunks`."""
        settings = plan.study.settings
        handed = self.share(order_of(record, arrays, settings, memory))
        places = [
            Place(lambda items: self.executor.submit(run_task, handed, items), self.width, 1, self.lost)
        ]
        own = DaemonThreads(1)
        if self.here:
            places.insert(0, Place(lambda items: own.submit(run_chunk, plan, items), lambda: 1))
        try:
            yield from run_in_chunks(plan, places, advance)
        finally:
            own.shutdown(wait=False, cancel_futures=True)


def with_workers(executor: object, scheduler: object, work: Callable[[Workers | None], T]) -> T:
    """Do something with the workers that are asked for; with none, if this process does it alone.

    Under MPI every rank calls this: the first one does the work, the others run its chunks, and all of them
    return, or raise, what came of it.
    """
    if isinstance(executor, Workers):
        return work(executor)
    check_executor(executor, scheduler)
    if is_here(executor):
        return work(None)
    if executor == "mpi":
        return _with_ranks(work)
    if executor == "dask":
        with _dask_workers(scheduler) as workers:
            return work(workers)
    assert isinstance(executor, Executor)
    return work(Workers(executor, lambda: int(getattr(executor, "num_workers", os.cpu_count() or 1))))


@contextmanager
def mpi_workers() -> Iterator[Workers | None]:
    """The other ranks as workers of the first one; on these nothing is yielded once there is no more to do.

    Raises
    ------
    InputError
        If there is one rank only.
    """
    check_executor("mpi", None)
    comm, futures = import_module("mpi4py.MPI").COMM_WORLD, import_module("mpi4py.futures")
    if comm.Get_size() < 2:
        raise InputError(
            "executor mpi: this is the only rank; start several with the mpirun of mpi4py's MPI, as in: "
            "mpirun -n 4 rateloom sweep ... --executor mpi"
        )
    with futures.MPICommExecutor(comm) as pool:
        yield None if pool is None else Workers(pool, lambda: comm.Get_size() - 1, here=True)


def _with_ranks(work: Callable[[Workers | None], T]) -> T:
    value: Any = None
    error: Exception | None = None
    with mpi_workers() as workers:
        if workers is not None:
            try:
                value = work(workers)
            except Exception as problem:
                error = problem
    # started with python -m mpi4py.futures, the others run no script: there is nobody to tell
    if getattr(import_module("mpi4py.futures._core"), "SharedPool", None) is None:
        value, error = import_module("mpi4py.MPI").COMM_WORLD.bcast((value, error))
    if error is not None:
        raise error
    result: T = value
    return result


@contextmanager
def _dask_workers(scheduler: Any) -> Iterator[Workers]:
    """The workers of a Dask scheduler: an address, a scheduler file, a cluster or a client."""
    distributed = import_module("distributed")
    if isinstance(scheduler, distributed.Client):
        yield _workers_of(scheduler)
        return
    try:
        is_file = isinstance(scheduler, (str, os.PathLike)) and Path(scheduler).is_file()
        place = {"scheduler_file": str(scheduler)} if is_file else {"address": scheduler}
        # nothing else in this process is to be computed by it
        client = distributed.Client(**place, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as problem:
        raise InputError(
            f"no scheduler of Dask answers at {shown(scheduler)} ({' '.join(str(problem).split())}); "
            "start one with: dask scheduler"
        ) from None
    with client:
        yield _workers_of(client)


def _workers_of(client: Any) -> Workers:
    """A client's workers: what a lost one had begun, the scheduler gives to another."""
    killed = import_module("distributed").KilledWorker
    return Workers(
        client.get_executor(pure=False),
        lambda: max(1, sum(client.nthreads().values())),
        # sent to each worker once, and made again if the workers that have it are lost
        share=lambda order: client.submit(_same, order, key=f"rateloom-{order.key}"),
        lost=(CancelledError, killed),
    )


def _same(order: StudyOrder) -> StudyOrder:
    return order

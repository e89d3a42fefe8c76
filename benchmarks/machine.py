"""Measure what this machine can do at most, through the compiler that the kernels go through.

    python benchmarks/machine.py --out machine.json
    rateloom show montbrio --cost --machine machine.json

Peak rates of multiply-adds, divisions and square roots in both precisions, and the bandwidth at which each
level of the memory is read: by one thread, and by one a core. Each figure is the best of some rounds, in the
threads' own time: what the machine can do, not what it does while it is busy with something else.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import llvmlite.binding
import numba
import numpy as np
import typer
from numpy.typing import NDArray
from processes import processor
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rateloom.api.machines import THREADS, Level, Machine, Rates, machine_text
from rateloom.drivers.support.processors import usable_cores

_OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
# values that operations run on: 16 kB at most, so that they stay in the first cache
_VALUES = 2048
_CHAIN = 16
_LINE = 64
_SECONDS = 0.02
_ROUNDS = 30
_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
# where the system does not say: what is usual
_USUAL = (("L1", 32 << 10, False), ("L2", 1 << 20, False), ("L3", 32 << 20, True))


@numba.njit(**_OPTIONS)
def multiply_adds(x, factor, summand, times):
    """Sixteen multiply-adds on each value: they depend on each other, neighbouring values do not."""
    for _ in range(times):
        for i in range(x.size):
            v = x[i]
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            v = v * factor + summand
            x[i] = v


@numba.njit(**_OPTIONS)
def divisions(x, factor, summand, times):
    """Divide each value."""
    for _ in range(times):
        for i in range(x.size):
            x[i] = factor / x[i]


@numba.njit(**_OPTIONS)
def roots(x, factor, summand, times):
    """Take the root of each value."""
    for _ in range(times):
        for i in range(x.size):
            x[i] = np.sqrt(x[i])


@numba.njit(nogil=True, fastmath=True)
def read(x, times):
    """Add up all values, in four streams."""
    quarter = x.size // 4
    a, b, c, d = x[:quarter], x[quarter : 2 * quarter], x[2 * quarter : 3 * quarter], x[3 * quarter :]
    total = x[0]
    for _ in range(times):
        for i in range(quarter):
            total += (a[i] + b[i]) + (c[i] + d[i])
    return total


def main(
    out: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure, print, and write a file if asked.

    Example: python benchmarks/machine.py --out machine.json
    """
    if out is not None and not out.parent.is_dir():
        message = f"error: --out {out}: there is no folder {out.parent}"
        Console(stderr=True).print(message, markup=False, soft_wrap=True)
        raise typer.Exit(1)
    console = Console()
    machine = measure(console)
    console.print(table(machine))
    if out is not None:
        unfinished = out.with_name(out.name + ".part")
        unfinished.write_text(machine_text(machine), encoding="utf-8")
        unfinished.replace(out)
        console.print(f"wrote {out}")


def measure(console: Console) -> Machine:
    """Measure this machine."""
    cores = usable_cores()
    threads = dict(zip(THREADS, (1, cores), strict=True))
    rates: dict[str, dict[str, Rates]] = {}
    for dtype in track(("float32", "float64"), "rates", console=console, disable=not console.is_terminal):
        rates[dtype] = {name: _rates(dtype, n) for name, n in threads.items()}
    caches = cache_sizes()
    levels = [
        Level(
            name,
            size,
            shared,
            {t: _bandwidth(5 * size // 8 // (n if shared else 1), n) for t, n in threads.items()},
        )
        for name, size, shared in track(caches, "caches", console=console, disable=not console.is_terminal)
    ]
    beyond = 4 * caches[-1][1]
    memory = {t: _bandwidth(beyond // n, n) for t, n in threads.items()}
    return Machine(
        processor=processor(),
        compiler=f"numba {numba.__version__}, {llvmlite.binding.get_host_cpu_name()}",
        date=datetime.date.today().isoformat(),
        cores=cores,
        rates=rates,
        levels=(*levels, Level("memory", 0, True, memory)),
    )


def _rates(dtype: str, threads: int) -> Rates:
    """Measure the operations of a precision."""

    def rate(kernel: Any, operations: int) -> float:
        real = np.dtype(dtype).type
        arrays = [_ones(_VALUES, dtype) for _ in range(threads)]

        def job(thread: int, times: int) -> None:
            kernel(arrays[thread], real(0.75), real(0.25), times)

        return operations * _VALUES * best_rate(job, threads)

    return Rates(rate(multiply_adds, _CHAIN), rate(divisions, 1), rate(roots, 1))


def _bandwidth(size: int, threads: int) -> float:
    """Measure bytes read a second, each thread from its own array of `size` bytes."""
    # a few lines more, so that the four streams do not all fall on the same sets of a cache
    arrays = [_ones(size // 4 + 4 * 80, "float32") for _ in range(threads)]
    return arrays[0].nbytes * best_rate(lambda thread, times: read(arrays[thread], times), threads)


def _ones(count: int, dtype: str) -> NDArray[Any]:
    """Make an array that starts with a cache line: a vector that lies in two lines is read twice."""
    room = np.ones(count + _LINE, dtype)
    start = -room.ctypes.data % _LINE // room.itemsize
    return room[start : start + count]


def best_rate(job: Callable[[int, int], Any], threads: int) -> float:
    """Return how often a second a job is done, by all threads together.

    Parameters
    ----------
    job : callable
        Takes the number of a thread and how many times to do it.
    """

    def seconds(thread: int, times: int) -> float:
        # the thread's own time, so that a busy machine does not look like a slow one
        start = time.thread_time()
        job(thread, times)
        return time.thread_time() - start

    seconds(0, 1)
    times = 1
    while (spent := seconds(0, times)) < _SECONDS / 2:
        times = max(2 * times, int(times * _SECONDS / max(spent, 1e-9) / 2))
    with ThreadPoolExecutor(threads) as pool:
        rounds = [list(pool.map(seconds, range(threads), [times] * threads)) for _ in range(_ROUNDS)]
    return max(sum(times / spent for spent in one) for one in rounds)


def cache_sizes(folder: Path = _CACHES) -> list[tuple[str, int, bool]]:
    """Name, size in bytes of each level of the cache, and whether cores share it."""
    found = []
    for index in sorted(folder.glob("index[0-9]*")):
        try:
            kind = (index / "type").read_text().strip()
            level = (index / "level").read_text().strip()
            size = (index / "size").read_text().strip()
        except OSError:
            continue
        if kind != "Instruction" and size.endswith("K"):
            found.append((f"L{level}", int(size[:-1]) << 10, int(level) > 2))
    return sorted(found) or list(_USUAL)


def table(machine: Machine) -> Table:
    """Lay out the figures."""
    shown = Table(
        title=f"{machine.processor}, {machine.cores} cores ({machine.compiler})", title_justify="left"
    )
    for heading in ("at most", "one thread", "all threads"):
        shown.add_column(heading, justify="left" if heading == "at most" else "right")
    for dtype, by_threads in machine.rates.items():
        for name, words in (
            ("multiply_add", "multiply-adds"),
            ("division", "divisions"),
            ("root", "square roots"),
        ):
            shown.add_row(
                f"{words}, {dtype} (1e9/s)", *(f"{getattr(by_threads[t], name) / 1e9:.2f}" for t in THREADS)
            )
    for level in machine.levels:
        size = f" ({level.size >> 10} kB)" if level.size else ""
        shown.add_row(
            f"reading {level.name}{size} (GB/s)", *(f"{level.bandwidth[t] / 1e9:.1f}" for t in THREADS)
        )
    return shown


if __name__ == "__main__":
    typer.run(main)

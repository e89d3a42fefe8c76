"""Strong and weak scaling of simulation and analysis over processes.

``python benchmarks/processes_scaling.py --out docs`` takes three minutes on two cores.

Each process simulates chunks on one thread; one more process hands them out. Strong: the same work items on
more processes. Weak: as many times the work items as there are processes. Beside what is measured stands what
a dry run of the sweep extrapolates from one lane block.
"""

from __future__ import annotations

import json
import statistics
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import typer
from figures import save
from matplotlib.figure import Figure
from processes import this_machine
from report import check_folder, machine_line, markdown_table, table, write_section
from rich.console import Console
from rich.progress import track

import rateloom
from rateloom.drivers.support.files import write_whole

MODEL = "zerlaut_second_order"
LANES = 16
HOW: dict[str, Any] = {
    "connectome": "tvb68", "duration": 2000.0, "dt": 0.1, "keep": "measures", "lanes": LANES, "block": 16,
}  # fmt: skip
# One measure that is made in one pass stands for simulation alone; all of them are what a study takes.
KINDS: dict[str, dict[str, Any]] = {"simulation": {"measures": ["mean_FR"]}, "with analysis": {}}
HEADINGS = ("", "scaling", "processes", "work items", "seconds", "efficiency", "extrapolated, s")


@dataclass(frozen=True)
class Run:
    """One point: seconds of each round, and what the dry run says."""

    kind: str
    scaling: str
    processes: int
    work_items: int
    seconds: tuple[float, ...]
    extrapolated: float

    @property
    def median(self) -> float:
        """Of the rounds."""
        return statistics.median(self.seconds)


def main(
    seconds: Annotated[float, typer.Option(min=0.1, help="Length of a run on one process.")] = 10.0,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds.")] = 3,
    processes: Annotated[int, typer.Option(min=1, help="Most processes.")] = 2,
    out: Annotated[Path | None, typer.Option(help="Folder of scale.md and scale.json to update.")] = None,
) -> None:
    """Measure one process and several, and hold both against the dry run."""
    console = Console() if Console().is_terminal else Console(width=150)
    try:
        check_folder(out)
    except ValueError as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    before = this_machine()
    runs = measure(seconds, repeats, processes, console)
    content = [row_of(run, runs) for run in runs]
    console.print(table("Processes", HEADINGS, content))
    if out:
        save(picture(runs), out / "images" / "processes.png")
        text = [machine_line(before) + "\n", markdown_table(HEADINGS, content)]
        text.append("![Seconds against processes, strong and weak scaling](images/processes.png)")
        write_section(out / "scale.md", "processes", "\n".join(text) + "\n")
        data = {"machine": before, "runs": [asdict(run) for run in runs]}
        write_whole(out / "scale.json", json.dumps(data, indent=2) + "\n")


def measure(seconds: float, repeats: int, processes: int, console: Console) -> list[Run]:
    """Go through all points once a round."""
    points, said = [], {}
    for kind, options in KINDS.items():
        forecast = rateloom.sweep(MODEL, axes(LANES), dry_run=True, **HOW, **options)
        said[kind] = forecast.attrs["seconds"]
        # lane blocks that every number of processes can share
        step = LANES * processes
        n_item = max(1, round(seconds / said[kind] / step)) * step
        points.append((kind, "strong", 1, n_item))
        for number in range(2, processes + 1):
            points += [(kind, "strong", number, n_item), (kind, "weak", number, number * n_item)]
    times: dict[Any, list[float]] = {point: [] for point in points}
    with ProcessPoolExecutor(processes, get_context("spawn")) as most:
        for point in [*points]:  # every process compiles
            timed(most, point[0], point[3])
        turns = [point for _ in range(repeats) for point in points if point[2] == processes]
        for point in track(turns, "measuring", console=console, disable=not console.is_terminal):
            times[point].append(timed(most, point[0], point[3]))
    for number in range(1, processes):
        with ProcessPoolExecutor(number, get_context("spawn")) as pool:
            own = [point for point in points if point[2] == number]
            for point in own:
                timed(pool, point[0], point[3])
            for point in [point for _ in range(repeats) for point in own]:
                times[point].append(timed(pool, point[0], point[3]))
    return [
        Run(
            kind,
            scaling,
            number,
            n_item,
            tuple(times[kind, scaling, number, n_item]),
            n_item * said[kind] / number,
        )
        for kind, scaling, number, n_item in points
    ]


def timed(pool: Executor, kind: str, n_item: int) -> float:
    """Seconds of a sweep whose chunks run in the processes of a pool."""
    start = time.perf_counter()
    rateloom.sweep(MODEL, axes(n_item), executor=pool, threads=1, progress=False, **HOW, **KINDS[kind])
    return time.perf_counter() - start


def axes(n_item: int) -> dict[str, Any]:
    """Work items of the global coupling."""
    return {"G": np.linspace(0.0, 0.4, n_item)}


def row_of(run: Run, runs: list[Run]) -> tuple[str, ...]:
    """A line of the table."""
    alone = next(r for r in runs if r.kind == run.kind and r.processes == 1)
    ideal = alone.median / run.processes * run.work_items / alone.work_items
    low, high = min(run.seconds), max(run.seconds)
    return (
        run.kind, run.scaling, str(run.processes), str(run.work_items),
        f"{run.median:.1f} ({low:.1f} to {high:.1f})", f"{ideal / run.median:.0%}", f"{run.extrapolated:.1f}",
    )  # fmt: skip


def picture(runs: list[Run]) -> Figure:
    """Seconds against processes: measured, ideal and extrapolated."""
    figure, both = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for axis, scaling in zip(both, ("strong", "weak"), strict=True):
        for number, kind in enumerate(KINDS):
            line = [r for r in runs if r.kind == kind and (r.scaling == scaling or r.processes == 1)]
            x = [run.processes for run in line]
            axis.plot(x, [run.median for run in line], "o-", color=f"C{number}", label=kind)
            axis.plot(
                x, [run.extrapolated for run in line], "x:", color=f"C{number}", label=f"{kind}, dry run"
            )
        axis.set(title=f"{scaling} scaling", xlabel="processes", xticks=range(1, 1 + max(x)))
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    both[0].set_ylabel("seconds")
    both[0].legend(fontsize="small")
    return figure


if __name__ == "__main__":
    typer.run(main)

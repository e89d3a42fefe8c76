"""Growth of the cost with nodes, edges and work items: ``python benchmarks/scaling.py --out docs``.

Montbrió, Heun, float32, no noise, one thread. Each point is the seconds of a step, from the difference of a
long run and a short one, so that what is done once (edges are sorted, arrays are made) is left out. Rounds go
through all points in turn.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from connectomes import regular
from figures import log_log, save
from processes import this_machine
from report import Spread, check_folder, machine_line, markdown_table, publish, spread, table, times
from rich.console import Console
from rich.progress import track
from setups import DT, PERIOD, SETUPS, SPEED

import rateloom
from rateloom.api.machines import Machine, load_machine
from rateloom.api.roofline import Workload, roofline

MODEL, WINDOW = "montbrio", round(PERIOD / DT)


@dataclass(frozen=True)
class Point:
    """One size; ``edges`` a node, 0 for tvb76 itself."""

    n_node: int
    edges: int
    work_items: int

    @property
    def name(self) -> str:
        """The connectome in words."""
        return f"{self.n_node} nodes, {self.edges} edges a node" if self.edges else "tvb76"


@dataclass(frozen=True)
class Measured:
    """Seconds of a step of all nodes and work items, and the number of edges."""

    point: Point
    n_edge: int
    step: Spread
    seconds: tuple[float, ...]
    bound: float | None

    @property
    def per_edge(self) -> float:
        """Seconds of a step of an edge of one work item."""
        return self.step.median / (self.n_edge * self.point.work_items)


Series = dict[str, list[Point]]

HUMAN = Point(76, 0, 16)
SERIES: Series = {
    "nodes, 20 edges a node": [Point(n, 20, 16) for n in (76, 998, 10_000)],
    "nodes, 200 edges a node": [Point(n, 200, 16) for n in (998, 10_000)],
    "edges a node, 998 nodes": [Point(998, n, 16) for n in (5, 20, 80, 200, 500)],
    "work items, tvb76": [Point(76, 0, n) for n in (1, 4, 16, 64, 256, 1024)],
}
_SMALL: Series = {
    "nodes, 20 edges a node": [Point(n, 20, 16) for n in (76, 300)],
    "edges a node, 998 nodes": [Point(300, n, 16) for n in (5, 20)],
    "work items, tvb76": [Point(76, 0, n) for n in (1, 16)],
}


def main(
    repeats: Annotated[int, typer.Option(min=1, help="Rounds through all points.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.01, help="Length of a measurement.")] = 0.7,
    small: Annotated[bool, typer.Option(help="A few small sizes.")] = False,
    machine: Annotated[Path | None, typer.Option(help="File of machine.py, for the bounds.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Measure a step's cost at several sizes, fit exponents, and compare large with small by the edge."""
    console = Console() if Console().is_terminal else Console(width=150)
    series = _SMALL if small else SERIES
    try:
        check_folder(out)
        rates = load_machine(machine) if machine else None
        before = this_machine()
        measured = measure(series, repeats, seconds, rates, console)
    except ValueError as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    tables = {"growth": exponents(series, measured), "time per edge": per_edge(measured)}
    for title, content in tables.items():
        console.print(table(title, *content))
    if out:
        save(_picture(series, measured), out / "images" / "scaling.png")
        text = [_INTRODUCTION, machine_line(before) + "\n"]
        text += [markdown_table(*content) for content in tables.values()]
        text.append("![Seconds of a step against nodes, edges and work items](images/scaling.png)")
        data = {"machine": before, "points": [asdict(one) for one in measured.values()]}
        publish(out, "scaling", "\n".join(text) + "\n", data)


_INTRODUCTION = (
    "### Nodes, edges and work items\n\n"
    "montbrio, Heun, dt 0.1 ms, 3 mm/ms, float32, no noise, one thread; synthetic connectomes with "
    "as many edges into every node and lengths of 5 to 150 mm. Seconds of a step of all nodes and work "
    "items, from a long run less a short one that keep one sample each, so that less is in them than in the "
    "throughput above; an exponent is the slope of its logarithm by least squares. Bound: this machine's "
    "roofline.\n"
)  # fmt: skip


def measure(
    series: dict[str, list[Point]], repeats: int, length: float, rates: Machine | None, console: Console
) -> dict[Point, Measured]:
    """Measure every point once a round; connectomes are made anew each time, to hold one at a time."""
    points = list(dict.fromkeys([HUMAN, *(point for line in series.values() for point in line)]))
    seconds: dict[Point, list[float]] = {point: [] for point in points}
    known: dict[Point, tuple[int, float | None]] = {}
    turns = [point for _ in range(repeats) for point in points]
    for point in track(turns, "measuring", console=console, disable=not console.is_terminal):
        brain = regular(point.n_node, point.edges) if point.edges else rateloom.connectome("tvb76")
        seconds[point].append(seconds_of_step(point, brain, length))
        if point not in known:
            known[point] = int(np.count_nonzero(brain.weights)), _bound(point, brain, rates)
    return {
        point: Measured(point, known[point][0], spread(values), tuple(values), known[point][1])
        for point, values in seconds.items()
    }


def seconds_of_step(point: Point, brain: rateloom.Connectome, length: float) -> float:
    """Measure one step: long and short runs differ by their steps alone."""

    def run(steps: int) -> float:
        setup = SETUPS[MODEL]
        start = time.perf_counter()
        rateloom.sweep(
            MODEL,
            {"G": np.linspace(*setup.coupling, point.work_items)},
            connectome=brain,
            normalize="none",
            parameters=setup.parameters,
            initial=setup.initial,
            duration=steps * DT,
            dt=DT,
            speed=SPEED,
            period=steps * DT,
            noise=False,
            threads=1,
            progress=False,
        )
        return time.perf_counter() - start

    few = 4 * WINDOW
    run(few)
    short = run(few)
    # more until the steps themselves take long enough to be told from the rest, which varies from run to run
    length = max(length, 4 * short)
    steps = 2 * few
    while (spent := run(steps) - short) < length:
        factor = length / spent if spent > 0.05 * length else 4.0
        steps = int(steps * max(1.2, min(1.1 * factor, 8.0))) // WINDOW * WINDOW + WINDOW
    return spent / (steps - few)


def _bound(point: Point, brain: rateloom.Connectome, rates: Machine | None) -> float | None:
    """Fewest seconds of a step by the machine's roofline."""
    if rates is None:
        return None
    limit = roofline(
        MODEL,
        rates,
        brain,
        Workload(speed=SPEED, lanes=min(16, point.work_items), parameters=SETUPS[MODEL].parameters),
    )
    return point.n_node * point.work_items / limit.node_steps


def exponents(
    series: dict[str, list[Point]], measured: dict[Point, Measured]
) -> tuple[list[str], list[list[str]]]:
    """Slope of the logarithm of a step's seconds for each series."""
    headings = ["growth with", "from", "to", "seconds of a step, first", "last", "exponent"]
    rows = []
    for name, points in series.items():
        x, y = _size(name, points), [measured[point].step.median for point in points]
        slope = float(np.polyfit(np.log(x), np.log(y), 1)[0])
        rows.append([name, str(x[0]), str(x[-1]), f"{y[0]:.2e}", f"{y[-1]:.2e}", f"{slope:.2f}"])
    return headings, rows


def _size(name: str, points: Sequence[Point]) -> list[int]:
    """The number that a series varies, its name's first word."""
    attribute = {"nodes,": "n_node", "edges": "edges", "work": "work_items"}[name.split()[0]]
    return [getattr(point, attribute) for point in points]


def per_edge(measured: dict[Point, Measured]) -> tuple[list[str], list[list[str]]]:
    """Return a table of an edge's time at each size, against tvb76 with as many work items."""
    headings = [
        "connectome", "work items", "edges", "ps an edge, step, work item", "against tvb76", "of the bound",
    ]  # fmt: skip
    base = measured[HUMAN]
    rows = []
    for point, values in measured.items():
        # rounds are compared with each other, as they were measured next to each other
        scale = base.n_edge * base.point.work_items / (values.n_edge * point.work_items)
        ratio = spread([scale * own / human for own, human in zip(values.seconds, base.seconds, strict=True)])
        reached = f"{100 * values.bound / values.step.median:.0f} %" if values.bound else "–"
        cells = [point.name, str(point.work_items), str(values.n_edge), f"{1e12 * values.per_edge:.0f}"]
        rows.append([*cells, times(ratio), reached])
    return headings, rows


def _picture(series: dict[str, list[Point]], measured: dict[Point, Measured]) -> Any:
    kinds: dict[str, list[str]] = {"nodes": [], "edges a node": [], "work items": []}
    for name in series:
        kinds[next(kind for kind in kinds if name.startswith(kind))].append(name)
    panels = {
        f"against {kind}": {
            name: list(zip(_size(name, series[name]), (measured[p].step for p in series[name]), strict=True))
            for name in names
        }
        for kind, names in kinds.items()
    }
    return log_log(panels, list(kinds), "seconds of a step")


if __name__ == "__main__":
    typer.run(main)

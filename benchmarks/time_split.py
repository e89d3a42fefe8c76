"""Split of the time of a node's step: equations, coupling, samples; on one thread and on several.

    python benchmarks/time_split.py --machine machine.json --out docs

The same job is run as it is, with one sample in place of one a millisecond, and then without edges, too; what
is saved is what the samples and the coupling take, and what is left are the equations. Beside them stand the
machine's bounds for the arithmetic and for the memory traffic.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from processes import this_machine
from report import check_folder, machine_line, markdown_table, publish, table
from rich.console import Console
from rich.progress import track
from setups import DT, PERIOD, SETUPS, SPEED, Setup

import rateloom
from rateloom.api.machines import Machine, load_machine
from rateloom.api.roofline import Workload, roofline

HEADINGS = (
    "model", "threads", "ns a node-step", "equations", "coupling", "samples", "× one thread",
    "bound, arithmetic", "bound, memory",
)  # fmt: skip
VARIANTS = ("whole", "one sample", "no edges")


def main(
    models: Annotated[list[str] | None, typer.Argument(help="Models; all by default.")] = None,
    machine: Annotated[Path | None, typer.Option(help="JSON of benchmarks/machine.py.")] = None,
    work_items: Annotated[int, typer.Option(min=1, help="Parameter combinations.")] = 128,
    steps: Annotated[int, typer.Option(min=10, help="Integration steps.")] = 10_000,
    threads: Annotated[int, typer.Option(min=2, help="Threads to compare with one.")] = 2,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds through all of them.")] = 3,
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Time each model with less and less to do, in turn."""
    console = Console()
    try:
        check_folder(out)
        names = models or list(SETUPS)
        if unknown := [name for name in names if name not in SETUPS]:
            raise ValueError(f"no set-up for {', '.join(unknown)}; there are {', '.join(SETUPS)}")
        bounds = load_machine(machine) if machine else None
        before = this_machine()
        found = measured(names, work_items, steps, (1, threads), repeats, console)
    except (ValueError, OSError) as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    rows = [row for name in names for row in rows_of(name, found[name], bounds)]
    console.print(table(f"{work_items} work items, {steps} steps; ns a node-step", HEADINGS, rows))
    if out:
        job = (
            f"### Where the time goes\n\nThe jobs above with {work_items} work items and {steps} steps, "
            f"without noise: nanoseconds a node-step, medians of {repeats} round(s). *Samples* is what is "
            "saved by keeping one sample in place of one a millisecond, *coupling* what is saved by leaving "
            "out the edges, *equations* is the rest, what a sweep does once included.\n"
        )
        text = "\n".join([job, machine_line(before) + "\n", markdown_table(HEADINGS, rows)])
        publish(out, "time-split", text, {"machine": before, "seconds a node-step": found})


def measured(
    names: list[str], work_items: int, steps: int, threads: tuple[int, ...], repeats: int, console: Console
) -> dict[str, dict[str, dict[str, float]]]:
    """Median seconds a node-step: by model, threads and variant."""
    turns = [(name, n, variant) for name in names for n in threads for variant in VARIANTS]
    times: dict[tuple[str, int, str], list[float]] = {turn: [] for turn in turns}
    for name in names:
        for variant in VARIANTS:
            seconds(SETUPS[name], name, variant, work_items, round(20 / DT), threads[-1])  # compiles
    for turn in track(turns * repeats, "measuring", console=console, disable=not console.is_terminal):
        name, n, variant = turn
        times[turn].append(seconds(SETUPS[name], name, variant, work_items, steps, n))
    return {
        name: {
            str(n): {variant: statistics.median(times[name, n, variant]) for variant in VARIANTS}
            for n in threads
        }
        for name in names
    }


def seconds(setup: Setup, name: str, variant: str, work_items: int, steps: int, threads: int) -> float:
    """Time a sweep; in seconds a node-step."""
    brain = rateloom.connectome(setup.connectome, setup.normalize)
    if variant == "no edges":
        brain = rateloom.Connectome(np.zeros_like(brain.weights), brain.tract_lengths)
    start = time.perf_counter()
    rateloom.sweep(
        name, {"G": np.linspace(*setup.coupling, work_items)}, connectome=brain, normalize="none",
        parameters=setup.parameters, initial=setup.initial, integrator=setup.integrator, duration=steps * DT,
        dt=DT, speed=SPEED, period=PERIOD if variant == "whole" else steps * DT, noise=False, threads=threads,
        progress=False,
    )  # fmt: skip
    return (time.perf_counter() - start) / (brain.n_node * steps * work_items)


def rows_of(name: str, found: dict[str, dict[str, float]], machine: Machine | None) -> list[list[str]]:
    """Lines of the table."""
    setup, rows = SETUPS[name], []
    one = next(iter(found.values()))["whole"]
    for threads, by_variant in found.items():
        whole, sampled, alone = (by_variant[variant] for variant in VARIANTS)
        parts = [whole, alone, sampled - alone, whole - sampled]
        limits = ["–", "–"]
        if machine:
            bound = roofline(
                name,
                machine,
                setup.connectome,
                Workload(
                    integrator=setup.integrator,
                    threads="one" if threads == "1" else "all",
                    parameters=setup.parameters,
                ),
            )
            limits = [f"{part * 1e9:.2f}" for part in (bound.arithmetic, bound.memory)]
        rows.append([name, threads, *(f"{part * 1e9:.2f}" for part in parts), f"{one / whole:.2f}", *limits])
    return rows


if __name__ == "__main__":
    typer.run(main)

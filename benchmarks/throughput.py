"""Node-steps per second of rateloom and its peers, on the same job, in the same minutes.

Every figure comes from a process of its own, pinned to the cores it may use. Rounds go through all tools in
turn, so that a machine which is busy for a while is busy for all of them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from cells import WINDOW, Cell, cells_of
from environments import PEERS, TOOLS, Tool, interpreter
from figures import save
from processes import cores, measurements, run_pinned, this_machine
from report import check_folder, machine_line, markdown_table, publish, rates_of, ratio_of, summarise, table
from rich.console import Console
from rich.progress import track
from setups import DT, PERIOD, SETUPS, SPEED
from throughput_tables import Row, as_data, markdown, model_table, picture, summary_table

import rateloom
from rateloom.api.machines import Machine, load_machine
from rateloom.api.roofline import Bound, Workload, roofline

ROOT = Path(__file__).resolve().parent.parent
SIZES, COUNTS = "1,32,128,1024", "1,2"
LANES = 16  # work items of a full lane block
Measured = dict[tuple[str, Cell], list[dict[str, Any]]]


@dataclass(frozen=True)
class Plan:
    """The models, tools and cells that are measured, and how often."""

    models: tuple[str, ...]
    peers: tuple[str, ...]
    cells: tuple[Cell, ...]
    repeats: int


def main(
    models: Annotated[str, typer.Option(help="Models to run, separated by commas.")] = "montbrio",
    peers: Annotated[str, typer.Option(help="Peers to run, separated by commas.")] = ",".join(
        list(TOOLS)[1:]
    ),
    work_items: Annotated[str, typer.Option(help="Numbers of parameter combinations.")] = "128",
    threads: Annotated[str, typer.Option(help="Numbers of cores that each tool may use.")] = "1",
    steps: Annotated[int | None, typer.Option(min=1, help="Integration steps; by the work items.")] = None,
    noise: Annotated[bool, typer.Option(help="Measure rateloom with noise, too.")] = False,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds through all tools.")] = 3,
    whole: Annotated[bool, typer.Option("--table", help="All models, sizes and threads, and noise.")] = False,
    quick: Annotated[
        bool, typer.Option(help="One round of all models, one thread, TVB alone beside.")
    ] = False,
    calibrate: Annotated[bool, typer.Option(help="Let rateloom measure its kernel variants first.")] = False,
    machine: Annotated[Path | None, typer.Option(help="File of machine.py, for the bounds.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Measure the throughput of rateloom and its peers.

    Example: python benchmarks/throughput.py --table --machine machine.json --out docs
    """
    console = Console() if Console().is_terminal else Console(width=180)
    if whole:
        models, work_items, threads, noise = ",".join(SETUPS), SIZES, COUNTS, True
    if quick:
        models, peers, work_items, repeats = ",".join(SETUPS), "tvb", "1,128", 1
    try:
        plan = Plan(
            tuple(_chosen("model", models, SETUPS)),
            tuple(_chosen("peer", peers, {n: t for n, t in TOOLS.items() if n != "rateloom"})),
            tuple(cells_of(_numbers("--work-items", work_items), _threads(threads), steps, noise)),
            repeats,
        )
        _check(plan, steps, out)
        rates = load_machine(machine) if machine else None
        tools = {name: TOOLS[name] for name in ("rateloom", *plan.peers)}
        tools["rateloom"] = replace(tools["rateloom"], settings={"calibrate": calibrate})
        tables = _measure_all(plan, tools, rates, out, console)
    except (ValueError, RuntimeError) as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    if any(row.ours.failure for rows in tables.values() for row in rows):
        raise typer.Exit(1)


def _chosen(what: str, text: str, known: Mapping[str, object]) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}; choose from {', '.join(known)}")
    if what == "model" and not names:
        raise ValueError(f"no model given; choose from {', '.join(known)}")
    return names


def _numbers(option: str, text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise ValueError(f"{option} {text!r}: give numbers above zero, separated by commas")
    return sorted({int(part) for part in parts})


def _threads(text: str) -> list[int]:
    counts, available = _numbers("--threads", text), len(cores())
    if counts[-1] > available:
        raise ValueError(f"--threads {counts[-1]} is more than the {available} core(s) of this machine")
    return counts


def _check(plan: Plan, steps: int | None, out: Path | None) -> None:
    if steps is not None and steps % WINDOW:
        raise ValueError(f"--steps {steps} is no whole number of output samples; use a multiple of {WINDOW}")
    check_folder(out)


def _measure_all(
    plan: Plan, tools: Mapping[str, Tool], rates: Machine | None, out: Path | None, console: Console
) -> dict[str, list[Row]]:
    """Measure model after model; what is done is printed and published before the next starts."""
    pythons = {}
    for name, tool in tools.items():
        console.print(f"environment of {name} …") if tool.environment else None
        pythons[name] = interpreter(tool, ROOT / ".venv-peers")
    machine, tables = this_machine(), {}
    for model in plan.models:
        measured = _measure_model(model, plan, tools, pythons, console)
        rows = tables[model] = _rows(model, plan, tools, measured, rates)
        console.print(table(model, *model_table(rows)))
        if out:
            data = {"setup": asdict(SETUPS[model]), "repeats": plan.repeats, "machine": machine}
            page = markdown(model, rows, plan.repeats, machine)
            publish(out, f"throughput-{model}", page, data | {"rows": as_data(rows)})
    console.print(table("all models", *summary_table(tables)))
    if out and len(tables) > 1:
        save(picture(tables), out / "images" / "throughput.png")
        text = [markdown_table(*summary_table(tables)), machine_line(machine)]
        text.append("\n![Throughput against work items](images/throughput.png)")
        publish(out, "throughput-summary", "\n".join(text) + "\n", {"machine": machine})
    return tables


def _measure_model(
    model: str, plan: Plan, tools: Mapping[str, Tool], pythons: Mapping[str, Path], console: Console
) -> Measured:
    """Measure all tools that know the model, in turn, each number of threads in a process of its own."""
    measured: Measured = {}
    able = {name: tool for name, tool in tools.items() if model in tool.models}
    turns = [
        (name, cells)
        for _ in range(plan.repeats)
        for threads in dict.fromkeys(cell.threads for cell in plan.cells)
        for name, tool in able.items()
        if (cells := _cells(name, tool, [cell for cell in plan.cells if cell.threads == threads], plan))
    ]
    with tempfile.TemporaryDirectory(prefix="throughput_") as folder:
        for name, cells in track(turns, model, console=console, disable=not console.is_terminal):
            job = Path(folder, "job.npz")
            write_job(job, model, cells, able[name].most_steps)
            command = [str(pythons[name]), str(PEERS / able[name].script), str(job)]
            done = run_pinned([*command, json.dumps(dict(able[name].settings))], cells[0].threads)
            for cell, one in zip(cells, measurements(done, len(cells)), strict=True):
                measured.setdefault((name, cell), []).append(one)
    return measured


def _cells(name: str, tool: Tool, cells: Sequence[Cell], plan: Plan) -> list[Cell]:
    """Return the cells that a tool measures; peers draw no noise, a tool that is alone has one cell."""
    if tool.alone:
        return [_alone(tool)] if cells[0].threads == plan.cells[0].threads else []
    return [cell for cell in cells if name == "rateloom" or not cell.noise]


def _alone(tool: Tool) -> Cell:
    """The first and the last work item, so that both means are there to be compared."""
    return Cell(2, min(tool.most_steps, 2000), 1)


def write_job(path: Path, model: str, cells: Sequence[Cell], most_steps: int) -> None:
    """Write what a tool's process reads."""
    setup = SETUPS[model]
    brain = rateloom.connectome(setup.connectome, normalize=setup.normalize)
    fields = {
        "model": model,
        "integrator": setup.integrator,
        "output": setup.output,
        "dt": DT,
        "period": PERIOD,
        "speed": SPEED,
        "threads": cells[0].threads,
        "coupling": setup.coupling,
        "parameters": dict(setup.parameters),
        "initial": dict(setup.initial),
        "cells": [
            {"work_items": c.work_items, "steps": min(c.steps, most_steps), "noise": c.noise} for c in cells
        ],
    }
    arrays = {"weights": brain.weights, "tract_lengths": brain.tract_lengths}
    np.savez(path, allow_pickle=False, fields=json.dumps(fields), **arrays)


def _rows(
    model: str, plan: Plan, tools: Mapping[str, Tool], measured: Measured, rates: Machine | None
) -> list[Row]:
    rows = []
    for cell in plan.cells:
        ours = measured["rateloom", cell]
        peers = {}
        for name, tool in tools.items():
            key = (name, _alone(tool) if tool.alone else cell)
            if name != "rateloom" and key in measured and not cell.noise:
                peers[name] = summarise(name, measured[key], ours)
        first = measured["rateloom", replace(cell, threads=plan.cells[0].threads)]
        more = cell.threads > plan.cells[0].threads == 1
        known = all("seconds" in one for one in (*ours, *first))
        speedup = ratio_of(rates_of(ours), rates_of(first)) if more and known else None
        limit = _bound(model, cell, rates) if rates else None
        rows.append(Row(cell, summarise("rateloom", ours, ours), peers, speedup, limit))
    return rows


def _bound(model: str, cell: Cell, machine: Machine) -> Bound | None:
    """Bound of a cell, where the machine was measured with as many threads as have work."""
    blocks = -(-cell.work_items // LANES)
    threads = {1: "one", machine.cores: "all"}.get(min(cell.threads, blocks))
    setup = SETUPS[model]
    return threads and roofline(
        model,
        machine,
        rateloom.connectome(setup.connectome, normalize=setup.normalize),
        Workload(
            integrator=setup.integrator,
            noise=cell.noise,
            threads=threads,
            speed=SPEED,
            dt=DT,
            lanes=min(LANES, cell.work_items),
            window=WINDOW,
            parameters=setup.parameters,
        ),
    )


if __name__ == "__main__":
    typer.run(main)

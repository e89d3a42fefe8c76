"""Node-steps per second of rateloom and its peers, on the same job, in the same minutes.

Every figure comes from a process of its own, pinned to the cores it may use. Rounds go through all tools in
turn, so that a machine which is busy for a while is busy for all of them.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from environments import PEERS, TOOLS, Tool, interpreter
from report import Summary, as_data, markdown, publish, summarise, table
from rich.console import Console
from rich.progress import track

import rateloom

ROOT = Path(__file__).resolve().parent.parent
CONNECTOME, SPEED, DT, PERIOD = "tvb76", 3.0, 0.1, 1.0


@dataclass(frozen=True)
class ModelSetup:
    """Parameters, initial state and the range of the swept global coupling G, the same for every tool."""

    parameters: Mapping[str, float]
    initial: Mapping[str, float]
    coupling: tuple[float, float]


MODELS = {
    "montbrio": ModelSetup(
        parameters={"tau": 1.0, "I": 0.0, "Delta": 0.7, "J": 14.5, "eta": -4.6},
        initial={"r": 0.1, "V": -2.0},
        coupling=(0.01, 0.4),
    ),
}


def main(
    models: Annotated[str, typer.Option(help="Models to run, separated by commas.")] = "montbrio",
    peers: Annotated[str, typer.Option(help="Peers to run, separated by commas.")] = ",".join(
        list(TOOLS)[1:]
    ),
    work_items: Annotated[int, typer.Option(min=1, help="Parameter combinations.")] = 128,
    threads: Annotated[int, typer.Option(min=1, help="Cores that each tool may use.")] = 1,
    steps: Annotated[int, typer.Option(min=1, help="Integration steps.")] = 2000,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds through all tools.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Measure the throughput of rateloom and its peers.

    Example: python benchmarks/throughput.py --peers tvbk --repeats 3
    """
    console = Console()
    try:
        chosen_models = _chosen("model", models, MODELS)
        chosen_peers = _chosen(
            "peer", peers, {name: tool for name, tool in TOOLS.items() if name != "rateloom"}
        )
        _check(steps, threads, out)
        tools = {name: TOOLS[name] for name in ("rateloom", *chosen_peers)}
        pythons = {}
        for name, tool in tools.items():
            console.print(f"environment of {name} …") if tool.environment else None
            pythons[name] = interpreter(tool, ROOT / ".venv-peers")
        machine = _machine()
        for model in chosen_models:
            fields = _job_fields(model, work_items, steps, threads)
            summaries = _benchmark(fields, tools, pythons, repeats, console)
            console.print(
                table(f"{model}: {work_items} work items, {steps} steps, {threads} core(s)", summaries)
            )
            if out:
                _publish(out, fields, repeats, machine, summaries)
    except (ValueError, RuntimeError) as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    if summaries[0].failure:
        raise typer.Exit(1)


def _chosen(what: str, text: str, known: Mapping[str, object]) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}; choose from {', '.join(known)}")
    if what == "model" and not names:
        raise ValueError(f"no model given; choose from {', '.join(known)}")
    return names


def _check(steps: int, threads: int, out: Path | None) -> None:
    window = round(PERIOD / DT)
    if steps % window:
        raise ValueError(f"--steps {steps} is no whole number of output samples; use a multiple of {window}")
    cores = len(_cores())
    if threads > cores:
        raise ValueError(f"--threads {threads} is more than the {cores} core(s) of this machine")
    if out is not None and not out.is_dir():
        raise ValueError(f"--out {out} is no folder; make it first")


def _cores() -> list[int]:
    """Cores that this process may use; the last ones are the least disturbed by interrupts."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0), reverse=True)
    return list(range(os.cpu_count() or 1))


def _job_fields(model: str, work_items: int, steps: int, threads: int) -> dict[str, Any]:
    setup = MODELS[model]
    return {
        "model": model,
        "work_items": work_items,
        "steps": steps,
        "dt": DT,
        "period": PERIOD,
        "speed": SPEED,
        "threads": threads,
        "coupling": setup.coupling,
        "parameters": dict(setup.parameters),
        "initial": dict(setup.initial),
    }


def _benchmark(
    fields: Mapping[str, Any],
    tools: Mapping[str, Tool],
    pythons: Mapping[str, Path],
    repeats: int,
    console: Console,
) -> list[Summary]:
    """Measure all tools that know the model, in turn, ``repeats`` times."""
    brain = rateloom.connectome(CONNECTOME, normalize="max")
    able = [name for name, tool in tools.items() if fields["model"] in tool.models]
    measured: dict[str, list[dict[str, Any]]] = {name: [] for name in able}
    with tempfile.TemporaryDirectory(prefix="throughput_") as folder:
        job = Path(folder, "job.npz")
        arrays = {"weights": brain.weights, "tract_lengths": brain.tract_lengths}
        np.savez(job, allow_pickle=False, fields=json.dumps(fields), **arrays)
        turns = [name for _ in range(repeats) for name in able]
        for name in track(turns, "measuring", console=console, disable=not console.is_terminal):
            measured[name].append(_measure(tools[name], pythons[name], job, fields["threads"]))
    node_steps = brain.n_node * fields["steps"] * fields["work_items"]
    return [
        summarise(name, measured[name], measured["rateloom"], node_steps, tools[name].remarks)
        for name in able
    ]


def _measure(tool: Tool, python: Path, job: Path, threads: int) -> dict[str, Any]:
    """Run one tool once in a process of its own; a failure is its last line of output."""
    command = [str(python), str(PEERS / tool.script), str(job), json.dumps(dict(tool.settings))]
    if taskset := shutil.which("taskset"):
        cores = ",".join(str(core) for core in _cores()[:threads])
        command = [taskset, "--cpu-list", cores, *command]
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), str(threads))
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **limits}, check=False)
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    try:
        measurement: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        return {"failure": lines[-1] if lines else f"ended with status {done.returncode} and no output"}
    return measurement


def _machine() -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        named = [
            line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")
        ]
        model = named[0].partition(":")[2].strip() if named else model
    return {
        "processor": model,
        "cores": len(_cores()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": platform.system(),
        "Python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
    }


def _publish(
    out: Path,
    fields: Mapping[str, Any],
    repeats: int,
    machine: Mapping[str, Any],
    summaries: Sequence[Summary],
) -> None:
    model = fields["model"]
    job = (
        f"{CONNECTOME}, {SPEED:g} mm/ms, Heun, dt {DT:g} ms, float32, no noise, averages of {PERIOD:g} ms; "
        f"{fields['work_items']} work items (G from {fields['coupling'][0]:g} to {fields['coupling'][1]:g}), "
        f"{fields['steps']} steps, {fields['threads']} core(s), {repeats} round(s)."
    )
    data = {"job": fields, "repeats": repeats, "machine": machine, "tools": as_data(summaries)}
    publish(out, f"throughput-{model}", markdown(model, job, machine, summaries), data)


if __name__ == "__main__":
    typer.run(main)

"""Gain from splitting the coupling: Kuramoto with sines of every node against a sine on every edge.

    python benchmarks/separable.py --out docs

``sin(theta_j - theta)`` is split into products of sines and cosines of one node each. The other model has the
same values and cannot be split: the smaller of the difference and a number that it never reaches.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from processes import this_machine
from report import (
    check_folder,
    machine_line,
    markdown_table,
    millions,
    publish,
    ratio_of,
    spread,
    table,
    times,
)
from rich.console import Console
from rich.progress import track
from setups import DT, PERIOD, SETUPS, SPEED

import rateloom
from rateloom.api.loading import model_file
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

SPLIT, WHOLE = "sin(theta_j - theta)", "sin(min(theta_j - theta, 1e6))"
SECONDS = 1.0


def main(
    work_items: Annotated[int, typer.Option(min=1, help="Parameter combinations.")] = 128,
    steps: Annotated[int, typer.Option(min=10, help="Integration steps.")] = 4000,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds through both models.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Time both models in turn, on one thread, and compare their phases."""
    console = Console()
    try:
        check_folder(out)
        models = {"sines on every node": rateloom.load("kuramoto"), "a sine on every edge": on_every_edge()}
        before = this_machine()
        apart = difference(models, work_items)
        rates: dict[str, list[float]] = {name: [] for name in models}
        turns = [name for _ in range(repeats) for name in models]
        for name in track(turns, "measuring", console=console, disable=not console.is_terminal):
            rates[name].append(rate(models[name], work_items, steps))
    except ValueError as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    split, whole = rates.values()
    ratio = ratio_of(split, whole)
    headings = ["kuramoto's coupling", "M node-steps/s"]
    rows = [[name, millions(spread(values))] for name, values in rates.items()]
    rows.append(["ratio", times(ratio)])
    console.print(table(f"{work_items} work items, {steps} steps, one thread", headings, rows))
    if out:
        job = (
            "### Separable coupling\n\n"
            f"kuramoto, tvb76, {SPEED:g} mm/ms, Heun, dt {DT:g} ms, float32, no noise, one thread, "
            f"{work_items} work items, {steps} steps, {repeats} round(s): `{SPLIT}` against `{WHOLE}`, "
            f"which cannot be split. After 20 ms their phases are at most {apart:.0e} rad apart.\n"
        )
        text = "\n".join([job, machine_line(before) + "\n", markdown_table(headings, rows)])
        publish(out, "separable", text, {"machine": before, "rates": rates, "difference": apart})


def on_every_edge() -> Model:
    """Return the shipped model with a coupling of the same value that cannot be split."""
    path = model_file("kuramoto")
    text = path.read_text(encoding="utf-8")
    if text.count(SPLIT) != 1:
        raise ValueError(f"{path} has no single coupling {SPLIT}")
    return load_model(path, text.replace(SPLIT, WHOLE))


def rate(model: Model, work_items: int, steps: int) -> float:
    """Node-steps a second, compile time left out."""
    _phases(model, work_items, steps)
    start, count, elapsed = time.perf_counter(), 0, 0.0
    while elapsed < SECONDS:
        n_node = _phases(model, work_items, steps).shape[-1]
        count += 1
        elapsed = time.perf_counter() - start
    return count * n_node * steps * work_items / elapsed


def difference(models: dict[str, Model], work_items: int) -> float:
    """Largest difference between the phases of both models after 20 ms, in rad."""
    one, other = (_phases(model, work_items, round(20 / DT)) for model in models.values())
    return float(np.abs(one - other)[:, -1].max())


def _phases(model: Model, work_items: int, steps: int) -> np.ndarray:
    setup = SETUPS["kuramoto"]
    result = rateloom.sweep(
        model,
        {"G": np.linspace(*setup.coupling, work_items)},
        connectome=setup.connectome,
        parameters=setup.parameters,
        duration=steps * DT,
        dt=DT,
        speed=SPEED,
        period=PERIOD,
        noise=False,
        threads=1,
        progress=False,
    )
    return result["theta"].transpose("G", "time", "node").to_numpy()


if __name__ == "__main__":
    typer.run(main)

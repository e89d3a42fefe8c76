"""Time that the first simulation waits for its kernel: compiled anew, and from the disk cache.

    python benchmarks/compile_time.py --out docs

Each figure is of a process of its own. What is timed is a call of ``rateloom.sweep`` over ten steps: reading
the model, generating its kernel, compiling or loading it. Libraries are imported and the connectome is read
before; the seconds of the whole process hold these, too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from processes import measurements, run_pinned, this_machine
from report import Spread, check_folder, machine_line, markdown_table, publish, spread, table
from rich.console import Console
from rich.progress import track
from setups import SETUPS

MODELS = "montbrio,zerlaut_second_order"
CHILD = """
import json, sys, time
import numba, scipy.sparse, sympy, xarray
import rateloom, rateloom.drivers.runs.run, rateloom.api.generation
model, name, integrator = sys.argv[1:]
connectome = rateloom.connectome(name)
start, busy = time.perf_counter(), time.process_time()
rateloom.sweep(model, {"G": [0.1 + 0.001 * k for k in range(16)]}, connectome=connectome,
               integrator=integrator, duration=1.0, noise=False, threads=1, progress=False)
print(json.dumps({"wall": time.perf_counter() - start, "processor": time.process_time() - busy}))
"""


def main(
    models: Annotated[str, typer.Option(help="Models, separated by commas.")] = MODELS,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds through all models.")] = 3,
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Time first builds and loads from the cache, in turn."""
    console = Console() if Console().is_terminal else Console(width=150)
    names = [name.strip() for name in models.split(",")]
    try:
        check_folder(out)
        for name in names:
            if name not in SETUPS:
                raise ValueError(f"unknown model {name!r}; choose from {', '.join(SETUPS)}")
        before = this_machine()
        turns = [name for _ in range(repeats) for name in names]
        rounds_by_kernel: dict[tuple[str, str], list[dict[str, float]]] = {}
        for name in track(turns, "measuring", console=console, disable=not console.is_terminal):
            for kind, seconds in cold_and_cached(
                name, SETUPS[name].connectome, SETUPS[name].integrator
            ).items():
                rounds_by_kernel.setdefault((name, kind), []).append(seconds)
    except (ValueError, RuntimeError) as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    headings = ["model", "kernel", "processor seconds", "wall seconds", "wall seconds of the process"]
    rows = [
        [
            name,
            kind,
            *(
                _seconds(spread([seconds[what] for seconds in values]))
                for what in ("processor", "wall", "all")
            ),
        ]
        for (name, kind), values in rounds_by_kernel.items()
    ]
    console.print(table("until the first ten steps are done", headings, rows))
    if out:
        text = [
            "### Compile time\n",
            f"One thread, float32, {repeats} round(s): {_WHAT}\n",
            machine_line(before),
        ]
        text += ["", markdown_table(headings, rows)]
        data: dict[str, Any] = {"machine": before}
        data["seconds"] = [{"model": n, "kernel": k, "rounds": v} for (n, k), v in rounds_by_kernel.items()]
        publish(out, "compile-time", "\n".join(text), data)


_WHAT = (
    "the call that simulates ten steps, in a process of its own, with an empty cache and with the cache that "
    "this left. Libraries are imported before; the seconds of the process hold that, too."
)  # fmt: skip


def cold_and_cached(
    model: str, connectome: str, integrator: str, work_items: int = 16
) -> dict[str, dict[str, float]]:
    """Seconds of a first call with an empty cache, and of one in the next process.

    Raises
    ------
    RuntimeError
        If a process failed.
    """
    command = [sys.executable, "-c", CHILD, model, connectome, integrator]
    found = {}
    with tempfile.TemporaryDirectory(prefix="compile_time_") as cache:
        for kind in ("compiled", "from the disk cache"):
            start = time.perf_counter()
            (one,) = measurements(run_pinned(command, 1, RATELOOM_CACHE=cache), 1)
            if "failure" in one:
                raise RuntimeError(f"{model}: {one['failure']}")
            found[kind] = one | {"all": time.perf_counter() - start}
    return found


def _seconds(value: Spread) -> str:
    return f"{value.median:.2f} ({value.low:.2f} to {value.high:.2f})"


if __name__ == "__main__":
    typer.run(main)

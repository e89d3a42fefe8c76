"""rateloom on a GPU, in one command: is it right, how fast is it, where does the time go, what is the bound.

Correctness first: every shipped model on the device against Numba. Then the cases of two published GPU
frameworks, and a sweep over the number of work items. Needs a GPU with PyCUDA or CuPy, and NVRTC.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from gpu_model import A100, H200, Case, Gpu, Prediction, predict
from processes import this_machine
from rich.console import Console
from rich.table import Table

import rateloom
from rateloom import Connectome
from rateloom.drivers import plan
from rateloom.drivers.device import Device, open_device
from rateloom.drivers.errors import InputError
from rateloom.loading import shipped_models

CASES = {
    # van der Vlag et al. 2024, doi 10.3390/app14052211: about 480 s and 36.3 GB on an A100 with 40 GB
    "adex": (Case("zerlaut_second_order", "tvb68", 3.0, "euler", 50_000, 16_384, 1_000), ("b_e", 0.0, 60.0)),
    # cuBNM 0.1: 327 s on an A100 in double precision, with BOLD
    "cubnm": (
        Case("reduced_wong_wang_exc_inh", "dense:100", np.inf, "euler", 600_000, 32_768, 10_000),
        ("G", 0.0, 3.0),
    ),
}
for _count in (1_024, 4_096, 16_384, 65_536, 262_144):
    CASES[f"montbrio-{_count}"] = (
        Case("montbrio", "tvb76", 3.0, "heun", 10_000, _count, 1_000),
        ("G", 0.0, 0.4),
    )
DT = 0.1
# Of all launches and copies, one after another: where the time goes.
PARTS = ("launch", "fetch", "copy_in")


@dataclasses.dataclass(eq=False)
class Timed:
    """A device whose operations are waited for and timed, and whose memory is counted."""

    device: Device
    wait: bool
    seconds: dict[str, float] = dataclasses.field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    sizes: dict[int, int] = dataclasses.field(default_factory=dict)
    most: int = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.device, name)
        if name not in PARTS or not self.wait:
            return found

        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter()
            result = found(*arguments)
            self.device.synchronise()
            self.seconds[name] += time.perf_counter() - begin
            return result

        return timed

    def allocate(self, shape: Any, dtype: Any) -> Any:
        buffer = self.device.allocate(shape, dtype)
        self.sizes[id(buffer)] = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self.most = max(self.most, sum(self.sizes.values()))
        return buffer

    def release(self, buffer: Any) -> None:
        del self.sizes[id(buffer)]
        self.device.release(buffer)


def main(
    cases: Annotated[str, typer.Option(help="Cases to time, separated by commas.")] = ",".join(CASES),
    share: Annotated[float, typer.Option(help="Part of each case's steps; the time is scaled up.")] = 1.0,
    device: Annotated[int, typer.Option(help="Which GPU.")] = 0,
    model: Annotated[
        bool, typer.Option("--model", help="Print the model of the time alone; no GPU.")
    ] = False,
    backend: Annotated[str, typer.Option(help="cuda, or emulated to try the script itself.")] = "cuda",
    out: Annotated[Path, typer.Option(help="JSON to write.")] = Path("gpu.json"),
) -> None:
    """Check and time rateloom on a GPU.

    Example: python benchmarks/gpu.py --cases adex,cubnm
    """
    console = Console(width=150)
    wanted = [name for name in cases.split(",") if name]
    unknown = [name for name in wanted if name not in CASES]
    if unknown:
        sys.exit(f"gpu.py: error: no case {unknown[0]!r}; cases: {', '.join(CASES)}")
    warnings.simplefilter("ignore")
    if model:
        console.print(model_table(wanted))
        return
    try:
        gpu = open_device(backend, device if backend == "cuda" else None)
    except InputError as problem:
        sys.exit(f"gpu.py: error: {problem}")
    record: dict[str, Any] = {"device": gpu.name, "arch": gpu.arch, "machine": this_machine()}
    record["differences"] = [
        difference(name, dtype, backend) for name in shipped_models() for dtype in LIMITS
    ]
    console.print(_table("Largest difference from Numba, 400 steps", record["differences"]))
    record["cases"] = [timing(name, share, gpu, backend) for name in wanted]
    console.print(_table(f"Throughput on {gpu.name}", record["cases"]))
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    console.print(f"wrote {out}")
    if any(not entry["within"] for entry in record["differences"]):
        sys.exit("gpu.py: error: a model differs from Numba by more than its limit")


# Single precision is amplified by the models' own dynamics; a single step is what tests compare.
LIMITS = {"float64": 1e-9, "float32": 1e-2}


def difference(name: str, dtype: str, backend: str) -> dict[str, Any]:
    """Run a model with noise, with delays and at a speed without any, on the device and by Numba."""
    settings: dict[str, Any] = {
        "connectome": "synthetic:16", "duration": 40.0, "dt": DT, "dtype": dtype, "progress": False,
    }  # fmt: skip
    axes = {"G": [0.1, 0.2, 0.3], "speed": [3.0, 1e9]}
    ours, numbas = (rateloom.sweep(name, axes, backend=b, **settings) for b in (backend, "numba"))
    largest = max(
        float(np.abs(ours[v] - numbas[v]).max() / max(1e-3, float(np.abs(numbas[v]).max())))
        for v in ours.data_vars
        if v != "diverged_step"
    )
    return {"model": name, "dtype": dtype, "relative difference": largest, "within": largest <= LIMITS[dtype]}


def brain(case: Case) -> Connectome:
    """A connectome by name; ``dense:N`` has an edge between any two of N nodes, and no lengths."""
    kind, _, count = case.connectome.partition(":")
    if kind != "dense":
        return rateloom.connectome(case.connectome)
    n_node = int(count)
    weights = np.random.default_rng(0).uniform(0.0, 1.0, (n_node, n_node))
    np.fill_diagonal(weights, 0.0)
    return Connectome(weights, np.zeros((n_node, n_node)), name=case.connectome)


def timing(name: str, share: float, gpu: Device, backend: str) -> dict[str, Any]:
    """Time a case as a user runs it, then once more with every operation waited for."""
    case, (axis, low, high) = CASES[name]
    case = dataclasses.replace(case, steps=max(case.window, round(case.steps * share)))
    settings: dict[str, Any] = {
        "connectome": brain(case), "duration": case.steps * DT, "dt": DT, "integrator": case.integrator,
        "speed": case.speed, "period": case.window * DT, "backend": backend, "progress": False,
    }  # fmt: skip
    axes = {axis: np.linspace(low, high, case.work_items)}
    rateloom.sweep(case.model, axes, **settings | {"duration": case.window * DT})  # compiles
    found = []
    for wait in (False, True):
        timed = Timed(gpu, wait)
        opened, plan.open_device = plan.open_device, lambda *arguments, t=timed: t
        begin = time.perf_counter()
        rateloom.sweep(case.model, axes, **settings)
        found.append((time.perf_counter() - begin, timed))
        plan.open_device = opened
    (seconds, plain), (_, waited) = found
    prediction = predict(case, brain(case), H200)
    return {
        "case": name,
        "seconds": seconds,
        "seconds of the whole case": seconds * CASES[name][0].steps / case.steps,
        "G node-steps/s": prediction.node_steps / seconds / 1e9,
        "GB on the device": plain.most / 1e9,
        **{f"{part}, s": waited.seconds[part] for part in PARTS},
        "T instructions/s": prediction.node_steps * prediction.instructions / seconds / 1e12,
        "TB/s": prediction.node_steps * prediction.bytes / seconds / 1e12,
    }


def model_table(wanted: list[str]) -> Table:
    """Put what the model says of each case on two GPUs into a table."""
    rows = []
    for name in wanted:
        case = CASES[name][0]
        for gpu in (H200, A100):
            rows.append(_row(name, gpu, predict(case, brain(case), gpu)))
    return _table("Model of the time, float32", rows)


def _row(name: str, gpu: Gpu, found: Prediction) -> dict[str, Any]:
    return {
        "case": name,
        "GPU": gpu.name,
        "G node-steps": found.node_steps / 1e9,
        "instructions": found.instructions,
        "bytes": found.bytes,
        "issue, s": found.issue,
        "memory, s": found.memory,
        "launches, s": found.launches,
        "bound, s": found.bound,
        "expected, s": found.expected,
    }


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title)
    for heading in rows[0] if rows else ():
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()))
    return table


if __name__ == "__main__":
    typer.run(main)

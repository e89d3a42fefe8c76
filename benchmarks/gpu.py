"""rateloom on a GPU, in one command: is it right, how fast is it, where does the time go, what is the bound.

Correctness first: every shipped model on the device against Numba. Then the cases of two published GPU
frameworks, a sweep over the number of work items, and peers that JAX runs on the GPU. Needs a GPU with PyCUDA
or CuPy, and NVRTC.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer
from figures import log_log, save
from gpu_cases import CASES, QUICK_STEPS, brain
from gpu_model import A100, H200, Gpu, Prediction, peaks_of, predict
from gpu_peers import peer_rows
from gpu_timing import LIMITS, difference, timing
from processes import this_machine
from report import Spread, check_folder, machine_line, markdown_table, publish
from rich.console import Console
from rich.table import Table

from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.backends.registry import open_backend

Rows = list[dict[str, Any]]
STEPS = 400


def main(
    cases: Annotated[str, typer.Option(help="Cases to time, separated by commas.")] = ",".join(CASES),
    models: Annotated[str, typer.Option(help="Models to check, all by default.")] = "",
    share: Annotated[float, typer.Option(help="Part of each case's steps; the time is scaled up.")] = 1.0,
    quick: Annotated[bool, typer.Option(help="A few steps of a few work items, float32 alone.")] = False,
    device: Annotated[int, typer.Option(help="Which GPU.")] = 0,
    peers: Annotated[bool, typer.Option(help="Run tvboptim and vbjax, if JAX has a GPU.")] = True,
    model: Annotated[
        bool, typer.Option("--model", help="Print the model of the time alone; no GPU.")
    ] = False,
    backend: Annotated[str, typer.Option(help="cuda, or emulated to try the script itself.")] = "cuda",
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Check and time rateloom on a GPU.

    Example: python benchmarks/gpu.py --out docs
    """
    console = Console(width=190)
    wanted = _chosen("case", cases, CASES)
    checked = _chosen("model", models, shipped_models()) or sorted(shipped_models())
    warnings.simplefilter("ignore")
    if model:
        console.print(_table("Model of the time, float32", model_rows(wanted)))
        return
    try:
        check_folder(out)
        opened = open_backend(backend, device if backend == "cuda" else None)
    except ValueError as problem:
        sys.exit(f"gpu.py: error: {problem}")
    assert isinstance(opened, DeviceBackend)
    gpu = opened.device
    steps = QUICK_STEPS if quick else STEPS
    differences = [
        difference(name, dtype, backend, steps)
        for name in checked
        for dtype in (["float32"] if quick else LIMITS)
    ]
    console.print(_table(f"Largest difference from Numba, {steps} steps", differences))
    timed: Rows = []
    for name in wanted:
        case = CASES[name].shortened(share, quick)
        timed.append(timing(name, CASES[name], case, opened, backend, peaks_of(gpu.name)))
        console.print(_table(f"{name} on {gpu.name}", timed[-1:]))
    compared = peer_rows(gpu, quick) if peers and backend == "cuda" else []
    if compared:
        console.print(_table("Peers, montbrio", compared))
    record = {"device": gpu.name, "arch": gpu.arch, "machine": this_machine(), "differences": differences,
              "cases": timed, "peers": compared}  # fmt: skip
    if out:
        _publish(out, record)
        console.print(f"wrote {out / 'benchmarks.md'}, benchmarks.json and images/gpu.png")
    if any(not entry["within"] for entry in differences):
        sys.exit("gpu.py: error: a model differs from Numba by more than its limit")


def _chosen(what: str, text: str, known: Any) -> list[str]:
    names = [name for name in text.split(",") if name]
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"gpu.py: error: no {what} {unknown[0]!r}; {what}s: {', '.join(known)}")
    return names


def model_rows(wanted: list[str]) -> Rows:
    """Return the predicted throughput of each case on two GPUs."""
    return [
        _row(name, gpu, predict(CASES[name], brain(CASES[name]), gpu))
        for name in wanted
        for gpu in (H200, A100)
    ]


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


def _publish(out: Path, record: dict[str, Any]) -> None:
    """Write what was measured into the page: tables, their data, and a picture."""
    lines = [f"### {record['device']} ({record['arch']})\n", machine_line(record["machine"]) + "\n"]
    for title, key in (("Throughput", "cases"), ("Peers", "peers"), ("Against Numba", "differences")):
        if record[key]:
            headings = list(dict.fromkeys(heading for row in record[key] for heading in row))
            lines += [f"{title}:\n", markdown_table(headings, [_texts(row, headings) for row in record[key]])]
    series = {
        "rateloom": [
            (r["work items"], r["G node-steps/s"]) for r in record["cases"] if "montbrio" in r["case"]
        ]
    }
    for row in record["peers"]:
        if "G node-steps/s" in row:
            series.setdefault(row["tool"], []).append((row["work items"], row["G node-steps/s"]))
    drawn = {label: [(x, Spread(y, y, y)) for x, y in points] for label, points in series.items() if points}
    if drawn:
        (out / "images").mkdir(exist_ok=True)
        figure = log_log({f"montbrio on {record['device']}": drawn}, ["work items"], "G node-steps/s")
        save(figure, out / "images" / "gpu.png")
        lines.append("![Throughput on a GPU against work items](images/gpu.png)\n")
    publish(out, "gpu", "\n".join(lines), record)


def _table(title: str, rows: Rows) -> Table:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*_texts(row, headings))
    return table


def _texts(row: dict[str, Any], headings: list[str]) -> list[str]:
    values = [row.get(heading, "") for heading in headings]
    return [f"{v:.3g}" if isinstance(v, float) else str(v) for v in values]


if __name__ == "__main__":
    typer.run(main)

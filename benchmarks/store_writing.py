"""Share of a study's time that writing takes: ``python benchmarks/store_writing.py`` (three minutes).

Processor time of the thread that writes, rows while the others simulate, arrays and indices at the end, as a
share of all processor time of the process.
"""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from unittest.mock import patch

import numpy as np
import typer
from processes import this_machine
from report import machine_line, table
from rich.console import Console

import rateloom
from rateloom.drivers.studies import study_run
from rateloom.drivers.studies.item_tables import Writer

# work items, and nodes of the connectome, of the cases in docs/studies.md
CASES = ((65_536, "synthetic:8"), (1_024, "tvb68"))
HEADINGS = ("study", "time a work item", "rows", "arrays and indices", "of it writing")


def main(
    parts: Annotated[int, typer.Option(min=1, help="Take so much fewer work items.")] = 1,
) -> None:
    """Sweep into a directory, and time what writes to it."""
    console = Console() if Console().is_terminal else Console(width=150)
    before = this_machine()
    rows = [row_of(items // parts, connectome) for items, connectome in CASES]
    console.print(table("Writing", HEADINGS, rows))
    console.print(machine_line(before))


def row_of(n_item: int, connectome: str) -> tuple[str, ...]:
    """Measure one case; a small one before it compiles the kernels."""
    side = max(2, round(n_item**0.5))
    axes = {"G": np.linspace(0, 0.4, side), "eta": np.linspace(-6, -4, n_item // side)}
    how: dict[str, Any] = {"connectome": connectome, "duration": 1000.0, "dt": 0.1, "keep": "measures"}
    rateloom.sweep("montbrio", {name: values[:4] for name, values in axes.items()}, **how)
    spent: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.multiple(study_run, **_timed_endings(spent)),
        patch.object(Writer, "add", _timed(Writer.add, "rows", spent)),
    ):
        start = time.process_time()
        rateloom.sweep("montbrio", axes, out=Path(folder, "study"), **how)
        whole = time.process_time() - start
    done = side * (n_item // side)
    each = {name: 1000 * seconds / done for name, seconds in spent.items()}
    share = sum(spent.values()) / whole
    return (
        f"{done} work items of montbrio, {connectome}, 1 s",
        f"{1000 * whole / done:.3g} ms", f"{each['rows']:.3f} ms", f"{each['arrays']:.3f} ms", f"{share:.1%}",
    )  # fmt: skip


def _timed_endings(spent: dict[str, float]) -> dict[str, Any]:
    return {
        "write_arrays": _timed(study_run.write_arrays, "arrays", spent),
        "index_parameters": _timed(study_run.index_parameters, "arrays", spent),
    }


def _timed(work: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    @functools.wraps(work)
    def timed(*arguments: Any) -> Any:
        start = time.thread_time()
        try:
            return work(*arguments)
        finally:
            spent[name] = spent.get(name, 0.0) + time.thread_time() - start

    return timed


if __name__ == "__main__":
    typer.run(main)

"""Cost of the measures of a work item: ``python benchmarks/measures.py --out measures.json``.

All measures, those that need a connectome among them, of 4,000 samples of 68 regions in two populations, in
processor time. Beside them, of the same series and in turn with them: SciPy's Hilbert transform and NumPy's
matrix of correlations, which any analysis of them would take.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from processes import this_machine
from report import machine_line, spread, table
from rich.console import Console
from scipy.signal import hilbert

from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.default_mode import DefaultMode
from rateloom.drivers.measures.item import Context
from rateloom.drivers.measures.measure_settings import MeasureSettings

POPULATIONS = 2
HEADINGS = ("of a work item", "lowest", "median", "highest")
Series = NDArray[np.float32]


def main(
    regions: Annotated[int, typer.Option(min=4, help="Regions of the connectome.")] = 68,
    samples: Annotated[int, typer.Option(min=100, help="Samples of a series.")] = 4000,
    items: Annotated[int, typer.Option(min=1, help="Work items a round.")] = 8,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds.")] = 5,
    out: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Time the measures of work items, and a comparison.

    Example: python benchmarks/measures.py --items 2 --rounds 2
    """
    if out is not None and not out.parent.is_dir():
        message = f"error: --out {out}: there is no folder {out.parent}"
        Console(stderr=True).print(message, markup=False, soft_wrap=True)
        raise typer.Exit(1)
    machine = this_machine()
    weights = np.random.default_rng(0).random((regions, regions))
    network = DefaultMode((1, 2, 3), 1)
    context = Context(1.0, True, "standard", MeasureSettings(), weights, weights, network)
    series = np.stack([noise(regions, samples, seed) for seed in range(items)])
    works: dict[str, Callable[[Series], Any]] = {
        "all measures": lambda batch: measure_items(batch, context),
        "SciPy's Hilbert transform, NumPy's correlations": transform_and_correlate,
    }
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work(series[:1])  # compiles
    for _ in range(rounds):
        for name, work in works.items():
            start = time.process_time()
            work(series)
            seconds[name].append(POPULATIONS * (time.process_time() - start) / items)
    console = Console() if Console().is_terminal else Console(width=150)
    rows = [(name, *_milliseconds(values)) for name, values in seconds.items()]
    console.print(table("Measures", HEADINGS, rows))
    console.print(machine_line(machine))
    if out is not None:
        shape = {"regions": regions, "samples": samples, "populations": POPULATIONS, "items": items}
        text = json.dumps({"machine": machine, **shape, "seconds": seconds}, indent=1)
        out.write_text(text + "\n", encoding="utf-8")
        console.print(f"wrote {out}")


def noise(regions: int, samples: int, seed: int) -> Series:
    """Correlated noise (time, region) around 10 Hz."""
    generator = np.random.default_rng(seed)
    common = generator.standard_normal((samples, 1))
    own = generator.standard_normal((samples, regions))
    return (10 + np.linspace(0.1, 0.9, regions) * common + own).astype(np.float32)


def transform_and_correlate(batch: Series) -> None:
    """Take the analytic signals of each item's series, and their correlations."""
    for values in batch:
        hilbert(values, axis=0)
        np.corrcoef(values.T)


def _milliseconds(seconds: list[float]) -> tuple[str, ...]:
    one = spread(seconds)
    return tuple(f"{1000 * value:.3g} ms" for value in (one.low, one.median, one.high))


if __name__ == "__main__":
    typer.run(main)

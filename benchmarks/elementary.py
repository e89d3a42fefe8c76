"""Measure the largest errors of the branch-free elementary functions, and write them into the documentation.

    python benchmarks/elementary.py --out docs/elementary.md

Points and references are those of tests/generator/test_elementary.py: half of the points are spread evenly
over where a function is neither constant nor infinite, half over all exponents.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "generator"))

import elementary_reference as reference

BEGIN, END = "<!-- errors: begin -->", "<!-- errors: end -->"


def main(
    points: Annotated[int, typer.Option(min=10, help="Points a function and precision.")] = 1_000_000,
    out: Annotated[Path | None, typer.Option(help="Page to write the table into.")] = None,
) -> None:
    """Print the table of errors.

    Example: python benchmarks/elementary.py --points 10000
    """
    console = Console()
    page = out.read_text(encoding="utf-8") if out and out.is_file() else ""
    if out and not (BEGIN in page and END in page):
        message = f"error: --out {out}: no page with the marks {BEGIN} and {END}"
        Console(stderr=True).print(message, markup=False, soft_wrap=True)
        raise typer.Exit(1)
    call = reference.compiled()
    rows = [
        _row(call, name, points)
        for name in track(reference.PUBLIC, "functions", console=console, disable=not console.is_terminal)
    ]
    heading = f"| function | range | limit | {' | '.join(f'{d} | at' for d in reference.DTYPES)} |"
    lines = [heading, "| --- | --- | --- | --- | --- | --- | --- |", *rows]
    text = "\n".join([f"Largest error in units in the last place, at {points:,} points each:", "", *lines])
    console.print(text, markup=False, soft_wrap=True)
    if out:
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        unfinished = out.with_name(out.name + ".part")
        unfinished.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
        unfinished.replace(out)


def _row(call: reference.Call, name: str, points: int) -> str:
    cells = [name, _range(name), f"{reference.LIMITS[name]:g}"]
    for dtype in reference.DTYPES:
        found = reference.errors(call, name, dtype, points, seed=6)
        where = ", ".join(f"{x:.6g}" for x in found.where)
        cells += [f"{found.largest:.2f}", where]
    return f"| {' | '.join(cells)} |"


def _range(name: str) -> str:
    """Say where the points are."""
    if name in ("sin", "cos", "tan"):
        return "up to " + ", ".join(f"2^{math.log2(reference.ANGLES[d]):.0f}" for d in reference.DTYPES)
    return "whole"


if __name__ == "__main__":
    typer.run(main)

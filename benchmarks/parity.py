"""Print how far rateloom is from TVB: ``python benchmarks/parity.py [--write docs/parity.md]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parents[1]
for folder in ("oracle", "parity"):
    sys.path.insert(0, str(ROOT / "tests" / folder))

from parity_comparison import INTEGRATORS, MONITORS, TOLERANCE, Row, compare  # noqa: E402
from tvb_reference import CASES, tvb76  # noqa: E402

from rateloom.drivers.support.files import write_whole  # noqa: E402

HEADINGS = ("model", "TVB's model and coupling", "dt (ms)", "integrator", "monitor", "oracle", "rateloom")
BEGIN, END = "<!-- table of differences: begin -->\n", "<!-- table of differences: end -->"


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table as text."""
    case = row.case
    return (
        case.name,
        f"{case.tvb}, {case.coupling}",
        f"{case.dt:g}",
        row.integrator,
        row.monitor,
        f"{row.oracle:.0e}",
        f"{row.rateloom:.0e}",
    )


def narrow(line: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what is the same for all rows of a model, so that a line fits a terminal."""
    return (line[0], *line[3:])


def rich_table(rows: list[Row]) -> Table:
    """Lay the rows out for a terminal; what is beyond the tolerance is red."""
    table = Table(*narrow(HEADINGS), title="Largest difference from TVB, as a share of the variable's range")
    for row in rows:
        good = max(row.oracle, row.rateloom) <= TOLERANCE
        table.add_row(*narrow(cells(row)), style=None if good else "bold red")
    return table


def markdown_table(rows: list[Row]) -> str:
    """Lay the rows out for a document."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(cells(row) for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def replace_table(page: Path, table: str) -> None:
    """Put the table between the page's two markers."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise typer.BadParameter(f"{page} has no place for the table: it lacks the marker {END}")
    write_whole(page, before + BEGIN + table + END + after)


def main(
    write: Annotated[Path | None, typer.Option(help="Put the table into this page.", exists=True)] = None,
) -> None:
    """Compare every shipped model with TVB and print the table of differences."""
    console = Console()
    weights, lengths = tvb76()
    settings = [(c, i, m) for c in CASES for i in INTEGRATORS for m in MONITORS]
    progress = track(settings, "Comparing", console=Console(stderr=True), transient=True)
    rows = [compare(case, weights, lengths, integrator, monitor) for case, integrator, monitor in progress]
    console.print(rich_table(rows))
    if write:
        replace_table(write, markdown_table(rows))
    if max(max(row.oracle, row.rateloom) for row in rows) > TOLERANCE:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

"""Commands that draw sweeps: plot and report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from rateloom.drivers.support.destinations import beside
from rateloom.drivers.support.errors import InputError

Study = Annotated[
    Path, typer.Argument(metavar="DIR", help="Directory of a study, or a .zarr store of time series.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")]
Measures = Annotated[
    list[str] | None,
    typer.Option("--measure", metavar="NAME", help="Measure to show; may be repeated. A handful by default."),
]


def plot(
    study: Study,
    kind: Annotated[
        str,
        typer.Option(
            help="maps: heat maps of measures; series: a grid of time series; regions: a measure of each "
            "region over all work items; connectivity: functional beside structural; parallel: the best ones."
        ),
    ] = "maps",
    measure: Measures = None,
    x: Annotated[str | None, typer.Option("--x", metavar="AXIS", help="Axis from left to right.")] = None,
    y: Annotated[str | None, typer.Option("--y", metavar="AXIS", help="Axis from bottom to top.")] = None,
    facet: Annotated[
        str | None, typer.Option(metavar="AXIS", help="A third axis, with a panel for each value.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="AXIS=VALUE",
            help="Hold an axis at the nearest value; may be repeated. Middle by default.",
        ),
    ] = None,
    item: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="A work item (series, connectivity).")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Measure to rank work items by (parallel).")
    ] = None,
    best: Annotated[int, typer.Option(help="How many work items (parallel).")] = 100,
    lowest: Annotated[
        bool | None,
        typer.Option(
            "--lowest/--highest", help="Which values are the best (parallel); low distances by default."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=".png, .pdf or .svg; DIR_KIND.png if left out.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw a sweep, finished or not. Without options: heat maps of a handful of measures.

    \b
    Example:
      rateloom plot pilot
      rateloom plot pilot --measure mean_FC_r --x eta --y G --facet speed
      rateloom plot pilot --kind series --at speed=4
      rateloom plot pilot --kind connectivity --item 17
    """
    held = parse_held(at or ())
    target = out or beside(study, f"_{kind}.png")
    from rateloom.api.sweep_pictures import plot as draw

    draw(
        study, kind, measures=measure or (), x=x, y=y, facet=facet, at=held, item=item, by=by, best=best,
        lowest=lowest, out=target, overwrite=overwrite,
    )  # fmt: skip
    print(f"wrote {target}")


def report(
    study: Study,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An .html file; DIR_report.html if left out.")
    ] = None,
    measure: Measures = None,
    series: Annotated[
        int, typer.Option(metavar="COUNT", help="Most work items whose time series are in the report.")
    ] = 20,
    item: Annotated[
        list[int] | None,
        typer.Option(
            metavar="NUMBER", help="A work item whose series shall be among these; may be repeated."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write one HTML file with interactive pictures of a sweep, its plan, equations and table.

    It needs no network and no other file. Series that were not kept are simulated again (extra: report).

    \b
    Example:
      rateloom report pilot --series 25 --out pilot.html
    """
    target = out or beside(study, "_report.html")
    from rateloom.api.reports import report as write

    write(study, out=target, measures=measure or (), series=series, items=item or (), overwrite=overwrite)
    print(f"wrote {target} ({target.stat().st_size / 1e6:.1f} MB)")


def parse_held(texts: Sequence[str]) -> dict[str, object]:
    """Read values ``G=0.5`` at which axes are held.

    Raises
    ------
    InputError
        If one is not of that form, or an axis is there twice.
    """
    held: dict[str, object] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"--at {text}: write it like --at G=0.5")
        if name in held:
            raise InputError(f"--at {text}: {name} is held twice")
        held[name] = value
    return held

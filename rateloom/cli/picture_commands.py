"""Commands that draw sweeps: plot and report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rateloom.drivers.terminal.name_value import name_values
from rateloom.drivers.terminal.option import REQUIRED, Command, CommandLine, Option
from rateloom.drivers.terminal.output_files import beside

_STUDY = Option(
    "study", Path, REQUIRED, "Directory of a study, or a .zarr store or .nc file of time series.",
    metavar="DIR", argument=True,
)  # fmt: skip
_OVERWRITE = Option("overwrite", bool, False, "Replace a file that is there.")
_MEASURE = Option(
    "measure", str, None, "Measure to show; may be repeated. A handful by default.", metavar="NAME",
    repeatable=True,
)  # fmt: skip


def plot(options: CommandLine) -> None:
    """Draw a sweep, finished or not. Without options: heat maps of a handful of measures.

    \b
    Example:
      rateloom plot pilot
      rateloom plot pilot --measure mean_FC_r --x eta --y G --facet speed
      rateloom plot pilot --kind series --at speed=4
      rateloom plot pilot --kind connectivity --item 17
    """
    positions = parse_positions(options["at"] or ())
    from rateloom.api.sweep_pictures import KINDS
    from rateloom.api.sweep_pictures import plot as draw
    from rateloom.drivers.support.arguments import one_of

    # a picture is named after its kind
    kind = one_of("kind", options["kind"], KINDS)
    target = options["out"] or beside(options["study"], f"_{kind}.png")
    draw(
        options["study"], measures=options["measure"] or (), at=positions, out=target,
        **options.only("kind", "x", "y", "facet", "item", "by", "best", "lowest", "overwrite"),
    )  # fmt: skip
    print(f"wrote {target}")


def report(options: CommandLine) -> None:
    """Write one HTML file with interactive pictures of a sweep, its plan, equations and table.

    It needs no network and no other file. Series that were not kept are simulated again (extra: report).

    \b
    Example:
      rateloom report pilot --series 25 --out pilot.html
    """
    target = options["out"] or beside(options["study"], "_report.html")
    from rateloom.api.reports import report as write

    write(
        options["study"],
        out=target,
        measures=options["measure"] or (),
        items=options["item"] or (),
        **options.only("series", "overwrite"),
    )
    print(f"wrote {target} ({target.stat().st_size / 1e6:.1f} MB)")


def parse_positions(texts: Sequence[str]) -> dict[str, object]:
    """Read values ``G=0.5`` at which axes are held.

    Raises
    ------
    InputError
        If one is not of that form, or an axis is there twice.
    """
    return {name: value for name, value, _ in name_values("--at", texts, "--at G=0.5")}


PLOT = Command(
    "plot",
    (
        _STUDY,
        Option(
            "kind", str, "maps",
            "maps: heat maps of measures; series: a grid of time series; regions: a measure of "
            "each region over all work items; connectivity: functional beside structural; parallel: the best "
            "ones.",
        ),
        _MEASURE,
        Option("x", str, None, "Axis from left to right.", metavar="AXIS"),
        Option("y", str, None, "Axis from bottom to top.", metavar="AXIS"),
        Option("facet", str, None, "A third axis, with a panel for each value.", metavar="AXIS"),
        Option(
            "at", str, None, "Hold an axis at the nearest value; may be repeated. Middle by default.",
            metavar="AXIS=VALUE", repeatable=True,
        ),
        Option("item", int, None, "A work item (series, connectivity).", metavar="NUMBER"),
        Option("by", str, None, "Measure to rank work items by (parallel).", metavar="NAME"),
        Option("best", int, 100, "How many work items (parallel)."),
        Option(
            "lowest", bool, None, "Which values are the best (parallel); low distances by default.",
            flag="--lowest/--highest",
        ),
        Option("out", Path, None, ".png, .pdf or .svg; DIR_KIND.png if left out.", metavar="FILE"),
        _OVERWRITE,
    ),
    plot,
)  # fmt: skip
REPORT = Command(
    "report",
    (
        _STUDY,
        Option("out", Path, None, "An .html file; DIR_report.html if left out.", metavar="FILE"),
        _MEASURE,
        Option(
            "series", int, 20, "Most work items whose time series are in the report.", metavar="COUNT"
        ),
        Option(
            "item", int, None, "A work item whose series shall be among these; may be repeated.",
            metavar="NUMBER", repeatable=True,
        ),
        _OVERWRITE,
    ),
    report,
)  # fmt: skip

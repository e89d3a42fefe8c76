"""Options of rateloom fit that are neither a sweep's nor a search's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rateloom.drivers.terminal import options

_FILE = "[NAME=]FILE[:VARIABLE][:SLICE]"
_KINDS = "npy, npz, csv, tsv, txt or mat, one for each --{}."

Fc = Annotated[
    list[str] | None,
    typer.Option("--fc", metavar=_FILE, help=f"Functional connectivity: {_KINDS.format('fc')}"),
]
Fcd = Annotated[
    list[str] | None,
    typer.Option(
        "--fcd", metavar=_FILE,
        help=f"Functional-connectivity dynamics, as a matrix or as values: {_KINDS.format('fcd')}",
    ),
]  # fmt: skip
PhaseFcd = Annotated[
    list[str] | None,
    typer.Option("--phase-fcd", metavar=_FILE, help="Dynamics of phase coherence, likewise."),
]
Series = Annotated[
    list[str] | None,
    typer.Option(
        "--series", metavar=_FILE,
        help="Time series, a row a time and a column a node, that all three are made from; with --tr.",
    ),
]  # fmt: skip
SamplesApart = Annotated[
    float | None,
    typer.Option(
        "--tr",
        help="Time between samples of --series, ms, and between volumes with --monitor bold (2000 if left "
        "out).",
        **options.NUMBER,
    ),
]
TargetLabels = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Names of the targets' regions, one a line; they are put in the connectome's order.",
    ),
]
By = Annotated[
    str,
    typer.Option(
        help="Rank by fc (correlation of functional connectivity), fcd or phase (distance of its dynamics), "
        "or both (fc less fcd)."
    ),
]
Best = Annotated[int, typer.Option(help="How many to say, of each target.", **options.WHOLE)]
Exposure = Annotated[
    str | None, typer.Option(help="Exposure of the model that is ranked; its first one if left out.")
]
FcdWindow = Annotated[
    float | None,
    typer.Option(
        help="Sliding window of functional-connectivity dynamics, ms; 1000 if left out, of BOLD a minute.",
        **options.NUMBER,
    ),
]
FcdStep = Annotated[
    float | None,
    typer.Option(help="Step of that window, ms; 100 if left out, of BOLD a volume.", **options.NUMBER),
]
Csv = Annotated[
    Path | None, typer.Option(help="Table of the best fits to write; named after --out if left out.")
]
SeriesOut = Annotated[
    Path | None,
    typer.Option(help="Simulate the best again, and write their time series to this Zarr store."),
]

"""Options of every command that simulates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def _whole(text: str | int) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a whole number") from None


def _number(text: str | float) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None


# Typer's own words for what is no number speak of parsing.
WHOLE: dict[str, Any] = {"parser": _whole, "metavar": "INTEGER"}
NUMBER: dict[str, Any] = {"parser": _number, "metavar": "NUMBER"}


def _list_devices(wanted: bool) -> None:
    if wanted:
        from rateloom.drivers.backends.cuda.gpus import list_devices
        from rateloom.drivers.support.memory import format_bytes

        for found in list_devices():
            print(f"{found.number}: {found.name}, {format_bytes(found.memory)} ({found.backend})")
        raise typer.Exit


ListDevices = Annotated[
    bool,
    typer.Option("--list-devices", callback=_list_devices, is_eager=True, help="Say which GPUs there are."),
]

ConnectomeName = Annotated[
    str | None,
    typer.Option(
        "--connectome",
        help="tvb66, tvb68, tvb76, tvb96, tvb192, synthetic:N, or a TVB zip, folder or .npz file. "
        "tvb76 if left out.",
    ),
]
Normalize = Annotated[
    str, typer.Option(help="Weights divided by: max (the largest), row or column (sums), none.")
]
Duration = Annotated[float, typer.Option(help="Simulated time, ms.", **NUMBER)]
TimeStep = Annotated[float, typer.Option("--dt", help="Integration step, ms.", **NUMBER)]
Integrator = Annotated[str, typer.Option(help="heun or euler.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a parameter: eta=-5, or eta=@values.csv with one value a node.",
    ),
]
Initial = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Set an initial state: r=0.1, or r=@values.csv."),
]
Speed = Annotated[float, typer.Option(help="Conduction speed, mm/ms; inf for no delays.", **NUMBER)]
Monitor = Annotated[
    str,
    typer.Option(help="tavg (means over --period), raw (every step) or bold (BOLD signals of the means)."),
]
Period = Annotated[float, typer.Option(help="Time between samples of tavg, ms.", **NUMBER)]
Seed = Annotated[int, typer.Option(help="Seed of noise and random initial states.", **WHOLE)]
NoiseOn = Annotated[bool, typer.Option("--noise/--no-noise", help="With the model's noise, or without.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME=VALUE",
        help="Give the model an input: stimulus=0.5, or stimulus=@signal.csv with one value a node (a row or "
        "column), or with a row a time and a column a node, the rows spread evenly over the run.",
    ),
]
Backend = Annotated[
    str,
    typer.Option(
        help="What runs it: numba (the processor), cuda (a GPU), emulated (a GPU's code on the processor)."
    ),
]
Device = Annotated[int | None, typer.Option(help="Which GPU, counted from 0.", **WHOLE)]
HistoryDtype = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="DTYPE",
        help="Precision of delayed values on a device: float16 takes half of float32's memory.",
    ),
]
Dtype = Annotated[str, typer.Option(help="float32 or float64.")]
Math = Annotated[str, typer.Option(help="Elementary functions: fast (vectorised) or libm (the library's).")]
Threads = Annotated[int | None, typer.Option(help="CPU threads; all cores if left out.", **WHOLE)]
Lanes = Annotated[
    int | None,
    typer.Option(help="Work items advanced together: 1 to 32, a power of two; chosen if left out.", **WHOLE),
]
Block = Annotated[
    int | None,
    typer.Option(
        help="Most steps a node is advanced at once: 1 to 32, a power of two; chosen if left out.", **WHOLE
    ),
]
Calibrate = Annotated[
    bool | None,
    typer.Option(
        "--calibrate/--no-calibrate",
        help="Choose --lanes and --block by measuring; for runs of minutes if left out, once a model.",
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the store and the pictures if they are there.")
]
Keep = Annotated[
    str | None,
    typer.Option(
        help="What to keep: measures (of the samples of --monitor; rateloom sweep alone, and what it keeps "
        "unless --out names a .zarr store), averages (the samples themselves), bold (BOLD signals made of "
        "them) or raw (every step, whatever --monitor)."
    ),
]
BoldFrom = Annotated[
    str | None,
    typer.Option(metavar="EXPOSURE", help="What BOLD signals are made of; the first exposure if left out."),
]
RepetitionTime = Annotated[
    float | None, typer.Option("--tr", help="Time between volumes of BOLD, ms; 2000 if left out.", **NUMBER)
]
BoldStep = Annotated[
    float | None,
    typer.Option(
        help="Step of the haemodynamic model, ms, a whole number of samples; about 4 if left out.", **NUMBER
    ),
]
WarmUp = Annotated[
    float | None, typer.Option(help="Leave volumes of BOLD up to this time out, ms; 0 if left out.", **NUMBER)
]
BoldSet = Annotated[
    list[str] | None,
    typer.Option(
        "--bold-set",
        metavar="NAME=VALUE",
        help="Set a parameter of the haemodynamic model: efficacy=0.1, or efficacy=@values.csv.",
    ),
]
Measures = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Which measures: names and families, mean_FC,moments,spectrum; all if left out. Moments and "
        "connectivity alone are made in one pass, without holding series.",
    ),
]
Custom = Annotated[
    list[Path] | None,
    typer.Option(
        "--custom",
        metavar="FILE.py",
        help="Python file with measures of your own: functions decorated with rateloom.measure.",
    ),
]
Matrices = Annotated[
    bool, typer.Option("--matrices", help="Keep functional connectivity and phase-lag index of each, too.")
]
Memory = Annotated[
    str | None, typer.Option(help="Most memory to use, 4GB; half of what is free if left out.")
]
Executor = Annotated[
    str,
    typer.Option(
        help="Where measures are made: threads (of this process), mpi (ranks that mpirun started) or dask "
        "(workers of --scheduler). Changes no result."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask's scheduler: its address, tcp://HOST:8786, or its file."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Zarr store to write, or directory where measures are kept; named after the model if left out."
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Say what keeping measures would take in memory, on disk and in time, by trying a little of it; "
        "nothing is written.",
    ),
]
Resume = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Go on with the study in a directory. Its plan says all but --threads, --device, --memory and "
        "--executor; a model and options that are given must be the plan's.",
    ),
]
Plot = Annotated[
    Path | None, typer.Option(help="Picture to write: .png, .pdf or .svg; named after --out if left out.")
]
Axes = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="NAME=VALUES",
        help="Axis of the sweep, once for each: G=0:1:16 (16 values from 0 to 1), eta=-5,-4.6 or "
        "nsig=log:1e-9:1e-4:4 (logarithmic). Any parameter, or speed.",
    ),
]

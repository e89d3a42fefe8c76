"""Options of every command that simulates, and where its results go; checked before anything is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import InputError

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
Duration = Annotated[float, typer.Option(help="Simulated time, ms.")]
TimeStep = Annotated[float, typer.Option("--dt", help="Integration step, ms.")]
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
Speed = Annotated[float, typer.Option(help="Conduction speed, mm/ms.")]
Monitor = Annotated[str, typer.Option(help="tavg (means over --period) or raw (every step).")]
Period = Annotated[float, typer.Option(help="Time between samples of tavg, ms.")]
Seed = Annotated[int, typer.Option(help="Seed of noise and random initial states.")]
NoiseOn = Annotated[bool, typer.Option("--noise/--no-noise", help="With the model's noise, or without.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input", metavar="NAME=@FILE", help="A model's input: a table of time (rows) by node (columns)."
    ),
]
Backend = Annotated[str, typer.Option(help="What runs it: numba.")]
Dtype = Annotated[str, typer.Option(help="float32 or float64.")]
Math = Annotated[str, typer.Option(help="Elementary functions: fast (vectorised) or libm (the library's).")]
Threads = Annotated[int | None, typer.Option(help="CPU threads; all cores if left out.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that are already there.")]
Keep = Annotated[str, typer.Option(help="What to keep: averages (as the monitor gives) or raw.")]
Memory = Annotated[
    str | None, typer.Option(help="Most memory to use, 4GB; half of what is free if left out.")
]
Out = Annotated[Path | None, typer.Option(help="Zarr store to write; named after the model if left out.")]
Plot = Annotated[Path | None, typer.Option(help="Picture to write; named after the model if left out.")]
Axes = Annotated[
    list[str],
    typer.Option(
        "--sweep",
        metavar="NAME=VALUES",
        help="Axis of the sweep, once for each: G=0:1:16 (16 values from 0 to 1), eta=-5,-4.6 or "
        "nsig=log:1e-9:1e-4:4 (logarithmic). Any parameter, or speed.",
    ),
]


def result_paths(name: str, out: Path | None, plot: Path | None, overwrite: bool) -> tuple[Path, Path]:
    """Where the store and the picture go; refused now, before the work, if they cannot go there."""
    store = out or Path(f"{name}.zarr")
    picture = plot or Path(f"{name}.png")
    check_store(store, overwrite)
    check_picture(picture)
    for path in (store, picture):
        path.parent.mkdir(parents=True, exist_ok=True)
    return store, picture


def draw_sweep(result: Any, picture: Path) -> list[Path]:
    """Draw the heat map and the grid of time series of a sweep; return what was written."""
    from .plots import plot_grid, plot_sweep

    plot_sweep(result, picture)
    series = picture.with_stem(f"{picture.stem}_series")
    plot_grid(result, series)
    return [picture, series]


def check_store(out: Path, overwrite: bool) -> None:
    """Refuse a store that exists already, or cannot be made, before any work is done.

    Raises
    ------
    InputError
        If it exists and is not to be replaced, or exists and is no Zarr store.
    """
    if not out.exists():
        return
    if not overwrite:
        raise InputError(f"{out} exists already; give another --out, or --overwrite to replace it")
    if not (
        out.is_dir()
        and ((out / "zarr.json").exists() or (out / ".zgroup").exists() or not any(out.iterdir()))
    ):
        raise InputError(f"{out} is not a Zarr store and is not overwritten; give another --out")


def check_picture(plot: Path) -> None:
    """Refuse a picture that could not be written, before any work is done.

    Raises
    ------
    InputError
        If its name does not end as a picture's does, or is that of a folder.
    """
    if plot.suffix.lower() not in {".png", ".pdf", ".svg"}:
        raise InputError(f"--plot {plot}: the name of a picture ends in .png, .pdf or .svg")
    if plot.is_dir():
        raise InputError(f"--plot {plot} is a folder; give the name of a picture")

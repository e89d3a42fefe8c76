"""Sweep G and b_e as figure 2 of van der Vlag et al. 2024 does: ``python benchmarks/adex_figure2.py``.

Writes the picture and prints the table of the mean excitatory rate and its deviation over time
(doi 10.3390/app14052211). A region is ignited, and left out, when it ends above 100 Hz.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
import xarray as xr

import rateloom
from rateloom.drivers.pictures.plots import plot_grid

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "adex_figure2.png"
TRANSIENT = 1000.0  # ms
IGNITED = 100.0  # Hz, over the last 100 samples


def simulate(duration: float, **settings: float) -> xr.Dataset:
    """Sweep 6 x 6 combinations of G and b_e in 68 regions with noise; `settings` are further parameters."""
    axes = {"G": np.linspace(0.3, 0.9, 6), "b_e": np.linspace(0.0, 120.0, 6)}
    return rateloom.sweep(
        "adex_vast",
        axes,
        connectome="tvb68",
        normalize="column",
        duration=duration,
        dt=0.1,
        integrator="euler",
        speed=3.0,
        monitor="tavg",
        period=1.0,
        parameters=settings,
        seed=2024,
    )


def ignited(rate: xr.DataArray) -> xr.DataArray:
    """Say which regions end above 100 Hz."""
    return 1000.0 * rate.isel(time=slice(-100, None)).mean("time") > IGNITED


def quiet(rate: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Rates in Hz after the transient, NaN in regions that end ignited, and the number of those."""
    left_out = ignited(rate)
    return 1000.0 * rate.sel(time=slice(TRANSIENT, None)).where(~left_out), left_out.sum("node")


def markdown(result: xr.Dataset) -> str:
    """A row for each b_e, a column for each G: mean, deviation of a region over time, regions ignited."""
    rate, left_out = quiet(result["E"])
    mean, deviation = rate.mean(("time", "node")), rate.std("time").mean("node")
    heading = ["b_e (pA) \\\\ G", *(f"{g:.2f}" for g in mean["G"].values)]
    lines = [heading, ["---"] * len(heading)]
    for b_e in mean["b_e"].values:
        row = [x.sel(b_e=b_e).values for x in (mean, deviation, left_out)]
        cells = [f"{m:.2f} ± {s:.2f}" + (f" ({n})" if n else "") for m, s, n in zip(*row, strict=True)]
        lines.append([f"{b_e:.0f}", *cells])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main(
    duration: Annotated[float, typer.Option(help="Length of each simulation in ms.")] = 5000.0,
    picture: Annotated[Path, typer.Option(help="Picture to write.")] = PICTURE,
) -> None:
    """Make the picture and print the table."""
    result = simulate(duration)
    shown = result[["E", "I"]].where(~ignited(result["E"])).mean("node", keep_attrs=True)
    plot_grid(shown.expand_dims("node", -1).assign_attrs(result.attrs), picture)
    typer.echo(markdown(result))


if __name__ == "__main__":
    typer.run(main)

"""Sweep G and b_e as figure 2 of van der Vlag et al. 2024 does: ``python benchmarks/adex_figure2.py``.

Writes the picture and prints the table of the mean excitatory rate and its deviation over time
(doi 10.3390/app14052211).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
import xarray as xr

import rateloom
from rateloom.drivers.plots import plot_grid

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "adex_figure2.png"
TRANSIENT = 1000.0  # ms


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


def statistics(result: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Mean over time and nodes of the excitatory rate, and the nodes' mean deviation over time, in Hz."""
    rate = 1000.0 * result["E"].sel(time=slice(TRANSIENT, None))
    return rate.mean(("time", "node")), rate.std("time").mean("node")


def markdown(result: xr.Dataset) -> str:
    """A row for each b_e, a column for each G; in each cell mean and deviation."""
    mean, deviation = statistics(result)
    heading = ["b_e (pA) \\\\ G", *(f"{g:.2f}" for g in mean["G"].values)]
    lines = [heading, ["---"] * len(heading)]
    for b_e in mean["b_e"].values:
        pairs = zip(mean.sel(b_e=b_e).values, deviation.sel(b_e=b_e).values, strict=True)
        lines.append([f"{b_e:.0f}", *(f"{m:.2f} ± {s:.2f}" for m, s in pairs)])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main(
    duration: Annotated[float, typer.Option(help="Length of each simulation in ms.")] = 5000.0,
    picture: Annotated[Path, typer.Option(help="Picture to write.")] = PICTURE,
) -> None:
    """Make the picture and print the table."""
    result = simulate(duration)
    plot_grid(result[["E", "I"]], picture)
    typer.echo(markdown(result))


if __name__ == "__main__":
    typer.run(main)

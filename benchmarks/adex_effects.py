"""Print what each parameter of the published sweeps does in adex_vast: ``python benchmarks/adex_effects.py``.

Settings are those of sections 3.2.1 to 3.2.5 of van der Vlag et al. 2024 (doi 10.3390/app14052211).
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer
import xarray as xr

import rateloom

CORNERS = ((0.3, 0.0), (0.3, 120.0), (0.75, 0.0), (0.75, 120.0))
DRIVE = 0.000315  # kHz
SETTINGS: dict[str, dict[str, float]] = {
    "as shipped": {},
    "tau_w_e = 250 ms": {"tau_w_e": 250.0},
    "tau_w_e = 1000 ms": {"tau_w_e": 1000.0},
    "a_e = -10 nS": {"a_e": -10.0},
    "weight_noise = 1e-5 kHz": {"weight_noise": 1e-5},
    "external_input_ex_ex × 1.5": {"external_input_ex_ex": 1.5 * DRIVE},
    "external_input_in_ex × 1.5": {"external_input_in_ex": 1.5 * DRIVE},
    "external_input_ex_in = 0.315 Hz": {"external_input_ex_in": DRIVE},
    "external_input_in_in = 0.315 Hz": {"external_input_in_in": DRIVE},
    "external_input_ex_in = 0.315 Hz, K_ext_i = 100": {"external_input_ex_in": DRIVE, "K_ext_i": 100.0},
    "speed = 1 mm/ms": {"speed": 1.0},
    "derivative_unit = 1": {"derivative_unit": 1.0},
}


def simulate(changed: dict[str, float], duration: float) -> xr.Dataset:
    """Sweep the four corners of the range of G and b_e, with noise, under changed parameters."""
    parameters = {name: value for name, value in changed.items() if name != "speed"}
    return rateloom.sweep(
        "adex_vast",
        {"G": np.array([0.3, 0.75]), "b_e": np.array([0.0, 120.0])},
        connectome="tvb68",
        normalize="column",
        duration=duration,
        integrator="euler",
        speed=changed.get("speed", 3.0),
        parameters=parameters,
        seed=2024,
        progress=False,
    )


def describe(rate: xr.DataArray) -> str:
    """Mean over nodes and time, a node's deviation over time, and slow synchrony, without what ignited.

    Slow synchrony is the deviation over time of the mean over nodes, smoothed over 100 ms, relative to its
    mean. A node is ignited when it stays above 100 Hz.
    """
    rate = 1000.0 * rate.sel(time=slice(1000.0, None))
    ignited = (rate.isel(time=slice(-100, None)).mean("time") > 100.0).values
    quiet = rate.isel(node=~ignited)
    together = np.convolve(quiet.mean("node").values, np.full(100, 0.01), "valid")
    lost = f", {ignited.sum()} ignited" if ignited.any() else ""
    mean, deviation = float(quiet.mean()), float(quiet.std("time").mean())
    return f"{mean:.2f} ± {deviation:.2f}, {together.std() / together.mean():.2f}{lost}"


def main(duration: Annotated[float, typer.Option(help="Length of each simulation in ms.")] = 5000.0) -> None:
    """Print a row for each setting, a column for each corner of the range of G and b_e."""
    lines = [["", *(f"G = {g}, b_e = {b:.0f}" for g, b in CORNERS)]]
    lines.append(["---"] * len(lines[0]))
    for name, changed in SETTINGS.items():
        result = simulate(changed, duration)["E"]
        lines.append([name, *(describe(result.sel(G=g, b_e=b)) for g, b in CORNERS)])
    typer.echo("".join("| " + " | ".join(line) + " |\n" for line in lines))


if __name__ == "__main__":
    typer.run(main)

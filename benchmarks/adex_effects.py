"""Print what each parameter of the published sweeps does in adex_vast: ``python benchmarks/adex_effects.py``.

Settings are those of sections 3.2.1 to 3.2.5 of van der Vlag et al. 2024 (doi 10.3390/app14052211).
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer
import xarray as xr
from adex_figure2 import quiet
from scipy.signal import welch

import rateloom

CORNERS = ((0.3, 0.0), (0.3, 120.0), (0.6, 0.0), (0.6, 120.0))
DRIVE = 0.000315  # kHz
SETTINGS: dict[str, dict[str, float]] = {
    "as shipped": {},
    "tau_w_e = 250 ms": {"tau_w_e": 250.0},
    "tau_w_e = 1000 ms": {"tau_w_e": 1000.0},
    "a_e = -10 nS": {"a_e": -10.0},
    "nsig = 0.5": {"nsig": 0.5},
    "nsig = 5": {"nsig": 5.0},
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
        {"G": np.unique([g for g, _ in CORNERS]), "b_e": np.unique([b for _, b in CORNERS])},
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
    """Mean and deviation over time; slow synchrony; mean correlation; frequency; regions ignited.

    Slow synchrony is the deviation over time of the mean over regions, smoothed over 100 ms, relative to its
    mean; the correlation is that of every two regions; the frequency is where the spectrum of the mean over
    regions peaks, from 1 Hz on. Ignited regions are counted and left out.
    """
    rates, left_out = quiet(rate)
    kept = rates.dropna("node")
    if not kept.size:
        return "diverges"
    together = kept.mean("node").values
    smooth = np.convolve(together, np.full(100, 0.01), "valid")
    correlation = np.corrcoef(kept.transpose("node", "time").values)[np.triu_indices(kept.sizes["node"], 1)]
    frequency, power = welch(together, fs=1000.0, nperseg=2000)
    peak = frequency[frequency >= 1][power[frequency >= 1].argmax()]
    lost = f", {int(left_out)} ignited" if left_out else ""
    mean, deviation = float(kept.mean()), float(kept.std("time").mean())
    synchrony = smooth.std() / smooth.mean()
    return f"{mean:.2f} ± {deviation:.2f}; {synchrony:.2f}; {correlation.mean():.2f}; {peak:.1f}{lost}"


def main(
    duration: Annotated[float, typer.Option(help="Length of each simulation in ms.")] = 10_000.0,
) -> None:
    """Print a row for each setting, a column for each corner of the range of G and b_e."""
    lines = [["", *(f"G = {g}, b_e = {b:.0f}" for g, b in CORNERS)]]
    lines.append(["---"] * len(lines[0]))
    for name, changed in SETTINGS.items():
        result = simulate(changed, duration)["E"]
        lines.append([name, *(describe(result.sel(G=g, b_e=b)) for g, b in CORNERS)])
    typer.echo("".join("| " + " | ".join(line) + " |\n" for line in lines))


if __name__ == "__main__":
    typer.run(main)

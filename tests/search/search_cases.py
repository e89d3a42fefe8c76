"""Models whose measures are known functions of their parameters, so that searches have known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import rateloom

# Exposures that do not change in time: their means are what the expressions say. Where lost > 0.5, x bursts.
BOWL = """
<Model name="bowl">
  <Parameter name="a" value="0.1" min="-2" max="2"/> <Parameter name="b" value="0.2"/>
  <Parameter name="P" size="3" value="1, 2, 3"/> <Parameter name="lost" value="0"/>
  <StateVariable name="x" initial="0"/>
  <Dynamics> <TimeDerivative variable="x" value="heaviside(lost - 0.5) * (1 + x)^2"/> </Dynamics>
  <Exposure name="near" value="-(a - 0.3)^2 - (b - 0.7)^2"/>
  <Exposure name="far" value="-(a + 0.5)^2 - (b - 0.7)^2"/>
  <Exposure name="third" value="P[0] + 10 * P[1] + 100 * P[2] + 0 * x"/>
</Model>"""
N = 4
LABELS = ("left", "right", "top", "bottom")
CONNECTOME = rateloom.Connectome(
    np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]], float), np.full((N, N), 45.0), LABELS
)
HOW: dict[str, Any] = {
    "connectome": CONNECTOME, "duration": 8.0, "dt": 0.5, "dtype": "float64", "noise": False, "lanes": 4,
    "batch": 8, "threads": 1, "progress": False, "seed": 7,
}  # fmt: skip


def bowl(folder: Path) -> Path:
    path = folder / "bowl.xml"
    path.write_text(BOWL)
    return path


def search(model: Any, free: Any, **changes: Any) -> xr.Dataset:
    return rateloom.search(model, free, **{**HOW, **changes})

"""Studies of a small model with inputs, delays and noise."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from calls import SETTINGS
from small_connectomes import DT

import rateloom

# 25 samples; the model's exposures are x and y
HOW: dict[str, Any] = {**SETTINGS, "duration": 200 * DT, "period": 8 * DT}
AXES: dict[str, Any] = {"G": np.linspace(0.1, 0.9, 5), "speed": [20.0, 9.0], "P[1]": [0.1, -0.2]}
N_ITEM = 20


def study(model: Any, out: Path, **changes: Any) -> xr.Dataset:
    return rateloom.sweep(model, AXES, keep="measures", out=out, **{**HOW, **changes})


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "measures.sqlite")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()

"""Calls of the public interface with settings that suit small connectomes."""

from __future__ import annotations

from typing import Any

import xarray as xr
from small_connectomes import DT, SPEED, middling
from special_models import model_from, model_of

import rateloom

DRIVEN = model_of("driven")
N = middling().n_node
SETTINGS: dict[str, Any] = {
    "connectome": middling(), "normalize": "none", "duration": 60 * DT, "dt": DT, "speed": SPEED,
    "period": 7 * DT, "seed": 5, "dtype": "float64", "threads": 1, "lanes": 4, "block": 4, "progress": False,
}  # fmt: skip
# A clock, whose samples are known, and an input that is passed on.
CLOCK = """
<Model name="clock">
  <Parameter name="a" value="1"/>
  <Input name="signal" default="-1"/>
  <StateVariable name="time_passed" initial="0"/> <StateVariable name="heard" initial="0"/>
  <Dynamics>
    <TimeDerivative variable="time_passed" value="a"/> <TimeDerivative variable="heard" value="signal"/>
  </Dynamics>
  <Exposure name="time_passed"/> <Exposure name="signal"/> <Exposure name="heard" unit="mV"/>
</Model>"""


def simulate(model: Any = DRIVEN, **changes: Any) -> xr.Dataset:
    return rateloom.simulate(model, **{**SETTINGS, **changes})


def sweep(axes: Any, model: Any = DRIVEN, **changes: Any) -> xr.Dataset:
    return rateloom.sweep(model, axes, **{**SETTINGS, **changes})


def clock(**changes: Any) -> xr.Dataset:
    return simulate(model_from(CLOCK), integrator="euler", **changes)

"""The reduction of samples to BOLD signals during a run, on the processor and on a device."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from rateloom.drivers.execution.reduction import Reduction

from .bold_on_device import open_device_bold
from .bold_settings import BoldSettings
from .haemodynamics import Haemodynamics
from .signals import STEPS, open_bold

_DOUBLE = 8


def bold_reduction(haemodynamics: Haemodynamics) -> Reduction:
    """Reduce work items to volumes."""
    bytes_volumes = (
        haemodynamics.timing.n_volume * haemodynamics.n_node * np.dtype(haemodynamics.dtype).itemsize
    )
    n_state, n_exposure = haemodynamics.code.counts.state_rows, len(haemodynamics.model.exposures)
    bytes_states = _DOUBLE * haemodynamics.n_node * (n_state + haemodynamics.timing.samples_step + 4 * STEPS)
    # states, two sums and two volumes, and what is hoisted if it is regional
    n_device_row = (
        n_state + 4 * n_exposure + (haemodynamics.n_hoisted if haemodynamics.parameters.shape[1] > 1 else 1)
    )
    return Reduction(
        bytes_item=bytes_volumes,
        bytes_working=0,
        sinks=(partial(open_bold, haemodynamics),),
        bytes_lane=bytes_volumes + bytes_states,
        on_device=partial(open_device_bold, haemodynamics),
        bytes_device=_DOUBLE * haemodynamics.n_node * n_device_row,
        bytes_state=_DOUBLE * haemodynamics.n_node * n_state,
    )


def bold_attributes(haemodynamics: Haemodynamics, settings: BoldSettings) -> dict[str, Any]:
    """Return all that a BOLD signal was made with, so that it can be made again."""
    # numbers and their order as a plan that is read again has them
    parameters = {
        n: np.asarray(v, np.float64).tolist() for n, v in sorted((settings.parameters or {}).items())
    }
    return {
        "keep": "bold",
        "bold_from": settings.exposure,
        "tr": float(settings.tr),
        "bold_dt": haemodynamics.timing.dt,
        "warm_up": float(settings.warm_up),
        "bold_model": haemodynamics.model.name,
        "bold_model_hash": haemodynamics.model.hash,
        "bold_parameters": parameters,
    }

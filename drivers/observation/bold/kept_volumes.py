"""What a run keeps where it keeps BOLD signals, on the processor and on a device."""

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


def bold_reduction(how: Haemodynamics) -> Reduction:
    """Reduce work items to volumes."""
    kept = how.timing.n_volume * how.n_node * np.dtype(how.dtype).itemsize
    n_state, n_exposure = how.code.counts.state_rows, len(how.model.exposures)
    here = _DOUBLE * how.n_node * (n_state + how.timing.samples_step + 4 * STEPS)
    # states, two sums and two volumes, and what is hoisted if it is regional
    there = n_state + 4 * n_exposure + (how.n_hoisted if how.parameters.shape[1] > 1 else 1)
    return Reduction(
        bytes_item=kept,
        bytes_working=0,
        sinks=(lambda items: open_bold(how, len(items)),),
        bytes_lane=kept + here,
        on_device=partial(open_device_bold, how),
        bytes_device=_DOUBLE * how.n_node * there,
    )


def bold_attributes(how: Haemodynamics, settings: BoldSettings) -> dict[str, Any]:
    """What a BOLD signal was made with, so that it can be made again."""
    # numbers and their order as a plan that is read again has them
    given = {n: np.asarray(v, np.float64).tolist() for n, v in sorted((settings.parameters or {}).items())}
    return {
        "keep": "bold",
        "bold_from": settings.exposure,
        "tr": float(settings.tr),
        "bold_dt": how.timing.dt,
        "warm_up": float(settings.warm_up),
        "bold_model": how.model.name,
        "bold_model_hash": how.model.hash,
        "bold_parameters": given,
    }

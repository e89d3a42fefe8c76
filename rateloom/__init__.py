"""rateloom: mean-field brain models written as XML, run as fast kernels over a connectome.

The names below are loaded when they are first used, so that importing the package takes no time.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rateloom.api.bold import bold
    from rateloom.api.fits import fit
    from rateloom.api.generation import generate
    from rateloom.api.item_series import time_series
    from rateloom.api.loading import connectome, load
    from rateloom.api.measuring import measures
    from rateloom.api.reports import report
    from rateloom.api.rerunning import rerun
    from rateloom.api.searches import search, trial
    from rateloom.api.simulation import simulate, sweep
    from rateloom.api.study_sweeps import resume
    from rateloom.api.sweep_pictures import plot
    from rateloom.api.target_data import targets
    from rateloom.drivers.connectome.connectome import Connectome
    from rateloom.drivers.measures.cleaning import SignalCleaning
    from rateloom.drivers.measures.custom import measure
    from rateloom.drivers.measures.measure_settings import MeasureSettings
    from rateloom.drivers.observation.bold.bold_settings import BoldSettings
    from rateloom.drivers.planning.grid import work_items
    from rateloom.drivers.search.free import Free
    from rateloom.drivers.support.errors import InputError
    from rateloom.dsl.diagnostics import ModelError, ModelWarning
    from rateloom.dsl.plugins import TransferFunction, transfer_function

__version__ = "0.1.0"

# Python started in a checkout finds this folder before the installed package; its other parts lie beside it.
_CHECKOUT = Path(__file__).resolve().parent.parent
if (_CHECKOUT / "pyproject.toml").is_file():
    __path__.append(str(_CHECKOUT))

__all__ = [
    "BoldSettings",
    "Connectome",
    "Free",
    "InputError",
    "MeasureSettings",
    "ModelError",
    "ModelWarning",
    "SignalCleaning",
    "TransferFunction",
    "__version__",
    "bold",
    "connectome",
    "fit",
    "generate",
    "load",
    "measure",
    "measures",
    "plot",
    "report",
    "rerun",
    "resume",
    "search",
    "simulate",
    "sweep",
    "targets",
    "time_series",
    "transfer_function",
    "trial",
    "work_items",
]

_HOME = {
    "BoldSettings": "rateloom.drivers.observation.bold.bold_settings",
    "Connectome": "rateloom.drivers.connectome.connectome",
    "Free": "rateloom.drivers.search.free",
    "InputError": "rateloom.drivers.support.errors",
    "MeasureSettings": "rateloom.drivers.measures.measure_settings",
    "ModelError": "rateloom.dsl.diagnostics",
    "ModelWarning": "rateloom.dsl.diagnostics",
    "SignalCleaning": "rateloom.drivers.measures.cleaning",
    "TransferFunction": "rateloom.dsl.plugins",
    "bold": "rateloom.api.bold",
    "connectome": "rateloom.api.loading",
    "fit": "rateloom.api.fits",
    "generate": "rateloom.api.generation",
    "load": "rateloom.api.loading",
    "measure": "rateloom.drivers.measures.custom",
    "measures": "rateloom.api.measuring",
    "plot": "rateloom.api.sweep_pictures",
    "report": "rateloom.api.reports",
    "rerun": "rateloom.api.rerunning",
    "resume": "rateloom.api.study_sweeps",
    "search": "rateloom.api.searches",
    "simulate": "rateloom.api.simulation",
    "sweep": "rateloom.api.simulation",
    "targets": "rateloom.api.target_data",
    "time_series": "rateloom.api.item_series",
    "transfer_function": "rateloom.dsl.plugins",
    "trial": "rateloom.api.searches",
    "work_items": "rateloom.drivers.planning.grid",
}


def __getattr__(name: str) -> Any:
    """Import the module that a public name lives in, on its first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'rateloom' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(set(globals()) | set(__all__))

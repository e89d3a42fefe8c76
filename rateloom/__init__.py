"""rateloom: mean-field brain models written as XML, run as fast kernels over a connectome.

The names below are loaded when they are first used, so that importing the package takes no time.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rateloom.drivers.bold_settings import BoldSettings
    from rateloom.drivers.connectome import Connectome
    from rateloom.drivers.errors import InputError
    from rateloom.drivers.grid import work_items
    from rateloom.drivers.measures.custom import measure
    from rateloom.drivers.measures.settings import MeasureSettings
    from rateloom.drivers.search.free import Free
    from rateloom.dsl.diagnostics import ModelError, ModelWarning
    from rateloom.dsl.plugins import TransferFunction, transfer_function
    from rateloom.fitting import fit, targets, time_series
    from rateloom.generation import generate
    from rateloom.haemodynamics import bold
    from rateloom.loading import connectome, load
    from rateloom.measuring import measures
    from rateloom.pictures import plot
    from rateloom.reporting import report
    from rateloom.searching import search, trial
    from rateloom.simulation import simulate, sweep
    from rateloom.studies import resume

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
    "BoldSettings": "rateloom.drivers.bold_settings",
    "Connectome": "rateloom.drivers.connectome",
    "Free": "rateloom.drivers.search.free",
    "InputError": "rateloom.drivers.errors",
    "MeasureSettings": "rateloom.drivers.measures.settings",
    "ModelError": "rateloom.dsl.diagnostics",
    "ModelWarning": "rateloom.dsl.diagnostics",
    "TransferFunction": "rateloom.dsl.plugins",
    "bold": "rateloom.haemodynamics",
    "connectome": "rateloom.loading",
    "fit": "rateloom.fitting",
    "generate": "rateloom.generation",
    "load": "rateloom.loading",
    "measure": "rateloom.drivers.measures.custom",
    "measures": "rateloom.measuring",
    "plot": "rateloom.pictures",
    "report": "rateloom.reporting",
    "resume": "rateloom.studies",
    "search": "rateloom.searching",
    "simulate": "rateloom.simulation",
    "sweep": "rateloom.simulation",
    "targets": "rateloom.fitting",
    "time_series": "rateloom.fitting",
    "transfer_function": "rateloom.dsl.plugins",
    "trial": "rateloom.searching",
    "work_items": "rateloom.drivers.grid",
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

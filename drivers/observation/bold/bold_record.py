"""The record of BOLD signals in a study's plan: settings, haemodynamic model, parameters of each node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.model.model_text import ModelText, model_record

from .bold_measures import BoldSource
from .bold_settings import BoldSettings

_GIVEN = "bold."


@dataclass(frozen=True, eq=False)
class SavedBold:
    """The settings and the model of BOLD signals, as they are read from a plan."""

    settings: BoldSettings
    text: ModelText


def bold_record(source: BoldSource, language: str) -> dict[str, Any]:
    """Settings, the haemodynamic model and its code; parameters of each node are among the arrays."""
    haemodynamics, settings = source.haemodynamics, source.settings
    return {
        "exposure": settings.exposure,
        "tr": float(settings.tr),
        "dt": float(haemodynamics.timing.dt),
        "warm_up": float(settings.warm_up),
        "model": model_record(haemodynamics.model, source.text),
        "code": haemodynamics.code.texts[language].digest,
        "parameters": {n: float(v) for n, v in _values(settings).items() if v.ndim == 0},
    }  # fmt: skip


def bold_arrays(source: BoldSource) -> dict[str, NDArray[Any]]:
    """Parameters of each node, under the names that they have among a plan's arrays."""
    return {f"{_GIVEN}{n}": v for n, v in _values(source.settings).items() if v.ndim}


def saved_bold(record: Mapping[str, Any] | None, arrays: Mapping[str, NDArray[Any]]) -> SavedBold | None:
    """Return the settings and the model of BOLD signals that a plan holds, if any were measured."""
    if record is None:
        return None
    of_nodes = {n.removeprefix(_GIVEN): v for n, v in arrays.items() if n.startswith(_GIVEN)}
    model = record["model"]
    settings = BoldSettings(
        record["exposure"], record["tr"], record["dt"], record["warm_up"], model["name"],
        {**record["parameters"], **of_nodes},
    )  # fmt: skip
    return SavedBold(settings, ModelText(model["path"], model["text"]))


def _values(settings: BoldSettings) -> dict[str, NDArray[np.float64]]:
    return {name: np.asarray(v, np.float64) for name, v in (settings.parameters or {}).items()}

"""The context of an exposure's measures: all that they need beside its values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .catalogue import BAND_SUFFIX, CATALOGUE, ordered
from .data_to_fit import DataToFit
from .default_mode import DefaultMode
from .measure_settings import MeasureSettings
from .selection import FAMILIES, OF_ANGLES

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Context:
    """All that the measures of an exposure need beside its values.

    Attributes
    ----------
    dt : float
        Time between samples, ms.
    rate : bool
        Whether the values are rates in Hz.
    convention : {"standard", "published"}
        Whose definitions.
    weights, tract_lengths : (node, node) arrays, optional
        Of the connectome.
    network : DefaultMode, optional
        Where the default mode network is.
    matrices : bool
        Whether to return functional connectivity and phase-lag index as well.
    targets : tuple of DataToFit
        What functional connectivity and its dynamics are compared with.
    names : frozenset of str, optional
        What to take, by its names in the catalogue; all but the matrices by default.
    period : float, optional
        Length of a turn, where the values are angles.
    """

    dt: float
    rate: bool
    convention: str
    settings: MeasureSettings
    weights: Floats | None = None
    tract_lengths: Floats | None = None
    network: DefaultMode | None = None
    matrices: bool = False
    targets: tuple[DataToFit, ...] = ()
    names: frozenset[str] | None = None
    period: float | None = None


def available(context: Context) -> list[str]:
    """Names of the measures that an exposure can have, all but fits and matrices, in order."""
    if context.period is not None:
        return list(OF_ANGLES)
    absent = set() if context.rate else set(FAMILIES["states"])
    absent |= set() if context.weights is not None else {"corr_FC_SC"}
    absent |= set() if context.tract_lengths is not None else {"corr_FC_tract"}
    absent |= set() if context.network is not None else set(FAMILIES["default_mode"])
    bands = [f"{name}{BAND_SUFFIX}" for name in context.settings.bands]
    return ordered([*(name for name in CATALOGUE if name not in absent), *bands])

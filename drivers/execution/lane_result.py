"""The result of a lane block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.kept_state import KeptState


@dataclass(frozen=True, eq=False)
class LaneResult:
    """Samples (n_item, n_exposure, n_sample, n_node) and the step at which each item diverged, or -1.

    Where samples are reduced to measures there are these, (n_item, ...), and no samples. The state in which
    the items ended is there if the study keeps it.
    """

    items: NDArray[np.int64]
    samples: NDArray[np.floating]
    diverged_step: NDArray[np.int64]
    measures: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    kept: KeptState | None = None

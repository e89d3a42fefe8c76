"""The result of a lane block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LaneResult:
    """Samples (n_item, n_exposure, n_sample, n_node) and the step at which each item diverged, or -1.

    Where samples are reduced to measures there are these, (n_item, ...), and no samples.
    """

    items: NDArray[np.int64]
    samples: NDArray[np.floating]
    diverged_step: NDArray[np.int64]
    measures: Mapping[str, NDArray[Any]] = field(default_factory=dict)

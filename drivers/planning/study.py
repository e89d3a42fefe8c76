"""Studies: all that is given for a simulation or a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.normalization import check_normalize, normalized
from rateloom.drivers.model.artifact import ModelCode

from .grid import SEED, Grid
from .kept_state import KeptState
from .parameters import sweeps_seed
from .sample_times import SampleTimes, sample_times
from .settings import Settings


@dataclass(frozen=True, eq=False)
class GivenValues:
    """Values that a user gives in place of a model's own; see `rateloom.simulate`."""

    parameters: Mapping[str, ArrayLike] | None = None
    initial: Mapping[str, ArrayLike] | None = None
    inputs: Mapping[str, ArrayLike] | None = None
    history: ArrayLike | None = None


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that is given for a simulation or a sweep.

    Attributes
    ----------
    code : ModelCode
        The model, in the languages that may run.
    samples : SampleTimes
        Those of a run of the settings.
    first_item : int
        What the random numbers know the first work item by.
    record : mapping of str to str
        Further attributes of the result.
    share : (int, int), optional
        The first work item to simulate and the one after the last; all of them by default.
    continued : KeptState, optional
        The state of every work item that the run goes on from, in place of initial states and a history.
    keep_state : bool
        Whether the state in which the run ends is kept.
    """

    code: ModelCode
    connectome: Connectome
    settings: Settings
    samples: SampleTimes
    grid: Grid = field(default_factory=Grid)
    parameters: Mapping[str, ArrayLike] | None = None
    initial: Mapping[str, ArrayLike] | None = None
    inputs: Mapping[str, ArrayLike] | None = None
    history: ArrayLike | None = None
    first_item: int = 0
    record: Mapping[str, str] = field(default_factory=dict)
    share: tuple[int, int] | None = None
    continued: KeptState | None = None
    keep_state: bool = False

    def seed_of(self, items: NDArray[np.int64]) -> int:
        """Return the seed of work items that share it, as those of a group do."""
        if not sweeps_seed(self.code.model, self.grid):
            return self.settings.seed
        return int(self.grid.item_values(SEED, items[:1])[0])

    def numbers_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what random numbers know work items by: the same where their seeds alone differ."""
        numbers = self.grid.index_without(SEED, items) if sweeps_seed(self.code.model, self.grid) else items
        return numbers + self.first_item


def make_study(
    code: ModelCode,
    connectome: Connectome,
    normalize: str,
    settings: Settings,
    grid: Grid | None = None,
    values: GivenValues | None = None,
    first_item: int = 0,
    samples: SampleTimes | None = None,
) -> Study:
    """Put a study together.

    Parameters
    ----------
    connectome, normalize
        A connectome that is not normalized, and how it is to be.
    samples : SampleTimes, optional
        By default those of `sample_times`.

    Raises
    ------
    InputError
        If there is no such normalization, or there would be no sample.
    """
    check_normalize(normalize)
    values = values or GivenValues()
    return Study(
        code,
        normalized(connectome, normalize),
        settings,
        samples or sample_times(settings),
        grid or Grid(),
        parameters=values.parameters,
        initial=values.initial,
        inputs=values.inputs,
        history=values.history,
        first_item=first_item,
        record={"normalize": normalize, "math": code.math},
    )

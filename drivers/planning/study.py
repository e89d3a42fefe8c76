"""Studies: all that is given for a simulation or a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.normalization import check_normalize, normalized
from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.model.artifact import ModelCode

from .grid import CONNECTOME, SEED, Grid
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
    connectome : Connectome
        With normalized weights; where connectomes are swept, the first of them.
    samples : SampleTimes
        Those of a run of the settings.
    first_item : int
        What the random numbers know the first work item by.
    record : mapping
        Further attributes of the result.
    share : (int, int), optional
        The first work item to simulate and the one after the last; all of them by default.
    continued : KeptState, optional
        The state of every work item that the run goes on from, in place of initial states and a history.
    keep_state : bool
        Whether the state in which the run ends is kept.
    subjects : tuple of Connectome
        The connectomes of the axis of them, likewise; none without it.
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
    record: Mapping[str, Any] = field(default_factory=dict)
    share: tuple[int, int] | None = None
    continued: KeptState | None = None
    keep_state: bool = False
    subjects: tuple[Connectome, ...] = ()

    @property
    def connectomes(self) -> tuple[Connectome, ...]:
        """All connectomes that work items are simulated on."""
        return self.subjects or (self.connectome,)

    def subject_of(self, items: NDArray[np.int64]) -> int:
        """Return which of the connectomes work items share, as those of a group do."""
        return int(self.grid.item_values(CONNECTOME, items[:1])[0]) if self.subjects else 0

    def seed_of(self, items: NDArray[np.int64]) -> int:
        """Return the seed of work items that share it, as those of a group do."""
        if not sweeps_seed(self.code.model, self.grid):
            return self.settings.seed
        return int(self.grid.item_values(SEED, items[:1])[0])

    def numbers_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what random numbers know work items by.

        It is the same where their seeds or connectomes alone differ, so that each seed and each subject gives
        what a sweep of that one gives.
        """
        numbers, grid = items, self.grid
        if self.subjects:
            numbers, grid = grid.index_without(CONNECTOME, numbers), grid.without(CONNECTOME)
        if sweeps_seed(self.code.model, grid):
            numbers = grid.index_without(SEED, numbers)
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


def with_subjects(study: Study, subjects: Sequence[Subject]) -> Study:
    """Return a study of several connectomes, which its grid has an axis of; itself, where there are none.

    Raises
    ------
    InputError
        If the weights of one cannot be normalized.
    """
    if not subjects:
        return study
    ways = [subject.normalize for subject in subjects]
    record = {**study.record, "normalize": ways[0] if len(set(ways)) == 1 else ways}
    return replace(study, subjects=tuple(subject.normalized for subject in subjects), record=record)

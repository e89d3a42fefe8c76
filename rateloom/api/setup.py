"""The setup that public functions build of their keywords, how it is run, and where its results go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

from numpy.typing import ArrayLike

from rateloom.api.generation import code_for
from rateloom.api.noise_sizes import check_noise_sizes
from rateloom.api.schemes import check_integrator
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.planning.connectome_warnings import connectome_warnings
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.kept_state import KeptState
from rateloom.drivers.planning.region_order import grid_by_region
from rateloom.drivers.planning.sample_times import SampleTimes
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import GivenValues, Study, make_study, with_subjects
from rateloom.drivers.support.arguments import optional_switch, switch
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.notices import Reports, Warn, unsaid
from rateloom.drivers.tables.labelled import mapped_by_region
from rateloom.dsl.model import Model


@dataclass(frozen=True, eq=False)
class Setup:
    """All that decides what a simulation or a sweep gives.

    Attributes
    ----------
    connectome : Connectome
        As it was given, not normalized.
    samples : SampleTimes
        Those of a run of the settings, before BOLD signals are made of them.
    bold : BoldSettings, optional
        Where BOLD signals are made of the samples, what with.
    parameters, initial, inputs, history
        As `rateloom.simulate` takes them.
    first_item : int
        What the random numbers know the first work item by.
    continued : KeptState, optional
        The state that the run goes on from.
    keep_state : bool
        Whether the state in which the run ends is kept.
    subjects : tuple of Subject
        The connectomes of the grid's axis of them, of which `connectome` and `normalize` are the first; none
        where there is no such axis.

    Raises
    ------
    InputError
        If the settings name no integration scheme.
    """

    model: Model
    connectome: Connectome
    settings: Settings
    samples: SampleTimes
    bold: BoldSettings | None = None
    normalize: str = "max"
    math: str = "fast"
    grid: Grid = field(default_factory=Grid)
    parameters: Mapping[str, ArrayLike] | None = None
    initial: Mapping[str, ArrayLike] | None = None
    inputs: Mapping[str, ArrayLike] | None = None
    history: ArrayLike | None = None
    first_item: int = 0
    continued: KeptState | None = None
    keep_state: bool = False
    subjects: tuple[Subject, ...] = ()

    def __post_init__(self) -> None:
        check_integrator(self.settings.integrator)

    @property
    def warnings(self) -> tuple[Warning, ...]:
        """Warnings of the samples and of the connectomes."""
        return (*self.samples.warnings, *connectome_warnings(self.given, self.settings, self.grid))

    @property
    def given(self) -> tuple[Subject, ...]:
        """All connectomes that are simulated: those of the axis, or the one."""
        return self.subjects or (Subject(self.connectome, self.normalize),)


@dataclass(frozen=True, eq=False)
class Run:
    """The resources of a run and its reports; nothing of this changes a result.

    Attributes
    ----------
    memory : int, optional
        Most memory to use, in bytes.
    dry : bool
        Whether only to say what it would take.
    warn : callable
        Told each warning, once.

    Raises
    ------
    InputError
        If nothing can be announced to what is given.
    """

    memory: int | None = None
    progress: bool | None = None
    announce: Callable[[str], None] | None = None
    executor: object = None
    scheduler: object = None
    dry: bool = False
    warn: Warn = unsaid

    def __post_init__(self) -> None:
        optional_switch("progress", self.progress)
        switch("dry_run", self.dry)
        if not (self.announce is None or callable(self.announce)):
            raise InputError(
                f"announce={shown(self.announce)}: it must be a function that takes a line of text"
            )

    def say(self, lines: Iterable[str]) -> None:
        """Announce some lines, if anything is announced."""
        if self.announce is not None:
            for line in lines:
                self.announce(line)

    @property
    def reports(self) -> Reports:
        """The receivers of progress, announcements and warnings."""
        return Reports(self.progress, self.announce, self.warn)


@dataclass(frozen=True)
class Destination:
    """The place where results are kept.

    Attributes
    ----------
    out : path, optional
        A Zarr store, or the directory of a study or of a search; without it, results are in memory alone.
    resume : bool
        Whether to go on with what is there.
    """

    out: str | PathLike[str] | None = None
    overwrite: bool = False
    resume: bool = False

    def __post_init__(self) -> None:
        switch("overwrite", self.overwrite)
        switch("resume", self.resume)

    @property
    def path(self) -> Path | None:
        """The place, if there is one."""
        return None if self.out is None else path_of("out", self.out)


def built_study(setup: Setup) -> Study:
    """A setup with its code, ready to be planned.

    Raises
    ------
    InputError
        If no kernels can be generated, the connectome cannot be normalized, or noise has a size below zero.
    """
    labels, n_node = setup.connectome.labels, setup.connectome.n_node
    kinds = {"parameter": setup.parameters, "initial": setup.initial, "input": setup.inputs}
    parameters, initial, inputs = (
        mapped_by_region(kind, given, labels, n_node) for kind, given in kinds.items()
    )
    study = make_study(
        code_for(setup.model, setup.settings.backend, setup.math, setup.settings.integrator),
        setup.connectome,
        setup.normalize,
        setup.settings,
        grid_by_region(setup.grid, labels),
        GivenValues(parameters, initial, inputs, setup.history),
        setup.first_item,
        setup.samples,
    )
    study = with_subjects(study, setup.subjects)
    check_noise_sizes(setup.model, study)
    record = {**study.record, **_text_of(setup.model)}
    return replace(study, continued=setup.continued, keep_state=setup.keep_state, record=record)


def _text_of(model: Model) -> dict[str, str]:
    """A model's text for the record, and its folder's where that holds code that it names."""
    path = {"model_path": os.path.abspath(model.path)} if any(f.code for f in model.functions) else {}  # noqa: PTH100
    return {"model_text": model.xml, **path}

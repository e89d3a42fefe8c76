"""A regression: one job on every target and on the oracle, and how far their results are apart."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import numpy as np

from rateloom.api.generation import kernel_module, kernel_source
from rateloom.api.loading import connectome as connectome_of
from rateloom.api.loading import load
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.execution.device import DEVICE_BACKENDS, open_device
from rateloom.drivers.planning.settings import BACKENDS, Settings, check_whole
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.progress import progress_bar
from rateloom.dsl.model import Model

from .differences import Difference, differences, scales_of
from .job import Array, Job, make_job
from .runs import Reference, Series, Target, run_free, run_oracle, run_restarts

ORACLE = "oracle"
_MOST_STEPS = 100_000
_MOST_ITEMS = 10_000


@dataclass(frozen=True, eq=False)
class Regression:
    """What a regression found.

    Attributes
    ----------
    axis : str
        What work items differ in.
    settings : Settings
        Of the run, whatever the backend.
    series : mapping of str to mapping of str to array (work item, time, node)
        The free runs, by target and variable.
    """

    model: str
    model_hash: str
    connectome: str
    axis: str
    work_items: int
    targets: tuple[str, ...]
    settings: Settings
    differences: tuple[Difference, ...]
    series: Mapping[str, Mapping[str, Array]] = field(repr=False)

    @property
    def within(self) -> bool:
        """Whether every difference is within tolerance."""
        return all(difference.within for difference in self.differences)


def regress(
    model: Model | str | PathLike[str],
    targets: Sequence[str] = ("numba", "emulated"),
    *,
    connectome: Connectome | str | PathLike[str] = "synthetic:16",
    steps: int = 400,
    work_items: int = 4,
    speed: float | None = None,
    progress: bool | None = None,
    **settings: Any,
) -> Regression:
    """Run the same simulation on each target and on the oracle, and compare all pairs.

    Work items differ in `G`, else in the first parameter, by 20 % to both sides, and in their initial states.
    Every target also makes each step once from the oracle's states, of the work items in turn.

    Parameters
    ----------
    model : Model, str or path
        See `rateloom.load`.
    targets : sequence of {"numba", "cuda", "emulated", "emulated-debug"}
        Backends, see `rateloom.simulate`.
    connectome : Connectome, str or path
        See `rateloom.connectome`; weights are divided by the largest one.
    steps, work_items : int
        Length of the run in steps of `dt` ms, and number of simulations.
    speed : float, optional
        Conduction speed in mm/ms; by default the longest delay is a quarter of the run.

    progress : bool, optional
        Whether to show a progress bar; on a terminal by default.
    **settings
        ``dt``, ``dtype``, ``integrator``, ``noise`` (off by default) and ``seed`` of `rateloom.simulate`.

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used, a target cannot run here, or the model diverges.
    """
    chosen = checked_targets(targets)
    check_whole("steps", steps, 1, _MOST_STEPS)
    check_whole("work_items", work_items, 1, _MOST_ITEMS)
    # what is wrong with these is said before anything is read; the speed may depend on the connectome
    options = {"dt": 0.1, "noise": False} | settings
    shared = Settings(
        duration=steps * options["dt"],
        monitor="raw",
        speed=np.inf if speed is None else speed,
        calibrate=False,
        **options,
    )
    for target in chosen:
        if target in DEVICE_BACKENDS:
            open_device(target)
    loaded, brain = load(model), connectome_of(connectome, "max")
    if speed is None:
        shared = replace(shared, speed=default_speed(brain, shared.duration))
    job = make_job(loaded, brain, shared, work_items)
    free, stepped = _results(job, chosen, progress)
    scales = scales_of(free[ORACLE])
    found = [
        difference
        for pair in itertools.combinations((*chosen, ORACLE), 2)
        for difference in differences(
            pair, (free[pair[0]], free[pair[1]]), (stepped[pair[0]], stepped[pair[1]]), scales, shared.dtype
        )
    ]
    return Regression(
        loaded.name, loaded.hash, brain.name, job.axis.name, job.n_item, chosen, shared, tuple(found), free
    )


def checked_targets(targets: Sequence[str]) -> tuple[str, ...]:
    """Refuse targets that there are not.

    Raises
    ------
    InputError
        That names those that there are.
    """
    if isinstance(targets, str) or not targets:
        raise InputError(f"targets={shown(targets)}: give a list of {', '.join(BACKENDS)}")
    for target in targets:
        if target not in BACKENDS:
            raise InputError(f"target {shown(target)} is unknown; use one of {', '.join(BACKENDS)}")
    return tuple(dict.fromkeys(targets))


def default_speed(connectome: Connectome, duration: float) -> float:
    """Conduction speed in mm/ms at which the longest delay is a quarter of the run."""
    longest = float(connectome.tract_lengths[connectome.weights != 0].max(initial=0.0))
    return longest / (duration / 4) if longest else np.inf


def _results(
    job: Job, targets: Sequence[str], progress: bool | None
) -> tuple[dict[str, Series], dict[str, Series]]:
    """Free runs and restarted steps of every target and of the oracle."""
    steps = job.settings.n_step
    total = steps * (job.n_item + 1 + 2 * len(targets))
    free: dict[str, Series] = {}
    stepped: dict[str, Series] = {}
    module = kernel_module(job.model)
    with progress_bar(total, job.model.name, "steps", progress) as advance:
        runners = {name: Target(name, module, _source(job.model, name)) for name in targets}
        # what a target cannot do is found before the oracle, which is slow, begins
        for name, target in runners.items():
            free[name] = run_free(job, target, advance)
        reference: Reference = run_oracle(job, advance)
        free[ORACLE], stepped[ORACLE] = reference.free, reference.stepped
        for name, target in runners.items():
            stepped[name] = run_restarts(job, target, reference.restarts, advance)
    return free, stepped


def _source(model: Model, backend: str) -> str | None:
    return kernel_source(model, "cuda") if backend in DEVICE_BACKENDS else None

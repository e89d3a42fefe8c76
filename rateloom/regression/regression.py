"""A regression: one scenario on every target and on the oracle, and the differences of their results."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import numpy as np

from rateloom.api.generation import code_for
from rateloom.api.loading import connectome as connectome_of
from rateloom.api.loading import load
from rateloom.drivers.backends.registry import open_backend
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.execution.backend import Backend
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.sample_times import SampleTimes, sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.support.arguments import whole_number
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.progress import progress_bar
from rateloom.dsl.model import Model

from .differences import Difference, differences, scales_of, turned
from .reference_runs import OracleRun, Runner, Series, run_free, run_oracle, run_restarts
from .scenario import Array, Scenario, make_scenario

ORACLE = "oracle"
_MOST_STEPS = 100_000
_MOST_ITEMS = 10_000


@dataclass(frozen=True, eq=False)
class Regression:
    """The results of a regression.

    Attributes
    ----------
    axis : str
        Name of the parameter, or ``speed``, in which work items differ.
    settings : Settings
        Settings of the run, for all backends.
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
    def samples(self) -> SampleTimes:
        """The samples of the free runs: every step."""
        return sample_times(self.settings, "raw")

    @property
    def within(self) -> bool:
        """Tell whether every difference is within tolerance."""
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
    Every target also takes each step once from the oracle's states, of the work items in turn.

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
        If an argument cannot be used, a target cannot run here, or the model diverges.
    """
    chosen = checked_targets(targets)
    whole_number("steps", steps, 1, _MOST_STEPS)
    whole_number("work_items", work_items, 1, _MOST_ITEMS)
    # errors of the settings come before any file is read; the speed may depend on the connectome
    options = {"dt": 0.1, "noise": False} | settings
    shared = Settings(
        duration=steps * options["dt"],
        speed=np.inf if speed is None else speed,
        calibrate=False,
        **options,
    )
    backends = {name: open_backend(name) for name in chosen}
    loaded, brain = load(model), connectome_of(connectome, "max")
    if speed is None:
        shared = replace(shared, speed=default_speed(brain, shared.duration))
    scenario = make_scenario(loaded, brain, shared, work_items)
    free, stepped = _results(scenario, backends, progress)
    scales = scales_of(free[ORACLE])
    comparisons = [
        difference
        for pair in itertools.combinations((*chosen, ORACLE), 2)
        for difference in differences(
            pair, (free[pair[0]], free[pair[1]]), (stepped[pair[0]], stepped[pair[1]]), scales, shared.dtype
        )
    ]
    return Regression(
        loaded.name,
        loaded.hash,
        brain.name,
        scenario.axis.name,
        scenario.n_item,
        chosen,
        shared,
        tuple(comparisons),
        free,
    )


def checked_targets(targets: Sequence[str]) -> tuple[str, ...]:
    """Return targets without repetitions.

    Raises
    ------
    InputError
        If a target does not exist; the message names those that do.
    """
    if isinstance(targets, str) or not targets:
        raise InputError(f"targets={shown(targets)}: give a list of {', '.join(BACKENDS)}")
    for target in targets:
        if target not in BACKENDS:
            raise InputError(f"target {shown(target)} is unknown; use one of {', '.join(BACKENDS)}")
    return tuple(dict.fromkeys(targets))


def default_speed(connectome: Connectome, duration: float) -> float:
    """Return the conduction speed in mm/ms at which the longest delay is a quarter of the run."""
    longest = float(connectome.tract_lengths[connectome.weights != 0].max(initial=0.0))
    return longest / (duration / 4) if longest else np.inf


def _results(
    scenario: Scenario, backends: Mapping[str, Backend], progress: bool | None
) -> tuple[dict[str, Series], dict[str, Series]]:
    """Return free runs and restarted steps of every target and of the oracle."""
    steps = scenario.settings.n_step
    total = steps * (scenario.n_item + 1 + 2 * len(backends))
    free: dict[str, Series] = {}
    stepped: dict[str, Series] = {}
    with progress_bar(total, scenario.model.name, "steps", progress) as advance:
        integrator = scenario.settings.integrator
        runners = {
            name: Runner(name, one, code_for(scenario.model, name, integrator=integrator))
            for name, one in backends.items()
        }
        # a target's errors come before the oracle, which is slow, starts
        for name, runner in runners.items():
            free[name] = run_free(scenario, runner, advance)
        reference: OracleRun = run_oracle(scenario, advance)
        free[ORACLE], stepped[ORACLE] = reference.free, reference.stepped
        for name, runner in runners.items():
            stepped[name] = run_restarts(scenario, runner, reference.restarts, advance)
    periods = scenario.periods
    free = {name: turned(series, reference.free, periods) for name, series in free.items()}
    stepped = {name: turned(series, reference.stepped, periods) for name, series in stepped.items()}
    return free, stepped

"""A job on one target and on the oracle: freely, and restarted from the oracle's states at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import xarray as xr

from rateloom import oracle
from rateloom.drivers.planning.plan import Study
from rateloom.drivers.runs.run import run_study
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.reports import Reports

from .job import Array, Job

Advance = Callable[[float], None]
# By variable.
Series = dict[str, Array]


@dataclass(frozen=True, eq=False)
class Target:
    """What runs a job: a backend with the model's generated code."""

    backend: str
    module: ModuleType
    cuda: str | None


@dataclass(frozen=True, eq=False)
class Restart:
    """A step of one work item with what lies before it.

    Attributes
    ----------
    past : array (time, state, node)
        The oracle's states, as far back as the longest delay.
    inputs : mapping of str to array (node,)
        What the step reads of them.
    """

    item: int
    past: Array
    inputs: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Reference:
    """The oracle's results.

    Attributes
    ----------
    free : mapping of str to array (work item, time, node)
    restarts : tuple of Restart
        One a step, of each work item in turn.
    stepped : mapping of str to array (time, node)
        What each of them gives.
    """

    free: Series
    restarts: tuple[Restart, ...]
    stepped: Series


def run_oracle(job: Job, advance: Advance) -> Reference:
    """Run every work item, and each of the restarts.

    Raises
    ------
    InputError
        If a work item diverges: no precision says what its values should be.
    """
    experiments = [job.experiment(item) for item in range(job.n_item)]
    longest = max(int(e.delay.max(initial=0)) for e in experiments)
    states, seen = zip(*(_free(job, e, advance) for e in experiments), strict=True)
    restarts, stepped = [], []
    for n in range(job.settings.n_step):
        item = n % job.n_item
        held = np.repeat(states[item][:1], longest + 1, axis=0)
        past = np.concatenate([held, states[item][: n + 1]])[-longest - 1 :]
        now = oracle.inputs_at(experiments[item], n)
        restarts.append(Restart(item, past, {name: np.asarray(now[name]) for name in job.inputs}))
        # a restarted run counts its steps, and so its time and its noise, from nought
        experiment = job.experiment(item, restarts[-1].inputs)
        stepped.append(oracle.step(experiment, past, 0)[1])
        advance(1)
    return Reference(
        free={name: np.array([s[name] for s in seen]) for name in job.variables},
        restarts=tuple(restarts),
        stepped={name: np.array([s[name] for s in stepped]) for name in job.variables},
    )


def _free(job: Job, experiment: oracle.Experiment, advance: Advance) -> tuple[Array, Series]:
    """States (time + 1, state, node) and what is seen (time, node) of one work item."""
    first = oracle.initial_state(experiment)
    states = np.empty((job.settings.n_step + 1, *first.shape))
    states[0] = first
    seen: Series = {name: np.empty((job.settings.n_step, first.shape[1])) for name in job.variables}
    for n in range(job.settings.n_step):
        states[n + 1], values = oracle.step(experiment, states[: n + 1], n)
        for name, series in seen.items():
            series[n] = values[name]
        if not np.isfinite([states[n + 1].sum(), *(values[name].sum() for name in seen)]).all():
            what = f"work item {experiment.item} ({job.axis.name} = {job.axis.values[experiment.item]:g})"
            raise InputError(
                f"model {job.model.name} diverges: {what} is not finite after step {n}, and nothing "
                "can be compared with it; take a smaller --dt or fewer --steps"
            )
        advance(1)
    return states, seen


def run_free(job: Job, target: Target, advance: Advance) -> Series:
    """Every step of every work item: by variable (work item, time, node)."""
    result = _run(_study(job, target))
    advance(job.settings.n_step)
    return {name: result[name].values.astype(np.float64) for name in job.variables}


def run_restarts(job: Job, target: Target, restarts: tuple[Restart, ...], advance: Advance) -> Series:
    """The step after each restart: by variable (time, node)."""
    study = _study(job, target)
    settings = replace(study.settings, duration=job.settings.dt)
    rows = []
    for restart in restarts:
        one = replace(study, settings=settings, history=restart.past, inputs=restart.inputs)
        result = _run(one)
        rows.append([result[name].values[restart.item, 0] for name in job.variables])
        advance(1)
    by_variable = np.array(rows, np.float64).swapaxes(0, 1)
    return dict(zip(job.variables, by_variable, strict=True))


def _study(job: Job, target: Target) -> Study:
    settings = replace(job.settings, backend=target.backend)
    return Study(target.module, job.connectome, settings, job.grid, inputs=dict(job.inputs), cuda=target.cuda)


def _run(study: Study) -> xr.Dataset:
    # work items lie beside the default, whatever range the model names, and the oracle says what diverges:
    # nobody is told of warnings
    return run_study(study, reports=Reports(progress=False))

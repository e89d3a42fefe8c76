"""Runs of a scenario on a target and on the oracle: free, and restarted at every step of the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from rateloom import oracle
from rateloom.drivers.execution.backend import Backend
from rateloom.drivers.model.artifact import ModelCode
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.study import GivenValues, Study, make_study
from rateloom.drivers.runs.run import run_study
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import Reports

from .scenario import Array, Scenario

Advance = Callable[[float], None]
# By variable.
Series = dict[str, Array]


@dataclass(frozen=True, eq=False)
class Runner:
    """A backend that is open, its name, and the model's generated code."""

    name: str
    backend: Backend
    code: ModelCode


@dataclass(frozen=True, eq=False)
class Restart:
    """A step of one work item with the states before it.

    Attributes
    ----------
    past : array (time, state, node)
        The oracle's states, back to the longest delay.
    inputs : mapping of str to array (node,)
        Inputs of the step.
    """

    item: int
    past: Array
    inputs: dict[str, Array]


@dataclass(frozen=True, eq=False)
class OracleRun:
    """The oracle's results.

    Attributes
    ----------
    free : mapping of str to array (work item, time, node)
    restarts : tuple of Restart
        One for each step, of each work item in turn.
    stepped : mapping of str to array (time, node)
        Results of the restarts.
    """

    free: Series
    restarts: tuple[Restart, ...]
    stepped: Series


def run_oracle(scenario: Scenario, advance: Advance) -> OracleRun:
    """Run every work item, and each of the restarts.

    Raises
    ------
    InputError
        If a work item diverges, since its values then have no meaning in any precision.
    """
    experiments = [scenario.experiment(item) for item in range(scenario.n_item)]
    longest = max(int(e.delay.max(initial=0)) for e in experiments)
    states, records = zip(*(_free(scenario, e, advance) for e in experiments), strict=True)
    restarts, stepped = [], []
    for n in range(scenario.settings.n_step):
        item = n % scenario.n_item
        before = np.repeat(states[item][:1], longest + 1, axis=0)
        past = np.concatenate([before, states[item][: n + 1]])[-longest - 1 :]
        now = oracle.inputs_at(experiments[item], n)
        restarts.append(Restart(item, past, {name: np.asarray(now[name]) for name in scenario.inputs}))
        # a restarted run counts its steps, and so its time and its noise, from zero
        experiment = scenario.experiment(item, restarts[-1].inputs)
        stepped.append(oracle.step(experiment, past, 0)[1])
        advance(1)
    return OracleRun(
        free={name: np.array([s[name] for s in records]) for name in scenario.variables},
        restarts=tuple(restarts),
        stepped={name: np.array([s[name] for s in stepped]) for name in scenario.variables},
    )


def _free(scenario: Scenario, experiment: oracle.Experiment, advance: Advance) -> tuple[Array, Series]:
    """Return states (time + 1, state, node) and recorded variables (time, node) of one work item."""
    first = oracle.initial_state(experiment)
    states = np.empty((scenario.settings.n_step + 1, *first.shape))
    states[0] = first
    record: Series = {
        name: np.empty((scenario.settings.n_step, first.shape[1])) for name in scenario.variables
    }
    for n in range(scenario.settings.n_step):
        states[n + 1], values = oracle.step(experiment, states[: n + 1], n)
        for name, series in record.items():
            series[n] = values[name]
        if not np.isfinite([states[n + 1].sum(), *(values[name].sum() for name in record)]).all():
            item, axis = experiment.item, scenario.axis
            subject = f"work item {item} ({axis.name} = {axis.values[item]:g})"
            raise InputError(
                f"model {scenario.model.name} diverges: {subject} is not finite after step {n}, and nothing "
                "can be compared with it; take a smaller --dt or fewer --steps"
            )
        advance(1)
    return states, record


def run_free(scenario: Scenario, runner: Runner, advance: Advance) -> Series:
    """Run every work item freely; return each variable (work item, time, node)."""
    result = _run(_study(scenario, runner), runner)
    advance(scenario.settings.n_step)
    return {name: result[name].values.astype(np.float64) for name in scenario.variables}


def run_restarts(
    scenario: Scenario, runner: Runner, restarts: tuple[Restart, ...], advance: Advance
) -> Series:
    """Run the step after each restart; return each variable (time, node)."""
    step = replace(scenario, settings=replace(scenario.settings, duration=scenario.settings.dt))
    study = _study(step, runner)
    rows = []
    for restart in restarts:
        restarted = replace(study, history=restart.past, inputs=restart.inputs)
        result = _run(restarted, runner)
        rows.append([result[name].values[restart.item, 0] for name in scenario.variables])
        advance(1)
    by_variable = np.array(rows, np.float64).swapaxes(0, 1)
    return dict(zip(scenario.variables, by_variable, strict=True))


def _study(scenario: Scenario, runner: Runner) -> Study:
    settings = replace(scenario.settings, backend=runner.name)
    values = GivenValues(inputs=dict(scenario.inputs))
    every_step = sample_times(settings, "raw")
    return make_study(
        runner.code, scenario.connectome, "none", settings, scenario.grid, values, samples=every_step
    )


def _run(study: Study, runner: Runner) -> xr.Dataset:
    # work items may lie outside the model's ranges, and the oracle reports divergence: nobody is told of
    # warnings
    return run_study(study, backend=runner.backend, reports=Reports(progress=False))

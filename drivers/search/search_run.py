"""Run a search: ask for batches of candidates, simulate them in lane blocks, and tell the optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.execution.backend import Budget, Plan
from rateloom.drivers.observation.bold.bold_measures import BoldSource
from rateloom.drivers.observation.online import reduction_of
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.planning.grid import MAX_ITEM, work_items
from rateloom.drivers.runs.divergence import DivergenceWarning, divergence
from rateloom.drivers.studies.folder import locked
from rateloom.drivers.studies.job import Job, backend_of
from rateloom.drivers.studies.plan_difference import check_same
from rateloom.drivers.studies.plan_record import record_of
from rateloom.drivers.studies.study_run import measure_in_memory
from rateloom.drivers.support.attributes import plain
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import pass_on, unsaid
from rateloom.drivers.support.progress import progress_bar

from .free import Unknown
from .optimiser import Method, Objective, ask, new_search, numbers_of, tell, versions
from .trials import JOURNAL, Trial, append, begin, open_journal, read_search, read_trials, values_of

Keep = Callable[[Sequence[Trial]], None]


@dataclass(frozen=True, eq=False)
class Search:
    """The unknowns, objectives and method of a search.

    Attributes
    ----------
    job : Job
        The settings that do not vary; its lanes are fixed.
    """

    job: Job
    unknowns: tuple[Unknown, ...]
    objectives: tuple[Objective, ...]
    method: Method

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the measures of the whole brain, which are kept of every trial."""
        return whole_brain(self.job.recipe)


def whole_brain(recipe: Recipe) -> tuple[str, ...]:
    """Return the names of the measures with one number for each work item."""
    return tuple(column.name for column in recipe.columns if column.n_node == 0)


def plan_search(search: Search) -> Plan:
    """Check a search by planning its extreme candidates; values outside the model's ranges give a warning.

    Raises
    ------
    InputError
        If a setting cannot be used, or a lane block does not fit in memory.
    """
    job = search.job
    ends = [
        {n: getattr(r, end) for u in search.unknowns for n, r in zip(u.numbers, u.ranges, strict=True)}
        for end in ("low", "high")
    ]
    study = replace(job.study, grid=work_items(numbers_of(ends, search.unknowns)))
    plan = backend_of(job).plan(study, Budget(job.memory), reduction_of(job.recipe, study))
    pass_on(job.warn, plan.table.warnings)
    return plan


def run_search(
    search: Search, plan: Plan, n_trial: int, path: Path | None, resume: bool, overwrite: bool
) -> list[Trial]:
    """Search until there are `n_trial` trials.

    Parameters
    ----------
    plan : Plan
        The plan that `plan_search` returned.
    path : Path, optional
        The directory of the trials; without it they are lost if the search is stopped.
    resume : bool
        Whether to resume the search in the directory.

    Returns
    -------
    list of Trial
        All trials, with those of a resumed search, even if these are more than `n_trial`.

    Raises
    ------
    InputError
        If the directory belongs to another search, or cannot be written.
    """
    if search.job.study.first_item + n_trial > MAX_ITEM:
        raise InputError(f"trials={n_trial}: at most {MAX_ITEM} work items are known to the random numbers")
    if path is None:
        return _searched(search, n_trial, [], lambda trials: None)
    record = _record(search, plan)
    if not resume:
        begin(path, record, overwrite)
    with ExitStack() as stack:
        if resume:
            saved_record = read_search(path)
        stack.enter_context(locked(path))
        if resume:
            check_same(path, saved_record, record)
        journal = open_journal(path, search.objectives)
        saved_trials = read_trials(journal, search.columns, path / JOURNAL)
        _say(search, f"{path}: {len(saved_trials)} trials are done" if saved_trials else "")

        def keep(trials: Sequence[Trial]) -> None:
            append(journal, trials, search.unknowns, search.objectives)

        return _searched(search, max(n_trial, len(saved_trials)), saved_trials, keep)


def _searched(search: Search, n_trial: int, saved_trials: Sequence[Trial], keep: Keep) -> list[Trial]:
    """Ask, simulate and tell; saved trials are asked for again, which restores the optimiser's state."""
    pass_on(search.job.warn, search.job.recipe.warnings)
    optimiser, method = new_search(search.method, search.objectives), search.method
    finished: list[Trial] = []
    with progress_bar(n_trial, search.job.study.code.model.name, "trials", search.job.progress) as advance:
        while len(finished) < n_trial:
            candidates = ask(
                optimiser, search.unknowns, min(method.batch, n_trial - len(finished)), method.lanes
            )
            params = [dict(trial.params) for trial in candidates]
            batch_trials = list(saved_trials[len(finished) : len(finished) + len(candidates)])
            _check_asked(params, batch_trials)
            if len(batch_trials) < len(candidates):
                new = simulate(search, params[len(batch_trials) :], len(finished) + len(batch_trials))
                keep(new)
                batch_trials += new
            tell(optimiser, candidates, values_of(batch_trials, search.objectives))
            _say_best(search, finished, batch_trials)
            finished += batch_trials
            advance(len(candidates))
    steps = np.array([trial.diverged_step for trial in finished], np.int64)
    pass_on(search.job.warn, divergence(steps, search.job.study.settings.dt))
    pass_on(search.job.warn, _lost_signals(search.job.recipe.bold, finished))
    return finished


def _lost_signals(bold: BoldSource | None, trials: Sequence[Trial]) -> tuple[DivergenceWarning, ...]:
    """Return a warning that counts the trials that did not diverge and have no measures of BOLD signals."""
    lost = sum(t.diverged_step < 0 and all(map(math.isnan, t.measures.values())) for t in trials)
    if bold is None or not lost:
        return ()
    return (DivergenceWarning(bold.lost_text(lost, len(trials))),)


def simulate(search: Search, params: Sequence[Mapping[str, float]], first: int) -> list[Trial]:
    """Simulate candidates as trials from number `first` on."""
    job = search.job
    grid = work_items(numbers_of(params, search.unknowns))
    study = replace(job.study, grid=grid, first_item=job.study.first_item + first)
    # these warnings are given once, before or after the search
    quiet = replace(job, study=study, progress=False, announce=None, warn=unsaid)
    measures = measure_in_memory(quiet)
    steps = measures["diverged_step"].values
    columns = {name: measures[name].values for name in search.columns}
    return [
        Trial(dict(candidate), int(steps[k]), {name: float(values[k]) for name, values in columns.items()})
        for k, candidate in enumerate(params)
    ]


def _check_asked(params: Sequence[Mapping[str, float]], saved_trials: Sequence[Trial]) -> None:
    for candidate, trial in zip(params, saved_trials, strict=False):
        if candidate != dict(trial.params):
            raise InputError(
                "the optimiser asks for other candidates than when the search began, as another machine's "
                "may; start it anew"
            )


def _record(search: Search, plan: Plan) -> dict[str, Any]:
    """Return the record of all settings that decide a search's result, for ``search.json``."""
    job = search.job
    record, _ = record_of(plan, job.recipe, job.model, job.connectome)
    free = {
        unknown.name: {
            "numbers": {n: asdict(r) for n, r in zip(unknown.numbers, unknown.ranges, strict=True)},
            "basis": None if unknown.basis is None else unknown.basis.tolist(),
        }
        for unknown in search.unknowns
    }
    del record["axes"]
    search_record: dict[str, Any] = plain(
        {
            "free": free,
            "objectives": [asdict(objective) for objective in search.objectives],
            "method": asdict(search.method),
            "libraries": versions(),
        }
    )
    return record | search_record


def _say(search: Search, line: str) -> None:
    if search.job.announce is not None and line:
        search.job.announce(line)


def _say_best(search: Search, finished: Sequence[Trial], new: Sequence[Trial]) -> None:
    """Announce a new best value of a single objective."""
    if len(search.objectives) > 1:
        return
    objective = search.objectives[0]
    sign = 1.0 if objective.direction == "maximize" else -1.0
    before, now = (sign * values_of(trials, search.objectives).ravel() for trials in (finished, new))
    best = np.max(before[np.isfinite(before)], initial=-np.inf)
    reached = np.where(np.isfinite(now), now, -np.inf)
    if reached.max() > best:
        number = int(reached.argmax())
        _say(search, f"trial {len(finished) + number}: {objective.name} = {sign * reached[number]:.6g}")

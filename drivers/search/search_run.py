"""A search: candidates asked for by the batch, simulated in lane blocks, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.observation.online import Recipe, reduction_of
from rateloom.drivers.planning.grid import MAX_ITEM, work_items
from rateloom.drivers.planning.plan import Plan, make_plan
from rateloom.drivers.results.dataset import plain
from rateloom.drivers.runs.run import divergence
from rateloom.drivers.studies.folder import locked
from rateloom.drivers.studies.plan_file import check_same, record_of
from rateloom.drivers.studies.study_run import Job, measure_in_memory
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.progress import progress_bar
from rateloom.drivers.support.reports import pass_on, unsaid

from .free import Unknown
from .optimiser import Method, Objective, ask, new_search, numbers_of, tell, versions
from .trials import JOURNAL, Trial, append, begin, open_journal, read_search, read_trials, values_of

Keep = Callable[[Sequence[Trial]], None]


@dataclass(frozen=True, eq=False)
class Search:
    """What is varied, what for, and how.

    Attributes
    ----------
    job : Job
        All that is not varied; its lanes are fixed.
    """

    job: Job
    unknowns: tuple[Unknown, ...]
    objectives: tuple[Objective, ...]
    method: Method

    @property
    def columns(self) -> tuple[str, ...]:
        """Measures of the whole brain, which are kept of every trial."""
        return whole_brain(self.job.recipe)


def whole_brain(recipe: Recipe) -> tuple[str, ...]:
    """Names of the measures that are one number a work item."""
    return tuple(column.name for column in recipe.columns if column.n_node == 0)


def plan_search(search: Search) -> Plan:
    """Check a search by planning its extreme candidates; values outside the model's ranges give a warning.

    Raises
    ------
    InputError
        If anything given cannot be used, or a lane block does not fit in memory.
    """
    job = search.job
    ends = [
        {n: getattr(r, end) for u in search.unknowns for n, r in zip(u.numbers, u.ranges, strict=True)}
        for end in ("low", "high")
    ]
    study = replace(job.study, grid=work_items(numbers_of(ends, search.unknowns)))
    plan = make_plan(study, job.memory, reduction=reduction_of(job.recipe, study.settings))
    pass_on(job.warn, plan.table.warnings)
    return plan


def run_search(
    search: Search, plan: Plan, n_trial: int, path: Path | None, resume: bool, overwrite: bool
) -> list[Trial]:
    """Search until there are so many trials.

    Parameters
    ----------
    plan : Plan
        What `plan_search` returned.
    path : Path, optional
        The directory to keep trials in; without it they are lost if the search is stopped.
    resume : bool
        Whether to go on with the search that is there.

    Returns
    -------
    list of Trial
        Those that were there, too; more than `n_trial` if there were.

    Raises
    ------
    InputError
        If the directory is another search's, or cannot be written.
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
            there = read_search(path)
        stack.enter_context(locked(path))
        if resume:
            check_same(path, there, record)
        journal = open_journal(path, search.objectives)
        known = read_trials(journal, search.columns, path / JOURNAL)
        _say(search, f"{path}: {len(known)} trials are done" if known else "")

        def keep(trials: Sequence[Trial]) -> None:
            append(journal, trials, search.unknowns, search.objectives)

        return _searched(search, max(n_trial, len(known)), known, keep)


def _searched(search: Search, n_trial: int, known: Sequence[Trial], keep: Keep) -> list[Trial]:
    """Ask, simulate and tell; what is known is asked for again, so that the optimiser is where it was."""
    optimiser, method = new_search(search.method, search.objectives), search.method
    done: list[Trial] = []
    with progress_bar(
        n_trial, search.job.study.module.MODEL["name"], "trials", search.job.progress
    ) as advance:
        while len(done) < n_trial:
            asked = ask(optimiser, search.unknowns, min(method.batch, n_trial - len(done)), method.lanes)
            params = [dict(trial.params) for trial in asked]
            there = list(known[len(done) : len(done) + len(asked)])
            _check_asked(params, there)
            if len(there) < len(asked):
                new = simulate(search, params[len(there) :], len(done) + len(there))
                keep(new)
                there += new
            tell(optimiser, asked, values_of(there, search.objectives))
            _say_best(search, done, there)
            done += there
            advance(len(asked))
    steps = np.array([trial.diverged_step for trial in done], np.int64)
    pass_on(search.job.warn, divergence(steps, search.job.study.settings.dt))
    return done


def simulate(search: Search, params: Sequence[Mapping[str, float]], first: int) -> list[Trial]:
    """Simulate candidates, the first of which is trial number `first`."""
    job = search.job
    grid = work_items(numbers_of(params, search.unknowns))
    study = replace(job.study, grid=grid, first_item=job.study.first_item + first)
    # its warnings are told before the search and after it
    found = measure_in_memory(replace(job, study=study, progress=False, announce=None, warn=unsaid))
    steps = found["diverged_step"].values
    columns = {name: found[name].values for name in search.columns}
    return [
        Trial(dict(given), int(steps[k]), {name: float(values[k]) for name, values in columns.items()})
        for k, given in enumerate(params)
    ]


def _check_asked(params: Sequence[Mapping[str, float]], there: Sequence[Trial]) -> None:
    for given, trial in zip(params, there, strict=False):
        if given != dict(trial.params):
            raise InputError(
                "the optimiser asks for other candidates than when the search began, as another machine's "
                "may; start it anew"
            )


def _record(search: Search, plan: Plan) -> dict[str, Any]:
    """All that decides what a search finds, as ``search.json`` holds it."""
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
    more: dict[str, Any] = plain(
        {
            "free": free,
            "objectives": [asdict(objective) for objective in search.objectives],
            "method": asdict(search.method),
            "libraries": versions(),
        }
    )
    return record | more


def _say(search: Search, line: str) -> None:
    if search.job.announce is not None and line:
        search.job.announce(line)


def _say_best(search: Search, done: Sequence[Trial], new: Sequence[Trial]) -> None:
    """Say when a single objective's best value is beaten."""
    if len(search.objectives) > 1:
        return
    objective = search.objectives[0]
    sign = 1.0 if objective.direction == "maximize" else -1.0
    before, now = (sign * values_of(trials, search.objectives).ravel() for trials in (done, new))
    best = np.max(before[np.isfinite(before)], initial=-np.inf)
    reached = np.where(np.isfinite(now), now, -np.inf)
    if reached.max() > best:
        number = int(reached.argmax())
        _say(search, f"trial {len(done) + number}: {objective.name} = {sign * reached[number]:.6g}")

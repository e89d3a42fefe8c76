"""The forecast of a search's cost: a batch is planned, and a lane block and some trials are tried."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.execution.backend import Budget, Plan
from rateloom.drivers.observation.online import reduction_of
from rateloom.drivers.planning.grid import work_items
from rateloom.drivers.runs.announcements import plan_lines
from rateloom.drivers.studies.forecast import bytes_in, seconds_an_item, time_line
from rateloom.drivers.studies.job import backend_of
from rateloom.drivers.support.memory import format_bytes

from .optimiser import numbers_of
from .outcome import dataset_of_trials, write_table
from .search_run import Search
from .trials import Trial, append, open_journal

# Trials of the journal and the table that are tried: enough for what belongs to no trial to count little.
_SAMPLE = 64


@dataclass(frozen=True)
class SearchForecast:
    """The disk space and time that a search will take.

    Attributes
    ----------
    trials, free_numbers : int
    bytes_journal, bytes_table : float
        On disk, for each trial.
    seconds : float or None
        Of one core for each trial, with its measures and without the optimiser; None on a device.
    threads : int
    """

    trials: int
    free_numbers: int
    bytes_journal: float
    bytes_table: float
    seconds: float | None
    threads: int

    @property
    def lines(self) -> list[str]:
        """The lines for the user."""
        sizes = (self.trials * (self.bytes_journal + self.bytes_table), self.bytes_journal, self.bytes_table)
        total, journal, table = (format_bytes(round(size)) for size in sizes)
        return [
            f"store: {total}; for each trial {journal} in the journal and {table} in the table",
            time_line(self.seconds, self.trials, self.threads, "trial"),
        ]

    @property
    def attributes(self) -> dict[str, Any]:
        """The figures, by their names."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def search_lines(search: Search, n_trial: int) -> list[str]:
    """Say what a search will do: trials, what they seek, and what simulating a batch of them takes.

    Raises
    ------
    InputError
        If a batch does not fit in memory.
    """
    method = search.method
    names = ", ".join(unknown.name for unknown in search.unknowns)
    aims = ", ".join(f"{o.direction} {o.name}" for o in search.objectives)
    return [
        f"search: {n_trial} trials by {method.sampler}, {method.batch} at once; free numbers: "
        f"{_n_number(search)} ({names}); {aims}",
        *plan_lines(_of_batch(search), search.job.n_volume),
    ]


def forecast_search(search: Search, plan: Plan, n_trial: int) -> SearchForecast:
    """Try a lane block of a search, and a journal and a table of some trials in a temporary folder.

    Parameters
    ----------
    plan : Plan
        The plan that `plan_search` returned.
    """
    seconds, result = seconds_an_item(_of_batch(search), search.job)
    measures = {name: float(result.measures[name][0]) for name in search.columns}
    trials = _random_trials(search, measures)
    with tempfile.TemporaryDirectory(prefix="rateloom") as folder:
        journal, table = Path(folder, "search"), Path(folder, "trials.csv")
        journal.mkdir()
        append(open_journal(journal, search.objectives), trials, search.unknowns, search.objectives)
        write_table(dataset_of_trials(search, plan, trials), table)
        sizes = bytes_in(journal) / len(trials), table.stat().st_size / len(trials)
    threads = search.job.study.settings.n_thread
    return SearchForecast(n_trial, _n_number(search), *sizes, seconds, threads)


def _n_number(search: Search) -> int:
    return sum(len(unknown.numbers) for unknown in search.unknowns)


def _of_batch(search: Search) -> Plan:
    """The plan of a batch of candidates, in turn at the low and at the high ends."""
    ends = [
        {n: (r.low, r.high)[k % 2] for u in search.unknowns for n, r in zip(u.numbers, u.ranges, strict=True)}
        for k in range(search.method.batch)
    ]
    job = search.job
    study = replace(job.study, grid=work_items(numbers_of(ends, search.unknowns)))
    return backend_of(job).plan(study, Budget(job.memory), reduction_of(job.recipe, study))


def _random_trials(search: Search, measures: dict[str, float]) -> Sequence[Trial]:
    """Trials with numbers of as many digits as a search has."""
    generator = np.random.default_rng(0)
    return [
        Trial(
            {
                name: float(generator.uniform(within.low, within.high))
                for unknown in search.unknowns
                for name, within in zip(unknown.numbers, unknown.ranges, strict=True)
            },
            -1,
            {name: value * (1 + 1e-3 * generator.standard_normal()) for name, value in measures.items()},
        )
        for _ in range(_SAMPLE)
    ]

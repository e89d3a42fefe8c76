"""Results of a study's lane blocks as they come, and the warnings that their measures call for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.observation.bold.bold_measures import BoldSource
from rateloom.drivers.observation.measured_dataset import trend_warnings
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.runs.divergence import DivergenceWarning
from rateloom.drivers.support.notices import Warn, pass_on

from .job import Advance, Job
from .plan_record import record_of


def measured_results(
    job: Job, plan: Plan, remainder: Plan, advance: Advance
) -> Generator[LaneResult, None, None]:
    """Run what is left of a plan, here or elsewhere, and yield the measures of lane blocks as they come."""
    pass_on(job.warn, job.recipe.warnings)
    if job.elsewhere is None:
        results = remainder.backend.run(remainder, advance)
    else:
        record = record_of(plan, job.recipe, job.model, job.connectome)
        results = job.elsewhere(remainder, *record, advance)
    results = _without_trends(results, job.recipe, job.warn)
    return results if job.recipe.bold is None else _watched(results, job.recipe.bold, job.warn)


def _without_trends(
    results: Generator[LaneResult, None, None], recipe: Recipe, warn: Warn
) -> Generator[LaneResult, None, None]:
    """Take the trends of exposures out of the measures, and warn of those that dominate."""
    names = {part.trend: part.exposure for part in recipe.parts}
    shares: dict[str, list[NDArray[np.float64]]] = {}
    with closing(results):
        for result in results:
            for name in names.keys() & result.measures.keys():
                shares.setdefault(names[name], []).append(result.measures[name])
            yield replace(result, measures={k: v for k, v in result.measures.items() if k not in names})
    pass_on(warn, trend_warnings({exposure: np.concatenate(shares[exposure]) for exposure in sorted(shares)}))


def _watched(
    results: Generator[LaneResult, None, None], bold: BoldSource, warn: Warn
) -> Generator[LaneResult, None, None]:
    """Count the work items that did not diverge and of whose BOLD signals nothing is defined, and say so."""
    lost = n_item = 0
    with closing(results):
        for result in results:
            n_item += len(result.items)
            for k in np.flatnonzero(result.diverged_step < 0):
                lost += all(np.isnan(values[k]).all() for values in result.measures.values())
            yield result
    if lost:
        warn(DivergenceWarning(bold.lost_text(lost, n_item)))

"""The outcome of a search: its trials as a dataset, the best ones, and each as arguments of `simulate`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.observation.bold.kept_volumes import bold_attributes
from rateloom.drivers.planning.parameters import SPEED
from rateloom.drivers.results.dataset import DIVERGED, coordinates_of
from rateloom.drivers.runs.run_attributes import axis_units, run_attributes
from rateloom.drivers.studies.plan_record import FREE
from rateloom.drivers.support.arguments import is_whole
from rateloom.drivers.support.attributes import described, plain_attributes
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.files import whole
from rateloom.drivers.tables.csv_tables import write_csv

from .optimiser import Objective, numbers_of
from .search_run import Search
from .trials import Trial, values_of

TRIAL = "trial"
# Attributes of a result that are arguments of `simulate` without change.
_SAME = (
    "normalize", "duration", "dt", "integrator", "monitor", "period", "seed", "noise", "backend", "dtype",
    "math", "lanes", "block", "history_dtype", "speed",
)  # fmt: skip
_MAPPINGS = ("parameters", "initial")


def dataset_of_trials(search: Search, plan: Plan, trials: Sequence[Trial]) -> xr.Dataset:
    """Return the trials of a search: free numbers and parameters as coordinates, measures as variables."""
    study, recipe = search.job.study, search.job.recipe
    params = [trial.params for trial in trials]
    coordinates: dict[str, Any] = {
        "node": coordinates_of(study.grid, study.samples.times, study.connectome.labels, recipe.n_node)[
            "node"
        ]
    }
    coordinates[TRIAL] = (TRIAL, np.arange(len(trials)))
    for unknown in search.unknowns:
        for name in unknown.numbers:
            coordinates[name] = (TRIAL, np.array([candidate[name] for candidate in params]))
    units = axis_units(plan)
    for name, values in numbers_of(params, search.unknowns).items():
        coordinates[name] = ((TRIAL, "node")[: values.ndim], values, described(units.get(name, ""), ""))
    variables: dict[str, Any] = {}
    values = values_of(trials, search.objectives)
    for k, objective in enumerate(search.objectives):
        if objective.columns != (objective.name,):
            about = described("", f"mean of {', '.join(objective.columns)}")
            variables[objective.name] = (TRIAL, values[:, k], about)
    attributes = {column.name: column.attributes for column in recipe.columns}
    for name in search.columns:
        variables[name] = (TRIAL, np.array([t.measures[name] for t in trials]), attributes[name])
    variables["diverged_step"] = (
        TRIAL, np.array([t.diverged_step for t in trials], np.int64), {"description": DIVERGED},
    )  # fmt: skip
    return xr.Dataset(variables, coordinates, _attributes(search, plan, values))


def best_trials(values: NDArray[np.float64], objectives: Sequence[Objective]) -> list[int]:
    """Return the numbers of the best trials, the best first.

    With one objective, these are all trials with a value. With several, these are the trials that no other
    trial dominates, sorted by the first objective.
    """
    signs = np.array([1.0 if o.direction == "maximize" else -1.0 for o in objectives])
    good = np.flatnonzero(np.isfinite(values).all(axis=1))
    scores = values[good] * signs
    if len(objectives) > 1:
        beaten = [bool(((scores >= row).all(axis=1) & (scores > row).any(axis=1)).any()) for row in scores]
        keep = ~np.array(beaten, bool)
        good, scores = good[keep], scores[keep]
    return [int(number) for number in good[np.argsort(-scores[:, 0], kind="stable")]]


def trial_settings(search_result: xr.Dataset, number: int) -> dict[str, Any]:
    """Return the arguments of `simulate` that simulate a trial again; see `rateloom.trial`."""
    if (
        not isinstance(search_result, xr.Dataset)
        or "objectives" not in search_result.attrs
        or TRIAL not in search_result.dims
    ):
        raise InputError(f"trial of {shown(search_result)}: give what rateloom.search returned")
    if not is_whole(number):
        raise InputError(f"trial {shown(number)}: it must be a whole number")
    if number not in search_result[TRIAL].values:
        raise InputError(f"trial {number}: there are trials 0 to {search_result.sizes[TRIAL] - 1}")
    chosen, attributes = search_result.sel(trial=number), search_result.attrs
    settings: dict[str, Any] = {name: attributes[name] for name in _SAME if name in attributes}
    settings["noise"] = bool(settings["noise"])
    # the longest block over all speeds, from which each speed's block was shortened
    settings["block"] = int(np.max(settings["block"]))
    saved = {name: json.loads(attributes[name]) for name in _MAPPINGS}
    parameters = {name: np.array(value) for name, value in saved["parameters"].items()}
    for name in json.loads(attributes["free"]):
        value = chosen[name].values
        if name == SPEED:
            settings[SPEED] = float(value)
            continue
        vector, bracket, index = name.partition("[")
        if not bracket:
            parameters[vector] = value
            continue
        rows = [np.asarray(row) for row in parameters[vector]]
        rows[int(index.rstrip("]"))] = value
        parameters[vector] = np.stack(np.broadcast_arrays(*rows))
    initial = {name: np.array(value) for name, value in saved["initial"].items()}
    item = int(attributes["item"]) + int(number)
    return settings | {"parameters": parameters, "initial": initial, "item": item}


def write_table(search_result: xr.Dataset, path: Path) -> None:
    """Write the trials as CSV: free numbers, objectives and measures."""
    flat = search_result.drop_vars(
        [name for name in search_result.variables if "node" in search_result[name].dims]
    )
    with whole(path) as partial:
        write_csv(flat.to_dataframe().reset_index(), partial)


def _attributes(search: Search, plan: Plan, values: NDArray[np.float64]) -> dict[str, Any]:
    recipe = search.job.recipe
    search_attributes = {
        "objectives": {objective.name: objective.direction for objective in search.objectives},
        "best": best_trials(values, search.objectives),
        "free": {unknown.name: list(unknown.numbers) for unknown in search.unknowns},
        "method": asdict(search.method),
        "convention": recipe.request.convention,
        "measure_settings": asdict(recipe.request.settings),
    }
    run = {k: v for k, v in run_attributes(plan).items() if k not in FREE}
    if recipe.bold is not None:
        run |= bold_attributes(recipe.bold.haemodynamics, recipe.bold.settings) | {"keep": "measures"}
    lacking = _vectors(plan, run["parameters"])
    return plain_attributes(run | {"parameters": run["parameters"] | lacking} | search_attributes)


def _vectors(plan: Plan, known_parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of vector parameters with free elements, before the search."""
    vectors = {}
    for p in plan.model.parameters:
        if p.size is not None and p.name not in known_parameters:
            rows = [plan.table.values[plan.table.names.index(f"{p.name}[{k}]")] for k in range(p.size)]
            vectors[p.name] = [float(row[0]) for row in rows]
    return vectors

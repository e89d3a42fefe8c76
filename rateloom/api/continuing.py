"""Runs that go on from the state in which another ended."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.api.bold import bold_study
from rateloom.api.setup import Setup, built_study
from rateloom.drivers.execution.variants import entry_difference
from rateloom.drivers.model.description import describe
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.kept_state import KeptState
from rateloom.drivers.planning.parameters import swept_settings
from rateloom.drivers.planning.sample_times import sample_times, settings_record
from rateloom.drivers.results.final_state import final_state
from rateloom.drivers.results.origins import inputs_of
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.runs.run_attributes import effective_lengths
from rateloom.drivers.support.arguments import named_values, switch
from rateloom.drivers.support.attributes import plain_attributes
from rateloom.drivers.support.errors import InputError, path_of
from rateloom.drivers.support.regular_files import refusing
from rateloom.generator.targets.description import described
from rateloom.generator.version import VERSION

Source = xr.Dataset | str | PathLike[str]

# settings that two parts of one run have in common; where and how it is run may change
_SETTINGS = (
    "dt", "integrator", "speed", "monitor", "period", "seed", "noise", "dtype", "history_dtype", "math",
    "item",
)  # fmt: skip
_OF_BOLD = (
    "keep", "bold_from", "tr", "bold_dt", "warm_up", "bold_model", "bold_model_hash", "bold_parameters",
)  # fmt: skip


def with_state(setup: Setup, source: Source | None, keep_state: bool) -> Setup:
    """Return a setup that goes on from the state in which another run ended, keeps its own, or both.

    Parameters
    ----------
    source : Dataset or path, optional
        The result of the run to go on with. Its parameters and inputs hold where the setup has none of its
        own.

    Raises
    ------
    InputError
        If it kept no state, is no result, or differs in what two parts of one run have in common.
    """
    keep_state = switch("keep_state", keep_state)
    if source is None and not keep_state:
        return setup
    if source is None:
        return replace(setup, samples=_samples(setup, 0, True), keep_state=True)
    name, result = _opened(source)
    with refusing(f"{name}: its final state cannot be read"):
        difference = _grid_difference(setup.grid, result)
        kept = None if difference else final_state(result, setup.grid)
        inputs = {} if kept is None else inputs_of(result)
    if difference:
        raise InputError(f"{name}: a run with other work items cannot go on from it: {difference}")
    if kept is None:
        raise InputError(f"{name}: it holds no final state; run it with keep_state=True (--keep-state)")
    continued = _continued(setup, kept, keep_state)
    if (result.attrs.get("keep") == "bold") != (setup.bold is not None):
        verb, ending = ("give", " and its settings") if setup.bold is None else ("leave out", "")
        remedy = f'{verb} monitor="bold" (--monitor bold){ending}, as in the first part'
        raise InputError(f"{name}: only one of the two parts has BOLD signals; {remedy}")
    if differences := _differences(continued, result.attrs):
        raise InputError(f"{name}: a run with other settings cannot go on from it: {', '.join(differences)}")
    return replace(
        continued,
        parameters={
            **_parameters(name, result),
            **named_values("parameters", setup.parameters, "{'x': 0.1}"),
        },
        inputs={**inputs, **named_values("inputs", setup.inputs, "{'x': 0.1}")},
    )


def check_other_place(source: Source | None, out: str | PathLike[str] | None) -> None:
    """Raise InputError if a run is to replace the result that it goes on from."""
    if isinstance(source, str | PathLike) and out is not None:
        place = path_of("out", out)
        if os.path.realpath(path_of("continue_from", source)) == os.path.realpath(place):
            raise InputError(f"{place}: the run goes on from that result; write to another place")


def check_no_state(setup: Setup) -> None:
    """Raise InputError if a sweep of measures keeps states or goes on from them."""
    if setup.keep_state or setup.continued is not None:
        raise InputError(
            "keep='measures': a study holds no states to go on from; with keep_state and continue_from "
            "(--keep-state, --continue) keep averages, bold or raw"
        )


def _continued(setup: Setup, kept: KeptState, keep_state: bool) -> Setup:
    samples = _samples(setup, kept.step, keep_state)
    return replace(setup, samples=samples, continued=kept, keep_state=keep_state)


def _samples(setup: Setup, first_step: int, keep_state: bool) -> Any:
    samples = setup.samples
    return sample_times(setup.settings, samples.monitor, samples.period, first_step, keep_state)


def _opened(source: Source) -> tuple[str, xr.Dataset]:
    """The name of a result in messages, and the result."""
    if isinstance(source, xr.Dataset):
        return "continue_from", source
    path = path_of("continue_from", source)
    if not path.exists():
        raise InputError(f"{path}: no such store; give what rateloom run --keep-state wrote")
    return str(path), open_result(path)


def _grid_difference(grid: Grid, result: xr.Dataset) -> str:
    """Say in what the work items of a grid differ from those of a result."""
    there = [str(name) for name in result["diverged_step"].dims] if "diverged_step" in result else []
    # in another order work items would have other random numbers
    if there != list(grid.names):
        axes = [", ".join(names) or "none" for names in (there, grid.names)]
        return f"axes are {axes[0]} there and {axes[1]} here"
    values: dict[str, NDArray[Any]] = {axis.name: axis.labels for axis in grid.axes} | dict(grid.own)
    other = [n for n, here in values.items() if n not in result or not _equal(result[n], here)]
    return f"other values of {', '.join(other)}" if other else ""


def _equal(there: xr.DataArray, here: NDArray[Any]) -> bool:
    return there.dims[1:] in ((), ("node",)) and np.array_equal(there.values, here)


def _differences(setup: Setup, saved: Mapping[Any, Any]) -> list[str]:
    """Say in what a run differs from the one that it is to go on with."""
    settings, samples = setup.settings, setup.samples
    record = settings_record(settings, samples) | effective_lengths(settings, samples)
    record |= {"math": setup.math, "item": setup.first_item, **_bold_record(setup)}
    current = plain_attributes({name: record.get(name) for name in (*_SETTINGS, *_OF_BOLD)})
    current["model"], current["model_hash"] = setup.model.name, setup.model.hash
    current["rateloom_version"] = VERSION
    hashes = [subject.normalized.hash for subject in setup.given]
    current["connectome_hash"] = hashes if setup.subjects else hashes[0]
    names = ["model", *_SETTINGS, *_OF_BOLD, "connectome_hash", "rateloom_version"]
    # the axes say what these are
    names = [n for n in names if n not in swept_settings(describe(described(setup.model)), setup.grid)]
    if saved.get("model") == current["model"]:
        names.insert(1, "model_hash")
    if saved.get("monitor") == current["monitor"] == "raw" or setup.bold is not None:
        names.remove("period")
    return [
        entry_difference(name, saved.get(name), current.get(name))
        for name in names
        if saved.get(name) != current.get(name)
    ]


def _bold_record(setup: Setup) -> Mapping[str, Any]:
    """The record of the BOLD signals that a run makes, if it makes any."""
    if setup.bold is None:
        return {}
    # a state of another haemodynamic model would not fit: what differs is said first
    study = built_study(replace(setup, continued=None))
    return bold_study(study, setup.bold)[1].attributes


def _parameters(name: str, result: xr.Dataset) -> dict[str, Any]:
    try:
        parameters: dict[str, Any] = dict(json.loads(result.attrs["parameters"]))
    except (KeyError, ValueError, TypeError, RecursionError):
        raise InputError(f"{name}: its attribute parameters cannot be read") from None
    return parameters

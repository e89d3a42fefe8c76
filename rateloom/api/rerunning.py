"""Results that are run again from themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr

from rateloom.api.bold import recorded_bold
from rateloom.api.running import run_series
from rateloom.api.setup import Destination, Run, Setup
from rateloom.drivers.execution.variants import variant_difference
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.planning.grid import ITEM, Grid, axis_of, work_items
from rateloom.drivers.planning.sample_times import SampleTimes, sample_times
from rateloom.drivers.planning.settings import Settings, SettingsWarning
from rateloom.drivers.results.final_state import FINAL_STEP
from rateloom.drivers.results.origins import connectomes_of, history_of, inputs_of
from rateloom.drivers.results.result_files import open_result, with_plain_attributes
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.notices import issue
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model


def rerun(
    result: xr.Dataset | str | PathLike[str],
    *,
    threads: int | None = None,
    out: str | PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
) -> xr.Dataset:
    """Run a result again from itself: its model, connectome, values and settings are all in it.

    Parameters
    ----------
    result : xarray.Dataset or path
        What `simulate` returned or wrote, or `sweep` with time series, whole.
    threads, out, overwrite, progress
        See `simulate`.

    Returns
    -------
    xarray.Dataset
        The same bits. Where the machine or a version differs, a `SettingsWarning` says in what.

    Raises
    ------
    InputError
        If the result does not hold all that it was made of; one line says what it lacks.
    """
    if isinstance(result, str | PathLike):
        result = open_result(path_of("result", result))
    if not isinstance(result, xr.Dataset):
        raise InputError(f"rerun of {shown(result)}: give what simulate or sweep returned, or wrote")
    result = with_plain_attributes(result)
    setup = _setup(result, threads)
    again = run_series(setup, Run(progress=progress, warn=issue), Destination(out, overwrite))
    saved, here = (json.loads(ds.attrs["variant"]) for ds in (result, again))
    if differs := variant_difference(saved, here):
        issue(SettingsWarning(f"the last digits may be others than the result's: {differs}"))
    return again


def _setup(result: xr.Dataset, threads: int | None) -> Setup:
    """All that a result was made of."""
    attributes: Mapping[Any, Any] = result.attrs
    if "time" not in result.dims or "variant" not in attributes:
        raise _lacking("time series with the record of their run, as simulate and sweep return them")
    if "model_text" not in attributes:
        raise _lacking("the text of its model, as what a generated driver wrote does")
    if "first_step" in attributes:
        steps = attributes["first_step"]
        raise _lacking(f"the state that it went on from: run the {steps} steps before it first")
    try:
        model, settings = _model(attributes), _settings(attributes, threads)
        grid, parameters = _grid(result), _mapping(attributes, "parameters")
        initial = _mapping(attributes, "initial")
        samples, bold = _samples(attributes, settings), _bold(attributes)
        item, math = int(attributes["item"]), str(attributes["math"])
    except (KeyError, ValueError, TypeError) as problem:
        if isinstance(problem, InputError):
            raise
        raise _lacking(f"a part of its record ({type(problem).__name__}: {problem})") from None
    swept = {name.split("[")[0] for name in grid.swept}
    if absent := [p.name for p in model.parameters if p.name not in {*parameters, *swept}]:
        raise _lacking(f"values of {', '.join(absent)}: give it with all of its work items")
    subjects = connectomes_of(result)
    if subjects is None:
        raise _lacking("its connectome: neither its name nor its edges give the weights that it ran with")
    connectome, normalization = subjects[0].connectome, subjects[0].normalize
    given = np.atleast_1d(attributes["inputs"])
    inputs = {name: values for name, values in inputs_of(result).items() if name in given}
    return Setup(
        model, connectome, settings, samples, bold, normalization, math, grid, parameters,
        initial, inputs, history_of(result), item, keep_state=FINAL_STEP in attributes,
        subjects=subjects if grid.connectomes else (),
    )  # fmt: skip


def _lacking(what: str) -> InputError:
    return InputError(f"this result cannot be run again: it lacks {what}")


def _model(attributes: Mapping[Any, Any]) -> Model:
    name = attributes["model"]
    path = attributes.get("model_path", f"{name}.xml")
    try:
        model = load_model(path, str(attributes["model_text"]))
    except ModelError as problem:
        raise _lacking(f"a model that can be read ({str(problem).splitlines()[0]})") from None
    if model.hash != attributes["model_hash"]:
        raise _lacking(f"the equations of its model: the text of {name} is of another one")
    return model


def _settings(attributes: Mapping[Any, Any], threads: int | None) -> Settings:
    """The settings as they were, with the lanes and the block that were chosen."""
    values = {f.name: attributes[f.name] for f in fields(Settings) if f.name in attributes}
    # where it is swept, the axis takes its place
    values["speed"] = float(values.get("speed", Settings.speed))
    # of the several blocks of a sweep of speeds, the shorter ones follow from the delays
    values["block"] = int(np.max(values["block"]))
    return Settings(**values | ({} if threads is None else {"threads": threads}))


def _samples(attributes: Mapping[Any, Any], settings: Settings) -> SampleTimes:
    keep_state = FINAL_STEP in attributes
    return sample_times(settings, attributes["monitor"], attributes["period"], keep_state=keep_state)


def _bold(attributes: Mapping[Any, Any]) -> BoldSettings | None:
    if attributes.get("keep") != "bold":
        return None
    if (bold := recorded_bold(attributes)) is None:
        name = attributes["bold_model"]
        raise _lacking(f"the haemodynamic model {name}: the shipped one of this name is another, or is none")
    return bold


def _grid(result: xr.Dataset) -> Grid:
    names = [str(name) for name in result["diverged_step"].dims]
    if names == [ITEM]:
        own = {
            str(name): array.values
            for name, array in result.coords.items()
            if array.dims[:1] == (ITEM,) and name != ITEM and "." not in str(name)
        }
        return work_items(own)
    return Grid(tuple(axis_of(name, result[name].values) for name in names))


def _mapping(attributes: Mapping[Any, Any], name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(attributes[name])
    return values

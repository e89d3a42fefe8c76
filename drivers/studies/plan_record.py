"""The record of a study's plan with its arrays: made of a plan, and made into what a sweep is given."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings, recorded_settings
from rateloom.drivers.measures.origin import origins_of
from rateloom.drivers.model.model_text import ModelText, model_record
from rateloom.drivers.observation.bold.bold_record import SavedBold, bold_arrays, bold_record, saved_bold
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.sample_times import SampleTimes, sample_times, settings_record
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.attributes import plain

from .plan_arrays import Arrays, array_digest
from .recorded_connectomes import connectome_arrays, connectome_entry, connectomes_of_plan
from .recorded_grid import grid_arrays, grid_entries, grid_of_plan

# of plan.json, which changes when an older rateloom could not read it
FORM = 1
# How a study is run changes no number in it, but for the kernels, which the plan names.
FREE = ("threads", "device", "calibrate")
_MAPPINGS = ("parameters", "initial", "inputs")
_TARGET = "target."


@dataclass(frozen=True, eq=False)
class SavedStudy:
    """A plan as it is read from a directory, in the words of `rateloom.sweep`."""

    model: ModelText
    connectome: Connectome
    normalize: str
    math: str
    settings: Settings
    samples: SampleTimes
    grid: Grid
    values: dict[str, dict[str, Any]]
    history: NDArray[np.float64] | None
    convention: str
    measure_settings: MeasureSettings
    targets: tuple[DataToFit, ...]
    measures: tuple[str, ...] | None
    custom: dict[str, dict[str, Any]]
    matrices: bool
    record: dict[str, Any]
    bold: SavedBold | None
    folder: Path | None = None
    subjects: tuple[Subject, ...] = ()


def record_of(
    plan: Plan, recipe: Recipe, model: ModelText, connectome: Connectome
) -> tuple[dict[str, Any], Arrays]:
    """The plan of a study as ``plan.json`` holds it, and the arrays that go with it.

    Parameters
    ----------
    connectome : Connectome
        As it was given, not normalized; those of an axis are in the request for measures.
    """
    study = plan.study
    settings = settings_record(study.settings, study.samples) | {"lanes": plan.lanes}
    arrays, request = arrays_of(study, recipe, connectome), recipe.request
    record: dict[str, Any] = {
        "form": FORM,
        "rateloom_version": plan.model.generator,
        "model": model_record(plan.model, model),
        "variant": plan.backend.variant(plan),
        "measured_with": _libraries(),
        "connectome": connectome_entry(connectome, request.subjects),
        **grid_entries(study.grid),
        "settings": {k: v for k, v in settings.items() if k not in FREE},
        **{k: study.record[k] for k in ("normalize", "math")},
        "measures": {
            "convention": request.convention,
            "settings": asdict(request.settings),
            "asked": None if request.names is None else list(recipe.taken),
            "matrices": request.matrices,
            "custom": origins_of(request.custom),
            "names": [c.name for c in recipe.columns],
        },
        "given": {name: array_digest(array) for name, array in sorted(arrays.items())},
    }  # fmt: skip
    if recipe.bold is not None:
        record["bold"] = bold_record(recipe.bold, BACKENDS[study.settings.backend].language)
    return plain(record), arrays


def arrays_of(study: Study, recipe: Recipe, connectome: Connectome) -> Arrays:
    """Return the arrays that a study was given, as ``given.npz`` holds them."""
    arrays = connectome_arrays(connectome, recipe.request.subjects)
    for kind in _MAPPINGS:
        for name, value in (getattr(study, kind) or {}).items():
            arrays[f"{kind}.{name}"] = np.asarray(value, np.float64)
            if isinstance(value, xr.DataArray):
                arrays[f"times.{name}"] = np.asarray(value["time"].values, np.float64)
    arrays |= grid_arrays(study.grid)
    if study.history is not None:
        arrays["history"] = np.asarray(study.history, np.float64)
    arrays |= {f"{_TARGET}{t.kind}.{t.name}": t.values for t in recipe.request.targets}
    return arrays if recipe.bold is None else arrays | bold_arrays(recipe.bold)


def saved_of(record: dict[str, Any], arrays: Arrays) -> SavedStudy:
    """A plan in the words of `rateloom.sweep`."""
    subjects, is_axis = connectomes_of_plan(record, arrays)
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind in _MAPPINGS}
    for name, array in arrays.items():
        kind, _, key = name.partition(".")
        if kind in by_kind:
            by_kind[kind][key] = array
    for name, array in arrays.items():
        if name.startswith("times."):
            key = name.removeprefix("times.")
            by_kind["inputs"][key] = xr.DataArray(by_kind["inputs"][key], {"time": array}, ("time", "node"))
    measures = record["measures"]
    saved = record["settings"]
    chosen = {f.name: saved[f.name] for f in fields(Settings) if f.name in saved}
    settings = Settings(**chosen | {"speed": float(saved["speed"])})
    return SavedStudy(
        ModelText(record["model"]["path"], record["model"]["text"]),
        subjects[0].connectome, subjects[0].normalize, record["math"],
        settings, sample_times(settings, saved["monitor"], saved["period"]),
        grid_of_plan(record, arrays),
        by_kind, arrays.get("history"), measures["convention"], recorded_settings(measures["settings"]),
        _targets(arrays), None if measures.get("asked") is None else tuple(measures["asked"]),
        measures.get("custom", {}), measures.get("matrices", False), record,
        saved_bold(record.get("bold"), arrays),
        subjects=subjects if is_axis else (),
    )  # fmt: skip


def _targets(arrays: Arrays) -> tuple[DataToFit, ...]:
    """The targets among the arrays of a plan, in the order in which they were given."""
    names = [name.split(".") for name in arrays if name.startswith(_TARGET)]
    return tuple(DataToFit(name, kind, arrays[f"{_TARGET}{kind}.{name}"]) for _, kind, name in names)


def _libraries() -> dict[str, str]:
    """Return the versions of the libraries that the last digits of measures depend on."""
    return {name: version(name) for name in ("numpy", "numba", "scipy")}

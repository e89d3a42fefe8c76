"""The plan of a study: all that it takes to run it again, in ``plan.json`` and ``given.npz``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.variants import entry_difference
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings, recorded_settings
from rateloom.drivers.measures.origin import origins_of
from rateloom.drivers.model.artifact import text_digest
from rateloom.drivers.model.model_text import ModelText, model_record
from rateloom.drivers.observation.bold.bold_record import SavedBold, bold_arrays, bold_record, saved_bold
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.sample_times import SampleTimes, sample_times, settings_record
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.attributes import plain
from rateloom.drivers.support.destinations import PLAN
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.regular_files import json_of, reason_of

from .plan_arrays import GIVEN, Arrays, array_digest, read_arrays
from .recorded_grid import grid_arrays, grid_entries, grid_of_plan

_SEAL = "digest"
_FORM = 1
# How a study is run changes no number in it, but for the kernels, which the plan names.
FREE = ("threads", "device", "calibrate")
_MAPPINGS = ("parameters", "initial", "inputs")
_TARGET = "target."
_MOST_SHOWN = 4


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


def record_of(
    plan: Plan, recipe: Recipe, model: ModelText, connectome: Connectome
) -> tuple[dict[str, Any], Arrays]:
    """The plan of a study as ``plan.json`` holds it, and the arrays that go with it.

    Parameters
    ----------
    connectome : Connectome
        As it was given, not normalized.
    """
    study = plan.study
    settings = settings_record(study.settings, study.samples) | {"lanes": plan.lanes}
    arrays, request = arrays_of(study, recipe, connectome), recipe.request
    record: dict[str, Any] = {
        "form": _FORM,
        "rateloom_version": plan.model.generator,
        "model": model_record(plan.model, model),
        "variant": plan.backend.variant(plan),
        "measured_with": _libraries(),
        "connectome": {
            "name": connectome.name, "n_node": connectome.n_node,
            "labels": None if connectome.labels is None else list(connectome.labels),
        },
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


def write_plan(folder: Path, record: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a plan into an empty directory."""
    with (folder / GIVEN).open("wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
        stream.flush()
        os.fsync(stream.fileno())
    with (folder / PLAN).open("w", encoding="utf-8") as text:
        json.dump(sealed(record), text, indent=1, ensure_ascii=False)
        text.flush()
        os.fsync(text.fileno())


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Add the digest that tells whether a plan was changed."""
    content = {name: value for name, value in record.items() if name != _SEAL}
    return content | {_SEAL: text_digest(json.dumps(content, sort_keys=True))}


def read_plan(folder: Path) -> SavedStudy:
    """Read the plan of a study.

    Raises
    ------
    InputError
        If there is none, it cannot be read, it was changed, or it names a program within the study.
    """
    record = read_record(folder)
    try:
        arrays = read_arrays(folder, record)
        saved = saved_of(record, arrays)
        _check_outside(folder, saved)
        return saved
    except (KeyError, TypeError, AttributeError) as problem:
        cause = f"{type(problem).__name__}: {problem}"
        raise InputError(f"{folder / PLAN}: it is no plan of a study ({cause}); start it anew") from None


def _check_outside(folder: Path, saved: SavedStudy) -> None:
    """Check that no file lies in the study whose program, or the programs beside which, would be run.

    A study is data. One that brings its own program was not made by a sweep.

    Raises
    ------
    InputError
        If there is one; the message names it.
    """
    study = os.path.realpath(folder)
    files = {f"measure {name}": str(origin["file"]) for name, origin in saved.custom.items()}
    for what, file in {"model": saved.model.path, **files}.items():
        if Path(os.path.realpath(file)).is_relative_to(study):
            raise InputError(
                f"{folder / PLAN}: the file of its {what}, {file}, lies in the study itself, and no program "
                "of a study is run; put the file elsewhere and sweep anew"
            )


def read_record(folder: Path) -> dict[str, Any]:
    """Read ``plan.json``.

    Raises
    ------
    InputError
        If it is not there, is no JSON, or was changed.
    """
    try:
        record = json_of(folder / PLAN)
    except FileNotFoundError:
        raise InputError(f"{folder}: no study is there ({PLAN} is absent); start one with --out") from None
    except (OSError, ValueError) as problem:
        raise InputError(f"{folder / PLAN}: cannot be read ({reason_of(problem)})") from None
    if not isinstance(record, dict) or record.get("form") != _FORM:
        form = record.get("form") if isinstance(record, dict) else None
        raise InputError(f"{folder / PLAN}: its form is {shown(form)}, and this rateloom reads form {_FORM}")
    if sealed(record) != record:
        raise InputError(
            f"{folder / PLAN}: it was changed since the study began; undo that, or start it anew"
        )
    del record[_SEAL]
    if not isinstance(record.get("settings"), dict):
        raise InputError(f"{folder / PLAN}: it is no plan of a study (no settings); start it anew")
    return record


def check_same(folder: Path, saved: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """Raise InputError if another study is in a directory; the message says in what the two differ."""
    if changes := difference(saved, current):
        raise InputError(f"{folder}: another study is in it: {changes}; choose another directory")


def difference(saved: Mapping[str, Any], current: Mapping[str, Any]) -> str:
    """Say in what two plans differ; nothing, where both give the same results."""
    if ("bold" in saved) != ("bold" in current):
        kinds = ("BOLD signals", "the samples")
        saved_kind, current_kind = kinds if "bold" in saved else kinds[::-1]
        return f"its measures are those of {saved_kind}, and those of {current_kind} were asked for"
    old, new = (dict(_flat(record)) for record in (saved, current))
    for entries in (old, new):
        # the hash says whether two models give the same; a text may differ in its comments
        for name in ("model.path", "model.text", "bold.model.path", "bold.model.text"):
            entries.pop(name, None)
        # likewise where a user's own measure lies
        for name in [
            name for name in entries if name.startswith("measures.custom.") and name.endswith(".file")
        ]:
            del entries[name]
    if old.get("model.name") != new.get("model.name"):  # nothing else is worth comparing
        return f"it is of the model {old.get('model.name')}, and {new.get('model.name')} was given"
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    parts = [_entry_text(name, old.get(name), new.get(name)) for name in names[:_MOST_SHOWN]]
    further = f", and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(parts) + further


def _entry_text(name: str, old: Any, new: Any) -> str:
    """Say in what two entries of plans differ."""
    measure = name.removeprefix("measures.custom.").removesuffix(".source")
    if name == f"measures.custom.{measure}.source" and None not in (old, new):
        return f"the source of measure {measure} changed"
    return entry_difference(name, old, new)


def _flat(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        return [(name, value)]
    return [entry for key, inner in value.items() for entry in _flat(inner, f"{name}.{key}" if name else key)]


def arrays_of(study: Study, recipe: Recipe, connectome: Connectome) -> Arrays:
    """Return the arrays that a study was given, as ``given.npz`` holds them."""
    arrays: Arrays = {"weights": connectome.weights, "tract_lengths": connectome.tract_lengths}
    if connectome.centres is not None:
        arrays["centres"] = connectome.centres
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
    about = record["connectome"]
    connectome = Connectome(
        arrays["weights"], arrays["tract_lengths"], about["labels"], arrays.get("centres"), about["name"]
    )
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
        connectome, record["normalize"], record["math"],
        settings, sample_times(settings, saved["monitor"], saved["period"]),
        grid_of_plan(record, arrays),
        by_kind, arrays.get("history"), measures["convention"], recorded_settings(measures["settings"]),
        _targets(arrays), None if measures.get("asked") is None else tuple(measures["asked"]),
        measures.get("custom", {}), measures.get("matrices", False), record,
        saved_bold(record.get("bold"), arrays),
    )  # fmt: skip


def _targets(arrays: Arrays) -> tuple[DataToFit, ...]:
    """The targets among the arrays of a plan, in the order in which they were given."""
    names = [name.split(".") for name in arrays if name.startswith(_TARGET)]
    return tuple(DataToFit(name, kind, arrays[f"{_TARGET}{kind}.{name}"]) for _, kind, name in names)


def _libraries() -> dict[str, str]:
    """Return the versions of the libraries that the last digits of measures depend on."""
    return {name: version(name) for name in ("numpy", "numba", "scipy")}

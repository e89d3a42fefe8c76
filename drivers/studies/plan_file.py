"""The files of a study's plan, ``plan.json`` and ``given.npz``: written, sealed and read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.model.artifact import text_digest
from rateloom.drivers.support.destinations import PLAN
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.regular_files import json_of, reason_of

from .plan_arrays import GIVEN, Arrays, read_arrays
from .plan_record import FORM, SavedStudy, saved_of

_SEAL = "digest"


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
        saved = replace(saved_of(record, arrays), folder=folder)
    except (KeyError, TypeError, AttributeError) as problem:
        cause = f"{type(problem).__name__}: {problem}"
        raise InputError(f"{folder / PLAN}: it is no plan of a study ({cause}); start it anew") from None
    files = {f"measure {name}": str(origin["file"]) for name, origin in saved.custom.items()}
    check_outside(folder, {"model": saved.model.path, **files})
    return saved


def check_outside(folder: Path, files: Mapping[str, str]) -> None:
    """Check that no file whose program would be run, or that names such files, lies in a study.

    A study is data. One that brings its own program was not made by a sweep.

    Parameters
    ----------
    files : mapping of str to str
        Paths by what they are of.

    Raises
    ------
    InputError
        If there is one; the message names it.
    """
    study = os.path.realpath(folder)
    for what, file in files.items():
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
    if not isinstance(record, dict) or record.get("form") != FORM:
        form = record.get("form") if isinstance(record, dict) else None
        raise InputError(f"{folder / PLAN}: its form is {shown(form)}, and this rateloom reads form {FORM}")
    if sealed(record) != record:
        raise InputError(
            f"{folder / PLAN}: it was changed since the study began; undo that, or start it anew"
        )
    del record[_SEAL]
    if not isinstance(record.get("settings"), dict):
        raise InputError(f"{folder / PLAN}: it is no plan of a study (no settings); start it anew")
    return record

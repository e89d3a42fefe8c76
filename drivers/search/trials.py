"""Trials in Optuna's journal, a line of JSON each; nothing of it is ever unpickled."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.studies.folder import locked
from rateloom.drivers.support.destinations import check_folder
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import write_whole
from rateloom.drivers.support.regular_files import json_of

from .free import Unknown
from .optimiser import Objective, distributions_of, quiet

PLAN = "search.json"
JOURNAL = "trials.journal"
_NAME = "rateloom"


@dataclass(frozen=True, eq=False)
class Trial:
    """A candidate and its result.

    Attributes
    ----------
    params : mapping of str to float
        The candidate's free numbers.
    diverged_step : int
        Step at which it diverged, or -1.
    measures : mapping of str to float
        Measures of the whole brain; NaN if undefined.
    """

    params: Mapping[str, float]
    diverged_step: int
    measures: Mapping[str, float]


def values_of(trials: Sequence[Trial], objectives: Sequence[Objective]) -> NDArray[np.float64]:
    """Return the objectives (trial, objective); NaN if a trial failed."""
    measured = [[[t.measures[c] for c in o.columns] for o in objectives] for t in trials]
    return np.array([[float(np.mean(values)) for values in row] for row in measured]).reshape(
        -1, len(objectives)
    )


def check_search_place(path: Path, overwrite: bool) -> None:
    """Check that a directory can become a search's.

    Raises
    ------
    InputError
        If it cannot, or holds a search already; the message says what to do.
    """
    if not path.name:
        raise InputError(f"{path}: not a name for a search; give one like search")
    check_folder(path)
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise InputError(f"{path}: a file of that name is in the way; choose another name or remove it")
    if (path / PLAN).is_file():
        if not overwrite:
            raise InputError(
                f"{path}: a search is there already; go on with it (--resume), choose another name, or "
                "replace it (--overwrite)"
            )
    elif any(path.iterdir()):
        raise InputError(f"{path}: a folder that is not a search is not overwritten; choose another name")


def begin(path: Path, record: Mapping[str, Any], overwrite: bool) -> None:
    """Create the directory of a search, without trials."""
    check_search_place(path, overwrite)
    try:
        if (path / PLAN).is_file():
            with locked(path):
                shutil.rmtree(path)
        path.mkdir(parents=True, exist_ok=True)
        write_whole(path / PLAN, json.dumps(record, indent=1, ensure_ascii=False))
    except OSError as problem:
        raise InputError(f"{path}: cannot be written ({problem.strerror or problem})") from None


def read_search(path: Path) -> dict[str, Any]:
    """Read the record of a search; see `search_run`.

    Raises
    ------
    InputError
        If there is no search, or the file is damaged.
    """
    try:
        record = json_of(path / PLAN)
    except FileNotFoundError:
        raise InputError(f"{path}: no search is there ({PLAN} is absent); start one without resume") from None
    except (OSError, ValueError) as problem:
        raise InputError(f"{path / PLAN}: cannot be read ({problem})") from None
    if not isinstance(record, dict):
        raise InputError(f"{path / PLAN}: it is no plan of a search; start it anew")
    return record


def open_journal(path: Path, objectives: Sequence[Objective]) -> Any:
    """Open or create the `optuna.Study` in a search's directory, while its lock is held.

    Raises
    ------
    InputError
        If the journal is damaged.
    """
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    file = path / JOURNAL
    try:
        _mend(file)
        # Optuna's own lock is a symbolic link, which not every system lets a user make
        storage = JournalStorage(JournalFileBackend(str(file), JournalFileOpenLock(str(file))))
        with quiet(optuna):
            return optuna.create_study(
                study_name=_NAME,
                storage=storage,
                directions=[o.direction for o in objectives],
                load_if_exists=True,
            )
    except OSError as problem:
        raise InputError(f"{file}: cannot be written ({problem.strerror or problem})") from None
    except Exception as problem:
        # Optuna raises a different exception for each kind of damage
        raise InputError(f"{file}: it is no journal of a search ({_first(problem)}); start it anew") from None


def read_trials(journal: Any, columns: Sequence[str], file: Path) -> list[Trial]:
    """Return the trials of a journal in their order.

    Raises
    ------
    InputError
        If a trial is not a search's.
    """
    try:
        return [
            Trial(
                {str(name): float(value) for name, value in trial.params.items()},
                int(trial.user_attrs["diverged_step"]),
                {c: _number(trial.user_attrs["measures"][c]) for c in columns},
            )
            for trial in journal.get_trials(deepcopy=False)
        ]
    except Exception as problem:
        raise InputError(f"{file}: it is no journal of a search ({_first(problem)}); start it anew") from None


def append(
    journal: Any, trials: Sequence[Trial], unknowns: Sequence[Unknown], objectives: Sequence[Objective]
) -> None:
    """Append trials to a journal, each completely or not at all.

    Raises
    ------
    InputError
        If the disk is full; earlier trials stay.
    """
    from optuna.trial import TrialState, create_trial

    distributions = distributions_of(unknowns)
    try:
        for trial, values in zip(trials, values_of(trials, objectives), strict=True):
            complete = bool(np.isfinite(values).all())
            attributes = {
                "diverged_step": trial.diverged_step,
                "measures": {n: v if math.isfinite(v) else None for n, v in trial.measures.items()},
            }
            journal.add_trial(
                create_trial(
                    state=TrialState.COMPLETE if complete else TrialState.FAIL,
                    values=values.tolist() if complete else None,
                    params=dict(trial.params),
                    distributions=distributions,
                    user_attrs=attributes,
                )
            )
    except OSError as problem:
        raise InputError(
            f"{JOURNAL}: cannot be written ({problem.strerror or problem}); when that is mended, go on with "
            "resume"
        ) from None


def _mend(file: Path) -> None:
    """Remove an incomplete last line, and the lock of a killed process."""
    file.with_name(f"{file.name}.lock").unlink(missing_ok=True)
    if not file.is_file():
        return
    with file.open("rb+") as stream:
        content = stream.read()
        stream.truncate(content.rfind(b"\n") + 1)


def _number(value: object) -> float:
    return math.nan if value is None else float(value)  # type: ignore[arg-type]


def _first(problem: Exception) -> str:
    return str(problem).partition("\n")[0] or type(problem).__name__

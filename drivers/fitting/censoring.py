"""Censored volumes of recorded series: samples that are left out, since the head moved, say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.table import Floats

from .given_data import GivenData, given_data_of

_FEWEST = 3
_MARKS = "1 marks one that is left out, and not one that is kept, as in AFNI's files"
_FORMS = "give a volume a row, 1 where it is left out, or the numbers of volumes, counted from 0"


def censored_of(censor: Any, names: Sequence[str]) -> dict[str, GivenData]:
    """Return what is censored of series, by their names.

    Parameters
    ----------
    censor : path, array, list of paths, or mapping of names to these, optional
        Without a name where there is one series.
    names : sequence of str
        Those of the series.

    Raises
    ------
    InputError
        If there are no series, or a name is none of theirs or there twice.
    """
    entries = given_data_of("censor", censor)
    places = censor if isinstance(censor, list | tuple) else [censor]
    named = isinstance(censor, Mapping) or any(isinstance(place, str) and "=" in place for place in places)
    if len(entries) == len(names) == 1 and not named:
        return {names[0]: entries[0]}
    for entry in entries:
        if entry.name not in names:
            known = f"there are {', '.join(names)}" if names else "there is no series"
            raise InputError(f"censor: no series is called {entry.name}; {known}; give NAME=FILE")
    if len({entry.name for entry in entries}) < len(entries):
        raise InputError("censor: a series has two; give one for each")
    return {entry.name: entry for entry in entries}


def kept_volumes(name: str, censored: Floats, n_time: int) -> NDArray[np.bool_]:
    """Return the volumes of a series that are kept.

    Parameters
    ----------
    censored : (time,) or (time, k) array of 0 and 1, or (k,) array of indices
        1 marks a volume that is left out; of several columns, as motion outliers have, in any of them.

    Raises
    ------
    InputError
        If it is neither, or fewer than three volumes are kept.
    """
    subject = f"censor of series {name}"
    marks = bool(np.isin(censored, (0.0, 1.0)).all())
    numbers = np.atleast_1d(np.squeeze(censored))
    kept: NDArray[np.bool_] = np.ones(n_time, bool)
    if numbers.shape[0] == n_time and numbers.ndim < 3 and marks:
        kept = np.asarray((numbers.reshape(n_time, -1) == 0).all(axis=1))
    elif censored.ndim and _are_indices(numbers, n_time):
        kept[numbers.astype(np.intp)] = False
    else:
        size = " x ".join(map(str, censored.shape)) or "a single"
        raise InputError(f"{subject}: {size} numbers, and there are {n_time} volumes; {_FORMS}")
    if kept.sum() < _FEWEST:
        raise InputError(
            f"{subject}: {kept.sum()} of {n_time} volumes are left, and {_FEWEST} are needed; {_MARKS}"
        )
    return kept


def censoring_warnings(name: str, kept: NDArray[np.bool_]) -> tuple[SettingsWarning, ...]:
    """Return a warning where most volumes are left out: files of other programs mark those that are kept."""
    n_censored = int((~kept).sum())
    if 2 * n_censored <= kept.size:
        return ()
    text = f"censor of series {name}: {n_censored} of {kept.size} volumes are left out"
    return (
        SettingsWarning(f"{text}; 1 marks one that is left out, and not one that is kept (as AFNI has it)"),
    )


def without_censored(values: Floats, kept: NDArray[np.bool_]) -> Floats:
    """Return series (time, region) with censored volumes replaced by the first kept one: they may be NaN."""
    return np.where(kept[:, None], values, values[np.argmax(kept)])


def _are_indices(numbers: Floats, n_time: int) -> bool:
    """Tell whether numbers are those of some volumes, each once."""
    within = (numbers >= 0) & (numbers < n_time) & (numbers == np.rint(numbers))
    return numbers.ndim == 1 and bool(within.all()) and np.unique(numbers).size == numbers.size

"""Connectomes of several subjects as an axis of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.subjects import Subject, load_subjects
from rateloom.drivers.planning.grid import CONNECTOME, Grid, grid_of
from rateloom.drivers.planning.subject_axis import subject_axis
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.notices import issue
from rateloom.dsl.model import Model

from .loading import given_connectome

DEFAULT = "tvb76"


def grid_and_connectomes(
    model: Model, axes: object, connectome: Connectome | str | PathLike[str], normalize: str | None
) -> tuple[Grid, tuple[Subject, ...]]:
    """Return the grid of a sweep, and what it is simulated on: one connectome, or those of an axis.

    Parameters
    ----------
    model : Model
        A parameter of its own that is called ``connectome`` goes before connectomes.
    axes, connectome, normalize
        See `rateloom.sweep`.

    Raises
    ------
    InputError
        If they make no grid, or a connectome cannot be used.
    """
    if not isinstance(axes, Mapping) or CONNECTOME not in axes or _is_parameter(model):
        return grid_of(axes), (Subject(*given_connectome(connectome, normalize)),)
    if not (isinstance(connectome, str) and connectome == DEFAULT):
        raise InputError("connectome is both set and swept; leave one of them out")
    sources = _sources(axes[CONNECTOME])
    grid = grid_of({**axes, CONNECTOME: subject_axis(sources)})
    return grid, load_subjects(sources, normalize, warn=issue)


def one_connectome(axes: object, connectome: Any) -> Any:
    """Return one connectome of a sweep, whose regions all of them have; `connectome` without an axis."""
    values = axes.get(CONNECTOME) if isinstance(axes, Mapping) else None
    first = next(iter(values), None) if isinstance(values, list | tuple | np.ndarray) else None
    return first if isinstance(first, str | PathLike | Connectome) else connectome


def _is_parameter(model: Model) -> bool:
    return CONNECTOME in {parameter.name for parameter in model.parameters}


def _sources(values: object) -> list[Any]:
    """Return the connectomes of an axis as a list."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return list(values)
    if not isinstance(values, list | tuple):
        raise InputError(f"sweep {CONNECTOME}: {shown(values)}: give a list of Connectomes, names or paths")
    return list(values)

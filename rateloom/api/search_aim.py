"""The aim of a search, and the objectives that it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rateloom.drivers.fitting.ranking import WAYS
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.model.description import check_names
from rateloom.drivers.observation.recipe import Recipe
from rateloom.drivers.search.optimiser import DIRECTIONS, Objective
from rateloom.drivers.search.search_run import whole_brain
from rateloom.drivers.support.errors import InputError, shown


@dataclass(frozen=True)
class Aim:
    """The aim of a search: measures of the whole brain, or else likeness to the targets.

    Attributes
    ----------
    maximize, minimize, by, exposure
        See `rateloom.search`.
    """

    maximize: str | Sequence[str] = ()
    minimize: str | Sequence[str] = ()
    by: str = "fc"
    exposure: str | None = None


def objectives_of(recipe: Recipe, targets: Sequence[DataToFit], aim: Aim) -> tuple[Objective, ...]:
    """Return the objectives of a search: measures by name, or else comparisons with the targets.

    Raises
    ------
    InputError
        If a measure is unknown or named twice, or there is nothing to search for.
    """
    directions = [
        (name, direction)
        for names, direction in zip((aim.maximize, aim.minimize), DIRECTIONS, strict=True)
        for name in _measures_in(direction, names)
    ]
    if directions:
        names = [name for name, _ in directions]
        check_names(names, whole_brain(recipe), "measure of the whole brain", "this search")
        if len(set(names)) < len(names):
            raise InputError("maximize and minimize: a measure is given twice")
        return tuple(Objective(name, direction, (name,)) for name, direction in directions)
    if not targets:
        raise InputError("search: nothing to search for; give targets=, maximize= or minimize=")
    by, exposure = aim.by, aim.exposure
    if not isinstance(by, str) or by not in WAYS:
        raise InputError(f"by={shown(by)} is unknown; use one of {', '.join(WAYS)}")
    seen_exposure = recipe.exposures[0] if exposure is None else exposure
    check_names([seen_exposure], recipe.exposures, "exposure", "the model")
    objectives = []
    high, low = WAYS[by]
    for kind, direction in (*((k, "maximize") for k in high), *((k, "minimize") for k in low)):
        columns = tuple(f"{target.measures[0]}_{seen_exposure}" for target in targets if target.kind == kind)
        if not columns:
            raise InputError(f"by={by!r}: no target is {kind}; give one, or another way")
        name = columns[0] if len(columns) == 1 else f"fit_{kind}_{seen_exposure}"
        objectives.append(Objective(name, direction, columns))
    return tuple(objectives)


def _measures_in(direction: str, names_given: object) -> list[str]:
    """Return the names of measures that are given as one or as several."""
    names = [names_given] if isinstance(names_given, str) else names_given
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{direction}={shown(names_given)}: give the name of a measure, or a list of names")
    return list(names)

"""Measures of one exposure of one work item, where those that compare regions are of cleaned signals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cleaning import cleaned
from .context import Context
from .item import Measures, Scratch, measures_of, names_of
from .selection import compares_regions


def is_cleaned(context: Context) -> bool:
    """Tell whether signals are cleaned before some of the measures are taken; angles are not."""
    cleans = context.settings.cleaning is not None and context.period is None
    return cleans and any(map(compares_regions, names_of(context)))


def uncleaned(context: Context) -> Context:
    """Return the context of the measures that are taken of signals as they are."""
    if not is_cleaned(context):
        return context
    names = frozenset(name for name in names_of(context) if not compares_regions(name))
    return replace(context, names=names, targets=(), matrices=False)


def measures_of_item(values: NDArray[Any], context: Context, space: Scratch | None = None) -> Measures:
    """Take the measures of series (node, time); see `measures_of`.

    A series that is not finite has none that compare regions.
    """
    of_signals = measures_of(values, uncleaned(context), space)
    cleaning = context.settings.cleaning
    if cleaning is None or not is_cleaned(context) or not np.isfinite(values).all():
        return of_signals
    names = frozenset(filter(compares_regions, names_of(context)))
    compared = measures_of(
        cleaned(values, context.dt, cleaning), replace(context, names=names, matrices=False)
    )
    return of_signals | {name: value for name, value in compared.items() if name in names}

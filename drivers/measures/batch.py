"""Measures of many work items, spread over threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.threads import DaemonThreads

from .catalogue import entry_of
from .cleaned_item import measures_of_item, uncleaned
from .context import Context
from .custom import Measure, apply
from .item import has_trend, names_of, scratch
from .trend import TREND

Floats = NDArray[np.float64]


def measure_items(
    values: NDArray[Any],
    context: Context,
    *,
    scale: float = 1.0,
    custom: Sequence[Measure] = (),
    threads: int = 1,
    advance: Callable[[int], None] = lambda items: None,
) -> dict[str, Floats]:
    """Take all measures of an exposure of each work item.

    Parameters
    ----------
    values : (item, time, node) array
        In single or double precision; the measures are taken in the same precision (as published: always
        double). If time is the innermost dimension in memory (a transposed view), no copy is made.
    scale : float
        Factor of the values; 1000 turns kHz into Hz.
    custom : sequence of Measure
        Further measures; see `rateloom.measure`.
    threads : int
        Number of threads; results do not depend on it.
    advance : callable
        Called with the number of work items done, from any thread.

    Returns
    -------
    dict of str to array of float64
        Of shape (item,), (item, node) or (item, node, node). Undefined measures are NaN. Where a trend would
        decide them, the share that it has is among them, as `TREND`.

    Raises
    ------
    InputError
        If a custom measure cannot be taken.
    """
    n_item, n_time, n_node = values.shape
    published = context.convention == "published"
    dtype = np.dtype(np.float64) if published else np.result_type(values.dtype, np.float32)
    result = {
        name: np.full((n_item, *[n_node] * entry_of(name).n_node), np.nan) for name in names_of(context)
    }
    if has_trend(uncleaned(context)):
        result[TREND] = np.full(n_item, np.nan)
    stop = threading.Event()

    def run(first: int) -> None:
        space = scratch(n_node, n_time, dtype)
        for item in range(first, n_item, threads):
            if stop.is_set():
                return
            with np.errstate(over="ignore", invalid="ignore"):
                np.copyto(space.series, values[item].T, casting="same_kind")
                np.multiply(space.series, scale, out=space.series)
            for name, value in measures_of_item(space.series, context, space).items():
                result[name][item] = value
            advance(1)

    with DaemonThreads(threads) as pool:
        try:
            futures = [pool.submit(run, first) for first in range(min(threads, n_item))]
            for future in wait(futures, return_when="FIRST_EXCEPTION").done:
                future.result()
        finally:
            stop.set()
    for measure in custom:
        result[measure.name] = apply(measure, np.multiply(values, scale, dtype=dtype), context.dt)
    return result

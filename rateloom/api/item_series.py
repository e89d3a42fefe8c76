"""Time series of a study's work items by their numbers."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from rateloom.api.jobs import saved_job
from rateloom.api.resimulation import simulate_items
from rateloom.api.setup import Run
from rateloom.drivers.planning.grid import MAX_ITEM
from rateloom.drivers.studies.job import planned
from rateloom.drivers.studies.plan_difference import check_same
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, path_of, shown


def time_series(
    study: str | PathLike[str],
    items: ArrayLike,
    *,
    threads: int | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """Simulate work items of a study again, for their time series: bit for bit what was measured.

    Parameters
    ----------
    study : path
        Its directory.
    items : (k,) array of int
        Numbers of work items, as in the column ``item`` of its tables.
    threads, progress
        See `rateloom.sweep`.

    Returns
    -------
    xarray.Dataset
        One variable an exposure, with dimensions (item, time, node), and the swept parameters over ``item``.

    Raises
    ------
    InputError
        If there is no such study or work item, or this machine would give other bits.
    """
    folder = path_of("study", study)
    complaint = f"items={shown(items)}: give a list of numbers of work items"
    real = real_numbers(items, complaint)
    if real.ndim != 1 or not real.size or not np.isfinite(real).all() or (real != np.rint(real)).any():
        raise InputError(complaint)
    numbers = np.clip(real, -1, MAX_ITEM).astype(np.int64)
    saved = read_plan(folder)
    wrong = numbers[(numbers < 0) | (numbers >= saved.grid.n_item)]
    if wrong.size:
        raise InputError(f"{folder}: no work item {wrong[0]}; they count from 0 to {saved.grid.n_item - 1}")
    job = saved_job(saved, replace(saved.settings, threads=threads), Run())
    _, _, record, _ = planned(job)
    check_same(folder, saved.record, record)
    distinct, positions = np.unique(numbers, return_inverse=True)
    series = simulate_items(folder, distinct.tolist(), progress, threads).isel(item=positions)
    return series.assign_coords(
        {name: ("item", saved.grid.item_labels(name, numbers.astype(np.int64))) for name in saved.grid.names}
    )

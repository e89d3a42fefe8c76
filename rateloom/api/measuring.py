"""Measures of simulated activity, and measures of a user's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike

import xarray as xr

from rateloom.api.loading import connectome as connectome_of
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.custom import Measure, check_measures
from rateloom.drivers.measures.data_to_fit import DataToFit as Target
from rateloom.drivers.measures.data_to_fit import check_targets
from rateloom.drivers.measures.measure_settings import MeasureSettings, check_convention
from rateloom.drivers.measures.selection import chosen
from rateloom.drivers.observation.measured_dataset import (
    MeasureRequest,
    exposures_of,
    measures_of_dataset,
    sample_distance,
)
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.progress import progress_bar


def measures(
    dataset: xr.Dataset,
    connectome: Connectome | str | PathLike[str] | None = None,
    convention: str = "standard",
    *,
    measures: Sequence[str] | None = None,
    settings: MeasureSettings | None = None,
    custom: Sequence[Measure] = (),
    targets: Sequence[Target] = (),
    matrices: bool = False,
    threads: int | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """Reduce simulations to measures of their activity.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `simulate` or `sweep` returns, or any dataset with variables over ``time`` (ms, evenly spaced)
        and ``node``, in any order and with any other dimensions. An exposure is a rate if its attribute
        ``unit`` is ``kHz`` or ``Hz``.
    connectome : Connectome, str or path, optional
        What functional connectivity is compared with; see `rateloom.connectome`. Its weights are taken as
        they are.
    convention : {"standard", "published"}
        Whose definitions: ours, or those of van der Vlag et al. 2024 (doi 10.3390/app14052211) with their
        faults; docs/measures.md has both.
    measures : sequence of str, optional
        What to take, by names and families of docs/measures.md, like ``["mean_FC", "spectrum"]``; nothing
        else is computed. All by default.
    settings : MeasureSettings, optional
        Bands, thresholds and windows.
    custom : sequence of functions, optional
        Further measures; see `rateloom.measure`.
    targets : sequence of Target
        What each simulation is compared with as well; see `rateloom.targets`.
    matrices : bool
        Whether to give functional connectivity and phase-lag index (node, other_node) as well.
    threads : int, optional
        CPU threads; all cores by default. Results do not depend on it.
    progress : bool, optional
        Whether to show a progress bar; on a terminal by default.

    Returns
    -------
    xarray.Dataset
        Numbers and vectors (node,) of float64, with the other dimensions of each exposure: ``mean_FR_E`` with
        dimension node, ``mean_FR_E_all``, ``mean_FC_E``. Rates are in Hz. What is undefined is NaN.

    Raises
    ------
    InputError
        If anything given cannot be used; one line says what and why.
    """
    names = exposures_of(dataset)
    sample_distance(dataset)
    conn = None if connectome is None else connectome_of(connectome, "none")
    request = request_of(conn, convention, measures, settings, custom, targets, matrices)
    n_thread = Settings(threads=threads).n_thread
    total = sum(
        math.prod(size for dim, size in dataset[name].sizes.items() if dim not in ("time", "node"))
        for name in names
    )
    with progress_bar(float(total), "measuring", "work items", progress) as advance:
        return measures_of_dataset(dataset, request, threads=n_thread, advance=advance)


def request_of(
    connectome: Connectome | None,
    convention: str,
    measures: Sequence[str] | None,
    settings: MeasureSettings | None,
    custom: Sequence[Measure],
    targets: Sequence[Target],
    matrices: bool,
) -> MeasureRequest:
    """What is to be measured, checked; see `measures` and `rateloom.sweep`.

    Raises
    ------
    InputError
        For the first thing that cannot be used.
    """
    check_convention(convention)
    if not (settings is None or isinstance(settings, MeasureSettings)):
        raise InputError(f"settings of measures={shown(settings)}: give a rateloom.MeasureSettings")
    how = settings or MeasureSettings()
    chosen(measures, how)
    check_measures(custom)
    check_targets(targets)
    if not isinstance(matrices, bool):
        raise InputError(f"matrices={shown(matrices)}: it must be True or False")
    names = None if measures is None else tuple(measures)
    return MeasureRequest(connectome, convention, how, tuple(custom), matrices, tuple(targets), names)

"""Measures of simulated activity, and measures of a user's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike

import xarray as xr

from rateloom.drivers.connectome import Connectome
from rateloom.drivers.errors import InputError
from rateloom.drivers.measures.custom import Measure, check_measures
from rateloom.drivers.measures.dataset import Request, exposures_of, measures_of_dataset, sample_distance
from rateloom.drivers.measures.settings import MeasureSettings, check_convention
from rateloom.drivers.progress import progress_bar
from rateloom.drivers.settings import Settings
from rateloom.loading import connectome as connectome_of


def measures(
    dataset: xr.Dataset,
    connectome: Connectome | str | PathLike[str] | None = None,
    convention: str = "standard",
    *,
    settings: MeasureSettings | None = None,
    custom: Sequence[Measure] = (),
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
    settings : MeasureSettings, optional
        Bands, thresholds and windows.
    custom : sequence of functions, optional
        Further measures; see `rateloom.measure`.
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
    check_convention(convention)
    check_measures(custom)
    if settings is not None and not isinstance(settings, MeasureSettings):
        raise InputError(f"settings={settings!r}: give a rateloom.MeasureSettings")
    names = exposures_of(dataset)
    sample_distance(dataset)
    conn = None if connectome is None else connectome_of(connectome, "none")
    request = Request(conn, convention, settings or MeasureSettings(), custom, matrices)
    n_thread = Settings(threads=threads).n_thread
    total = sum(
        math.prod(size for dim, size in dataset[name].sizes.items() if dim not in ("time", "node"))
        for name in names
    )
    with progress_bar(float(total), "measuring", "work items", progress) as advance:
        return measures_of_dataset(dataset, request, threads=n_thread, advance=advance)

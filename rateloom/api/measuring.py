"""Measures of simulated activity, and measures of a user's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike
from typing import Any

import xarray as xr

from rateloom.api.bold import settled
from rateloom.api.loading import connectome as connectome_of
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.measures.custom import Measure
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.observation.dataset_series import exposures_of, sample_distance
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.observation.measure_request import MeasureRequest
from rateloom.drivers.observation.measured_dataset import measures_of_dataset
from rateloom.drivers.planning.grid import CONNECTOME
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import issue
from rateloom.drivers.support.progress import progress_bar


def measures(
    dataset: xr.Dataset,
    connectome: Connectome | str | PathLike[str] | Sequence[Connectome | str | PathLike[str]] | None = None,
    convention: str = "standard",
    *,
    measures: Sequence[str] | None = None,
    settings: MeasureSettings | None = None,
    custom: Sequence[Measure] = (),
    targets: Sequence[DataToFit] = (),
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
    connectome : Connectome, str or path, or a list of them, optional
        What functional connectivity is compared with; see `rateloom.connectome`. Its weights are taken as
        they are. Of a sweep over connectomes, a list of them in their order: each work item is compared with
        its own.
    convention : {"standard", "published"}
        Whose definitions: ours, or those of van der Vlag et al. 2024 (doi 10.3390/app14052211) with their
        faults; docs/measures.md has both.
    measures : sequence of str, optional
        What to take, by names and families of docs/measures.md, like ``["mean_FC", "spectrum"]``; nothing
        else is computed. All by default.
    settings : MeasureSettings, optional
        Bands, thresholds and windows, and the cleaning of signals before regions are compared.
    custom : sequence of functions, optional
        Further measures; see `rateloom.measure`.
    targets : sequence of DataToFit
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
    brains = _connectomes(dataset, connectome)
    keep = Keep("measures", measures, custom, matrices, convention, settings, targets)
    n_thread = Settings(threads=threads).n_thread
    total = sum(
        math.prod(size for dim, size in dataset[name].sizes.items() if dim not in ("time", "node"))
        for name in names
    )
    with progress_bar(float(total), "measuring", "work items", progress) as advance:
        parts = [
            measures_of_dataset(part, request_of(brain, keep), threads=n_thread, advance=advance, warn=issue)
            for part, brain in brains
        ]
    if len(parts) == 1:
        return parts[0]
    return xr.concat(
        parts, CONNECTOME, data_vars="minimal", coords="minimal", compat="override", join="override",
        combine_attrs="override",
    )  # fmt: skip


def _connectomes(dataset: xr.Dataset, connectome: Any) -> list[tuple[xr.Dataset, Connectome | None]]:
    """Return what is compared with each connectome: all of a dataset, or the work items of each subject."""
    if not isinstance(connectome, list | tuple):
        return [(dataset, None if connectome is None else connectome_of(connectome, "none"))]
    size = dataset.sizes.get(CONNECTOME)
    if size != len(connectome):
        there = "no axis connectome" if size is None else f"{size} connectomes"
        raise InputError(f"connectome: {len(connectome)} are given, and the dataset has {there}")
    brains = [connectome_of(source, "none") for source in connectome]
    return [(dataset.isel({CONNECTOME: [place]}), brain) for place, brain in enumerate(brains)]


def request_of(
    connectome: Connectome | None,
    keep: Keep,
    bold: BoldSettings | None = None,
    subjects: Sequence[Subject] = (),
) -> MeasureRequest:
    """Return the request for measures of a connectome's activity.

    Parameters
    ----------
    bold : BoldSettings, optional
        What BOLD signals are made with, where these are measured.
    subjects : sequence of Subject
        The connectomes of the axis of them, if there is one.
    """
    settings = settled(keep.settings, bold) or MeasureSettings()
    names = None if keep.measures is None else tuple(keep.measures)
    return MeasureRequest(
        connectome, keep.convention, settings, tuple(keep.custom), keep.matrices, tuple(keep.targets), names,
        tuple(subject.connectome for subject in subjects),
    )  # fmt: skip

"""The data that simulations are compared with, as public functions take them."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

from rateloom.api.loading import connectome as connectome_of
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.fitting.data_sources import targets_of
from rateloom.drivers.fitting.orientation import UNKNOWN, regions_of
from rateloom.drivers.fitting.target_form import TargetForm
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.notices import issue, pass_on


def targets(
    fc: Any = None,
    fcd: Any = None,
    phase_fcd: Any = None,
    series: Any = None,
    *,
    tr: float | None = None,
    censor: Any = None,
    settings: MeasureSettings | None = None,
    labels: Sequence[str] | None = None,
    scale: str = "correlation",
    triangle: str | None = None,
    mask: Any = None,
    connectome: Connectome | str | PathLike[str] | None = None,
) -> tuple[DataToFit, ...]:
    """Read the data that simulations are compared with: functional connectivity and its dynamics.

    Each is a file (``[NAME=]FILE[:VARIABLE][:SLICE]``; npy, npz, csv, tsv, txt, parquet, mat up to version
    7), an
    array, a list of files, or a mapping of names to files or arrays. Targets of one name belong together.

    Parameters
    ----------
    fc : matrix (node, node), or a triangle of one as a vector
        Functional connectivity. NaN marks pairs that are left out of comparisons.
    fcd, phase_fcd : matrix (window, window) or values (k,)
        Functional-connectivity dynamics: correlations of the connectivity of sliding windows, or cosine
        similarities of the phase coherence of instants.
    series : (time, node)
        Time series, BOLD say, that all three are made from; the dynamics only if they last.
    tr : float
        Time between samples of `series`, ms.
    censor : (time,) or (time, k) array of 0 and 1, indices (k,), a file, or a mapping, optional
        The volumes of `series` that are left out, 1 or True for each, or their numbers; of several series by
        their names. They may hold anything. Dynamics of a censored series are left out.
    settings : MeasureSettings, optional
        Windows of the dynamics: ``fcd_window``, ``fcd_step`` and ``fcd_apart``; and ``cleaning``, by which
        `series` are cleaned. Give simulations the same.
    labels : sequence of str, optional
        Names of the regions of `fc`, `series` and `mask`, which are put in the order of the connectome's;
        regions that it does not have are left out. Without, a file's names of rows or columns count, or else
        the order is taken to be the connectome's.
    scale : {"correlation", "fisher-z"}
        What the values of `fc`, `fcd` and `phase_fcd` are.
    triangle : {"upper", "lower"}, optional
        Where `fc` is a vector: whether it is the rows of the upper triangle (SciPy's and MATLAB's
        ``squareform``; taken with a warning if left out) or of the lower.
    mask : (node, node) or (node,) array of 0 and 1, file, or {"left", "right", "within", "between"}, optional
        The pairs, or the regions, that functional connectivity is compared over; the dynamics of `series` are
        of all regions. A file is matched as `fc` is. The words are for pairs within the left hemisphere, the
        right or either, and for those between them, where the connectome has hemispheres.
    connectome : Connectome, str or path, optional
        What simulations run on, needed with `labels`.

    Returns
    -------
    tuple of DataToFit
        For ``rateloom.sweep(..., keep="measures", targets=...)`` and ``rateloom.measures(..., targets=...)``.

    Raises
    ------
    InputError
        If anything given cannot be read or compared with; one line says what and why.
    """
    check_measure_settings(settings)
    if labels is not None and connectome is None:
        raise InputError("labels=: give connectome= as well, whose regions targets are put in the order of")
    form = TargetForm(labels, scale, triangle, censor, mask)
    regions = UNKNOWN if connectome is None else regions_of(connectome_of(connectome, "none"))
    data_to_fit, warnings = targets_of(
        fc, fcd, phase_fcd, series, tr=tr, settings=settings, form=form, regions=regions
    )
    pass_on(issue, warnings)
    return data_to_fit


def check_measure_settings(settings: object) -> None:
    """Raise InputError for settings of measures that are none."""
    if not (settings is None or isinstance(settings, MeasureSettings)):
        raise InputError(f"settings={shown(settings)}: give a rateloom.MeasureSettings")

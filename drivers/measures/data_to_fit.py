"""Data to fit: functional connectivity and its dynamics, measured or simulated, for comparisons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown

from .catalogue import FIT, WHOLE
from .cleaning import SignalCleaning
from .functional_connectivity import correlation_with
from .measure_settings import MeasureSettings

Floats = NDArray[np.float64]

# The kinds of data to fit, as the names of measures spell them.
FC, FCD, PHASE = "FC", "FCD", "phFCD"
KINDS = (FC, FCD, PHASE)


@dataclass(frozen=True, eq=False)
class DataToFit:
    """Functional connectivity, or its dynamics, that simulations are compared with.

    Parameters
    ----------
    name : str
        Letters, digits and underscores; part of the names of measures.
    kind : {"FC", "FCD", "phFCD"}
        Functional connectivity, its dynamics over sliding windows, or the dynamics of phase coherence.
    values : array
        FC: (node, node), symmetric. Otherwise the values (k,) whose distribution is compared, or the
        symmetric matrix (window, window) whose pairs of windows are these. NaN is no value: it is left out of
        comparisons. What is not finite on a diagonal is taken as 1.
    settings : MeasureSettings, optional
        Those of the measures that a series gave these data with; None where no series is known.

    Raises
    ------
    InputError
        If no simulation can be compared with it; one line says why.
    """

    name: str
    kind: str
    values: Floats
    settings: MeasureSettings | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise InputError(f"target {shown(self.name)}: kind {shown(self.kind)}; use {', '.join(KINDS)}")
        if not isinstance(self.name, str) or not re.fullmatch("[A-Za-z0-9_]+", self.name):
            raise InputError(f"target {shown(self.name)}: name it with letters, digits and underscores")
        complaint = f"target {self.name}: {shown(self.values)} is no array of numbers"
        values = real_numbers(self.values, complaint).copy()
        if values.ndim == 2 and values.shape[0] == values.shape[1]:
            diagonal = np.diag(values)
            np.fill_diagonal(values, np.where(np.isfinite(diagonal), diagonal, 1.0))
        _check(f"target {self.name}", self.kind, values)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the names of the measures that compare a simulation with these data."""
        kinds = (FC, f"{FC}{WHOLE}") if self.kind == FC else (self.kind,)
        return tuple(f"{FIT}{kind}_{self.name}" for kind in kinds)


def _check(subject: str, kind: str, values: Floats) -> None:
    size = " x ".join(map(str, values.shape)) or "a single number"
    square = values.ndim == 2 and values.shape[0] == values.shape[1]
    if not (square or (kind != FC and values.ndim == 1)):
        expected = "a square matrix" if kind == FC else "a square matrix, or one row of values"
        raise InputError(f"{subject}: {size} numbers are no {kind}; it must be {expected}")
    if values.shape[0] < (3 if square else 2):
        raise InputError(f"{subject}: {size} numbers; a comparison takes more")
    check_finite(subject, np.where(np.isnan(values), 0.0, values))
    known = values[np.tril_indices(len(values), -1)] if square else values
    known = known[~np.isnan(known)]
    if known.size < 2:
        raise InputError(f"{subject}: {known.size} of its pairs have a value; a comparison takes more")
    largest = np.nanmax(np.abs(values))
    if largest > 1 + 1e-6:
        raise InputError(
            f"{subject}: {largest:.4g} is no correlation, which is from -1 to 1; Fisher's z takes "
            "--target-scale fisher-z (scale=)"
        )
    if not square:
        return
    if not np.allclose(values, values.T, rtol=0.0, atol=1e-4, equal_nan=True):
        raise InputError(f"{subject}: the matrix is not symmetric, as correlations are")
    if known.min() == known.max():
        raise InputError(f"{subject}: all pairs have the value {known[0]:g}; nothing correlates with that")


def check_finite(subject: str, values: Floats) -> None:
    """Check that all numbers are finite.

    Raises
    ------
    InputError
        If one is not; the message gives the place of the first.
    """
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        names = ("row", "column") if values.ndim == 2 else ("entry",)
        position = ", ".join(f"{name} {index}" for name, index in zip(names, wrong[0], strict=False))
        raise InputError(
            f"{subject}: it holds what is not a finite number (first at {position}, counted from 0)"
        )


def check_targets(targets: Sequence[DataToFit]) -> None:
    """Check data to fit.

    Raises
    ------
    InputError
        If an entry is no `DataToFit`, or two have one kind and name.
    """
    if not isinstance(targets, Sequence) or isinstance(targets, str):
        raise InputError(f"targets={shown(targets)}: give a list of targets, as rateloom.targets makes them")
    for data in targets:
        if not isinstance(data, DataToFit):
            raise InputError(f"targets: {shown(data)} is no target; make one with rateloom.targets")
    names = [name.lower() for data in targets for name in data.measures]
    for data in targets:
        if names.count(data.measures[0].lower()) > 1:
            raise InputError(f"targets: two {data.kind} are called {data.name}; rename one")


def check_n_node(data_to_fit: Sequence[DataToFit], n_node: int) -> None:
    """Raise InputError if functional connectivity to fit has another number of regions."""
    for data in data_to_fit:
        if data.kind == FC and len(data.values) != n_node:
            raise InputError(
                f"target {data.name}: it has {len(data.values)} regions and the simulation {n_node}"
            )


def check_cleaned_alike(data_to_fit: Sequence[DataToFit], cleaning: SignalCleaning | None) -> None:
    """Raise InputError if the series of data to fit was cleaned otherwise than simulations will be."""
    for data in data_to_fit:
        if data.settings is not None and data.settings.cleaning != cleaning:
            raise InputError(
                f"target {data.name}: its series was cleaned by {data.settings.cleaning}, and simulations "
                f"would be by {cleaning}; give both the same settings"
            )


def fits_of_connectivity(matrix: Floats, data_to_fit: Sequence[DataToFit]) -> dict[str, float]:
    """Correlate functional connectivity (node, node) with that of all data to fit.

    There are two correlations: over pairs of regions with a value in both matrices, and, as in van der Vlag
    et al. 2024 (doi 10.3390/app14052211), over all entries of both matrices, with the diagonal and each pair
    twice.
    """
    fits: dict[str, float] = {}
    for data in data_to_fit:
        if data.kind == FC:
            pairs_name, whole_name = data.measures
            fits[pairs_name] = correlation_with(matrix, data.values, "standard")
            fits[whole_name] = correlation_with(matrix, data.values, "published")
    return fits


def fits_of_dynamics(
    dynamics: Floats, kind: str, apart: int, data_to_fit: Sequence[DataToFit]
) -> dict[str, float]:
    """Return the Kolmogorov-Smirnov distances of dynamics (window, window) from all data of one kind."""
    fits: dict[str, float] = {}
    chosen = [data for data in data_to_fit if data.kind == kind]
    if chosen:
        simulated = pairs_of(dynamics, apart)
        for data in chosen:
            fits[data.measures[0]] = distance(simulated, pairs_of(data.values, apart))
    return fits


def pairs_of(values: Floats, apart: int) -> Floats:
    """Return the finite entries of a list, or of a matrix from `apart` steps above the diagonal on."""
    if values.ndim == 2:
        values = values[np.triu_indices(len(values), apart)]
    return values[np.isfinite(values)]


def distance(first: Floats, second: Floats) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples; NaN if one has fewer than two values."""
    if min(first.size, second.size) < 2:
        return float("nan")
    from scipy.stats import ks_2samp  # takes its time to import

    return float(ks_2samp(first, second, method="asymp").statistic)


def phase_dynamics(values: NDArray[Any], hilbert: NDArray[Any], step: int) -> Floats:
    """Return the cosine similarity (instant, instant) of the phase coherence of all pairs of regions.

    The coherence of regions i and j at an instant is cos(theta_i - theta_j), of phases of the analytic
    signal; instants are `step` samples apart (Deco et al. 2019, doi 10.1073/pnas.1905534116, there over
    three samples). Regions that do not vary are left out.

    Parameters
    ----------
    values, hilbert : (node, time) arrays
        Series less their mean, and their Hilbert transforms.
    """
    signal = np.asarray(values[:, step // 2 :: step] + 1j * hilbert[:, step // 2 :: step], np.complex128).T
    size = np.abs(signal)
    signal = signal[:, (size > 0).all(axis=0) & np.isfinite(size).all(axis=0)]
    n_node = signal.shape[1]
    if n_node < 3:
        return np.empty((0, 0))
    signal = signal / np.abs(signal)
    # cos(a - b) cos(c - d) summed over pairs is half the sum of two squares: no pair need be formed
    total = np.abs(signal @ signal.conj().T) ** 2 + np.abs(signal @ signal.T) ** 2
    products = 0.25 * total - 0.5 * n_node
    norms = np.sqrt(np.diag(products))
    return np.asarray(products / np.outer(norms, norms))

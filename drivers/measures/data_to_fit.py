"""What simulations are held against: functional connectivity and its dynamics, measured or simulated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError, shown

from .catalogue import FIT, WHOLE
from .functional_connectivity import correlation_with

Floats = NDArray[np.float64]

# What a target can be, and what it is called in the name of a measure.
FC, FCD, PHASE = "FC", "FCD", "phFCD"
KINDS = (FC, FCD, PHASE)


@dataclass(frozen=True, eq=False)
class Target:
    """Functional connectivity, or its dynamics, that simulations are compared with.

    Parameters
    ----------
    name : str
        Letters, digits and underscores; part of the names of measures.
    kind : {"FC", "FCD", "phFCD"}
        Functional connectivity, its dynamics over sliding windows, or the dynamics of phase coherence.
    values : array
        FC: (node, node), symmetric. Otherwise the values (k,) whose distribution is compared, or the
        symmetric matrix (window, window) whose pairs of windows are these.

    Raises
    ------
    InputError
        If it cannot be compared with anything; one line says why.
    """

    name: str
    kind: str
    values: Floats

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"target {shown(self.name)}: kind {shown(self.kind)}; use {', '.join(KINDS)}")
        if not isinstance(self.name, str) or not re.fullmatch("[A-Za-z0-9_]+", self.name):
            raise InputError(f"target {shown(self.name)}: name it with letters, digits and underscores")
        try:
            values = np.array(self.values, np.float64)
        except (TypeError, ValueError):
            raise InputError(f"target {self.name}: {shown(self.values)} is no array of numbers") from None
        _check(f"target {self.name}", self.kind, values)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures that compare a simulation with it."""
        kinds = (FC, f"{FC}{WHOLE}") if self.kind == FC else (self.kind,)
        return tuple(f"{FIT}{kind}_{self.name}" for kind in kinds)


def _check(where: str, kind: str, values: Floats) -> None:
    size = " x ".join(map(str, values.shape)) or "a single number"
    square = values.ndim == 2 and values.shape[0] == values.shape[1]
    if not (square or (kind != FC and values.ndim == 1)):
        wanted = "a square matrix" if kind == FC else "a square matrix, or one row of values"
        raise InputError(f"{where}: {size} numbers are no {kind}; it must be {wanted}")
    if values.shape[0] < (3 if square else 2):
        raise InputError(f"{where}: {size} numbers; a comparison takes more")
    check_finite(where, values)
    if np.abs(values).max() > 1 + 1e-6:
        raise InputError(f"{where}: {np.abs(values).max():.4g} is no correlation, which is from -1 to 1")
    if not square:
        return
    if np.abs(values - values.T).max() > 1e-4:
        raise InputError(f"{where}: the matrix is not symmetric, as correlations are")
    pairs = values[np.tril_indices(len(values), -1)]
    if pairs.min() == pairs.max():
        raise InputError(f"{where}: all pairs have the value {pairs[0]:g}; nothing correlates with that")


def check_finite(where: str, values: Floats) -> None:
    """Refuse numbers that are not finite.

    Raises
    ------
    InputError
        That says where the first one is.
    """
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        names = ("row", "column") if values.ndim == 2 else ("entry",)
        place = ", ".join(f"{name} {index}" for name, index in zip(names, wrong[0], strict=False))
        raise InputError(f"{where}: it holds what is not a finite number (first at {place}, counted from 0)")


def check_targets(targets: Sequence[Target]) -> None:
    """Refuse what is no target, and two of one kind and name."""
    if not isinstance(targets, Sequence) or isinstance(targets, str):
        raise InputError(f"targets={shown(targets)}: give a list of targets, as rateloom.targets makes them")
    for target in targets:
        if not isinstance(target, Target):
            raise InputError(f"targets: {shown(target)} is no target; make one with rateloom.targets")
    names = [name.lower() for target in targets for name in target.measures]
    for target in targets:
        if names.count(target.measures[0].lower()) > 1:
            raise InputError(f"targets: two {target.kind} are called {target.name}; rename one")


def check_n_node(targets: Sequence[Target], n_node: int) -> None:
    """Refuse functional connectivity of another number of regions."""
    for target in targets:
        if target.kind == FC and len(target.values) != n_node:
            raise InputError(
                f"target {target.name}: it has {len(target.values)} regions and the simulation {n_node}"
            )


def fits_of_connectivity(matrix: Floats, targets: Sequence[Target]) -> dict[str, float]:
    """Correlations of functional connectivity (node, node) with each target's.

    Over pairs of regions that both have a value, and, as van der Vlag et al. 2024 count
    (doi 10.3390/app14052211), over all entries of both matrices, the diagonal and each pair twice.
    """
    found: dict[str, float] = {}
    for target in targets:
        if target.kind == FC:
            pairs, whole = target.measures
            found[pairs] = correlation_with(matrix, target.values, "standard")
            found[whole] = correlation_with(matrix, target.values, "published")
    return found


def fits_of_dynamics(dynamics: Floats, kind: str, apart: int, targets: Sequence[Target]) -> dict[str, float]:
    """Kolmogorov-Smirnov distances of dynamics (window, window) from each target of that kind."""
    found: dict[str, float] = {}
    chosen = [target for target in targets if target.kind == kind]
    if chosen:
        own = pairs_of(dynamics, apart)
        for target in chosen:
            found[target.measures[0]] = distance(own, pairs_of(target.values, apart))
    return found


def pairs_of(values: Floats, apart: int) -> Floats:
    """The finite entries of a matrix that are `apart` steps or more above the diagonal, or of a list."""
    if values.ndim == 2:
        values = values[np.triu_indices(len(values), apart)]
    return values[np.isfinite(values)]


def distance(one: Floats, other: Floats) -> float:
    """Kolmogorov-Smirnov distance of two samples; NaN if one has fewer than two values."""
    if min(one.size, other.size) < 2:
        return float("nan")
    from scipy.stats import ks_2samp  # takes its time to import

    return float(ks_2samp(one, other, method="asymp").statistic)


def phase_dynamics(values: NDArray[Any], hilbert: NDArray[Any], step: int) -> Floats:
    """Cosine similarity (instant, instant) of the phase coherence of all pairs of regions.

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

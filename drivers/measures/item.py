"""All measures of one exposure of one work item, in the order in which they are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .catalogue import MATRICES
from .comoments import blocks_of
from .data_to_fit import FCD, PHASE, Target, fits_of_connectivity, fits_of_dynamics, phase_dynamics
from .default_mode import DefaultMode, share_of_most_active, share_of_most_correlated
from .dominant import dominant_frequency
from .dynamics import block_length, connectivity_dynamics, variance_of_dynamics
from .functional_connectivity import correlation, correlation_with, mean_of_pairs
from .irregular import asynchronous_irregular
from .measure_settings import MeasureSettings
from .moments import Moments, moments, ratio, standardized, whole
from .phase import phase_lag_index, published_phase_lag_index
from .published_updown import published_state_durations
from .selection import OF_MATRIX, available, wants_any
from .spectrum import band_measures, mean_spectrum, peak_measures, slope_measures
from .transform import mean_power_and_hilbert
from .updown import mean_of_regions, state_durations
from .visits import high_rate_visits

Floats = NDArray[np.float64]
Found = dict[str, Any]
Wanted = frozenset[str]


@dataclass(frozen=True, eq=False)
class Context:
    """What the measures of an exposure need beside its values.

    Attributes
    ----------
    dt : float
        Time between samples, ms.
    rate : bool
        Whether the values are rates in Hz.
    convention : {"standard", "published"}
        Whose definitions.
    weights, tract_lengths : (node, node) arrays, optional
        Of the connectome.
    network : DefaultMode, optional
        Where the default mode network is.
    matrices : bool
        Whether to return functional connectivity and phase-lag index as well.
    targets : tuple of Target
        What functional connectivity and its dynamics are compared with.
    names : frozenset of str, optional
        What to take, by its names in the catalogue; all but the matrices by default.
    """

    dt: float
    rate: bool
    convention: str
    settings: MeasureSettings
    weights: Floats | None = None
    tract_lengths: Floats | None = None
    network: DefaultMode | None = None
    matrices: bool = False
    targets: tuple[Target, ...] = ()
    names: frozenset[str] | None = None


@dataclass(frozen=True, eq=False)
class Scratch:
    """Arrays (node, time) that a thread writes to for one work item after another.

    Fresh ones of this size would be handed out page by page each time, which takes a tenth of the time.
    """

    series: NDArray[Any]
    unit: NDArray[Any]
    hilbert: NDArray[Any]


def scratch(n_node: int, n_time: int, dtype: Any) -> Scratch:
    """Scratch arrays of one thread."""
    return Scratch(*(np.empty((n_node, n_time), dtype) for _ in range(3)))


def names_of(context: Context) -> list[str]:
    """Names of the measures that an exposure has, in order."""
    fits = [name for target in context.targets for name in target.measures]
    matrices = list(MATRICES) if context.matrices else []
    if context.names is None:
        return [*available(context), *fits, *matrices]
    asked = context.names | set(matrices)
    return [*(n for n in available(context) if n in asked), *fits, *(n for n in MATRICES if n in asked)]


def has_dynamics(context: Context) -> bool:
    """Whether sliding windows are correlated."""
    return "varFCD" in names_of(context) or any(target.kind == FCD for target in context.targets)


def measures_of(values: NDArray[Any], context: Context, space: Scratch | None = None) -> Found:
    """Measures of series (node, time): numbers, and vectors (node,) of those that are regional.

    Regions with a sample that is not finite are NaN, and so is what is taken over all regions.
    """
    wanted = frozenset(names_of(context))
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(values).all(axis=1)
        if finite.all():
            space = space or scratch(len(values), values.shape[1], values.dtype)
            found = _of_all(values, context, wanted, space)
        else:
            found = spread(_of_regions(np.ascontiguousarray(values[finite]), context, wanted), finite)
    return {name: value for name, value in found.items() if name in wanted}


def spread(found: Found, finite: NDArray[np.bool_]) -> Found:
    """Measures of those regions that are finite, put where these are; the others are NaN."""
    result = {name: np.full(finite.shape, np.nan) for name in found}
    for name, vector in found.items():
        result[name][finite] = vector
    return result


def _of_all(values: NDArray[Any], context: Context, wanted: Wanted, space: Scratch) -> Found:
    found = moments(values)
    result = regional_moments(found, context) | whole_moments(found, context)
    if wants_any(wanted, "states"):
        result |= _rates(values, context, wanted)
    if wanted <= result.keys():
        return result
    unit = standardized(values, found, space.unit)
    if "freq_dom" in wanted:
        result["freq_dom"] = _dominant(unit, found, context)
    result |= _connectivity(unit, found, context, wanted)
    return result | _of_transform(values, unit, found, context, wanted, space)


def _of_regions(values: NDArray[Any], context: Context, wanted: Wanted) -> Found:
    """Measures of each region by itself."""
    if not len(values):
        return {}
    found = moments(values)
    result = regional_moments(found, context)
    if "freq_dom" in wanted:
        result["freq_dom"] = _dominant(standardized(values, found), found, context)
    if "high_rate_visits" in wanted:
        result["high_rate_visits"] = _visits(values, context)
    return result


def regional_moments(found: Moments, context: Context) -> Found:
    """Moments of each region."""
    return {
        "mean_FR": found.mean,
        "std_FR": found.deviation,
        "coeff_var": _coefficient(found.mean, found.deviation, context.convention),
        "max_FR": found.most,
        "min_FR": found.least,
    }


def whole_moments(found: Moments, context: Context) -> Found:
    """Moments over all regions."""
    mean, deviation, least, most = whole(found)
    return {
        "mean_FR_all": mean,
        "std_FR_all": deviation,
        "coeff_var_all": float(_coefficient(mean, deviation, context.convention)),
        "max_FR_all": most,
        "min_FR_all": least,
    }


def of_matrix(matrix: Floats, mean: Floats, context: Context) -> Found:
    """Measures that functional connectivity (node, node) and the regions' means say all about."""
    how, most = context.convention, context.settings.most_active
    result: Found = {"FC": matrix, "mean_FC": mean_of_pairs(matrix, how)}
    if context.weights is not None:
        result["corr_FC_SC"] = correlation_with(matrix, context.weights, how)
    if context.tract_lengths is not None:
        result["corr_FC_tract"] = correlation_with(matrix, context.tract_lengths, how, zero_is_none=True)
    if context.network is not None:
        result["ratio_frmean_dmn"] = share_of_most_active(mean, context.network, most)
        result["ratio_zscore_dmn"] = share_of_most_correlated(matrix, context.network, most, how)
    return result | fits_of_connectivity(matrix, context.targets)


def _connectivity(unit: NDArray[Any], found: Moments, context: Context, wanted: Wanted) -> Found:
    settings, how = context.settings, context.convention
    dynamic = has_dynamics(context)
    if not dynamic and not context.targets and wanted.isdisjoint(OF_MATRIX):
        return {}
    blocks = blocks_of(unit, block_length(settings, context.dt, unit.shape[1]))
    result = of_matrix(correlation(blocks), found.mean, context)
    if not dynamic:
        return result
    window = round(settings.fcd_window / settings.fcd_step)
    dynamics = connectivity_dynamics(blocks, window, how)
    result["varFCD"] = variance_of_dynamics(dynamics, settings.fcd_apart, how)
    return result | fits_of_dynamics(dynamics, FCD, settings.fcd_apart, context.targets)


def _of_transform(
    values: NDArray[Any], unit: NDArray[Any], found: Moments, context: Context, wanted: Wanted, space: Scratch
) -> Found:
    """Measures of spectra and of phases, which are taken from one Fourier transform."""
    phases = not wanted.isdisjoint(("mean_PLI", "PLI"))
    phases |= any(target.kind == PHASE for target in context.targets)
    if not phases and not wants_any(wanted, "spectrum", "bands"):
        return {}
    power, hilbert = mean_power_and_hilbert(unit, found.deviation, space.hilbert)
    result = _phases(values, unit, hilbert, found, context) if phases else {}
    spectrum = mean_spectrum(power, values.shape[1], context.dt, context.convention)
    result |= peak_measures(spectrum)
    result |= slope_measures(spectrum, context.settings, context.convention)
    return result | band_measures(spectrum, context.settings, context.convention)


def _phases(
    values: NDArray[Any], unit: NDArray[Any], hilbert: NDArray[Any], found: Moments, context: Context
) -> Found:
    if context.convention == "published":
        matrix = published_phase_lag_index(values)
    else:
        matrix = phase_lag_index(unit, hilbert, found.deviation > 0)
    result: Found = {"PLI": matrix, "mean_PLI": mean_of_pairs(matrix, context.convention)}
    if any(target.kind == PHASE for target in context.targets):
        step = block_length(context.settings, context.dt, values.shape[1])
        dynamics = phase_dynamics(unit, hilbert, step)
        result |= fits_of_dynamics(dynamics, PHASE, context.settings.fcd_apart, context.targets)
    return result


def _rates(values: NDArray[Any], context: Context, wanted: Wanted) -> Found:
    """Measures that only rates have."""
    result: Found = {}
    if not wanted.isdisjoint(("mean_up", "mean_down")):
        if context.convention == "published":
            up, down = published_state_durations(values, context.dt, context.settings)
            result |= {"mean_up": float(up.mean()), "mean_down": float(down.mean())}
        else:
            up, down = state_durations(values, context.dt, context.settings)
            result |= {"mean_up": mean_of_regions(up), "mean_down": mean_of_regions(down)}
    if "ratio_AI" in wanted:
        result["ratio_AI"] = float(asynchronous_irregular(values, context.convention).mean())
    if "high_rate_visits" in wanted:
        result["high_rate_visits"] = _visits(values, context)
    return result


def _visits(values: NDArray[Any], context: Context) -> Floats:
    return high_rate_visits(values, context.settings.high_rate, context.convention)


def _dominant(unit: NDArray[Any], found: Moments, context: Context) -> Floats:
    resolution = context.settings.frequency_resolution
    return dominant_frequency(unit, found.deviation > 0, context.dt, resolution, context.convention)


def _coefficient(mean: Any, deviation: Any, convention: str) -> Any:
    """Standard deviation over mean; as published, the inverse."""
    return ratio(mean, deviation) if convention == "published" else ratio(deviation, mean)

"""All measures of one exposure of one work item, in the order in which they are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .catalogue import BAND_SUFFIX, CATALOGUE, ordered
from .connectivity import blocks_of, correlation, correlation_with, mean_of_pairs
from .default_mode import DefaultMode, share_of_most_active, share_of_most_correlated
from .dominant import dominant_frequency
from .dynamics import block_length, connectivity_dynamics, variance_of_dynamics
from .irregular import asynchronous_irregular
from .moments import Moments, moments, ratio, standardized, whole
from .phase import phase_lag_index, published_phase_lag_index
from .published_updown import published_state_durations
from .settings import MeasureSettings
from .spectrum import band_measures, mean_spectrum, peak_measures, slope_measures
from .transform import mean_power_and_hilbert
from .updown import mean_of_regions, state_durations
from .visits import high_rate_visits

Floats = NDArray[np.float64]
Found = dict[str, Any]


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
    """

    dt: float
    rate: bool
    convention: str
    settings: MeasureSettings
    weights: Floats | None = None
    tract_lengths: Floats | None = None
    network: DefaultMode | None = None
    matrices: bool = False


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
    only_rates = {"mean_up", "mean_down", "ratio_AI", "high_rate_visits"}
    absent = set() if context.rate else only_rates
    absent |= set() if context.weights is not None else {"corr_FC_SC"}
    absent |= set() if context.tract_lengths is not None else {"corr_FC_tract"}
    absent |= set() if context.network is not None else {"ratio_frmean_dmn", "ratio_zscore_dmn"}
    bands = [f"{name}{BAND_SUFFIX}" for name in context.settings.bands]
    return ordered([*(name for name in CATALOGUE if name not in absent), *bands]) + (
        ["FC", "PLI"] if context.matrices else []
    )


def measures_of(values: NDArray[Any], context: Context, space: Scratch | None = None) -> Found:
    """Measures of series (node, time): numbers, and vectors (node,) of those that are regional.

    Regions with a sample that is not finite are NaN, and so is what is taken over all regions.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(values).all(axis=1)
        if finite.all():
            found = moments(values)
            space = space or scratch(len(values), values.shape[1], values.dtype)
            unit = standardized(values, found, space.unit)
            regional = _regional(values, unit, found, context)
            return regional | _joint(values, unit, found, context, space)
        return _of_some(values, finite, context) if finite.any() else {}


def _of_some(values: NDArray[Any], finite: NDArray[np.bool_], context: Context) -> Found:
    """Regional measures of those regions that are finite."""
    good = np.ascontiguousarray(values[finite])
    found = moments(good)
    result = {}
    for name, vector in _regional(good, standardized(good, found), found, context).items():
        result[name] = np.full(len(values), np.nan)
        result[name][finite] = vector
    return result


def _regional(values: NDArray[Any], unit: NDArray[Any], found: Moments, context: Context) -> Found:
    """Measures of each region by itself."""
    settings, how = context.settings, context.convention
    varies = found.deviation > 0
    result = {
        "mean_FR": found.mean,
        "std_FR": found.deviation,
        "coeff_var": _coefficient(found.mean, found.deviation, how),
        "max_FR": found.most,
        "min_FR": found.least,
        "freq_dom": dominant_frequency(unit, varies, context.dt, settings.frequency_resolution, how),
    }
    if context.rate:
        result["high_rate_visits"] = high_rate_visits(values, settings.high_rate, how)
    return result


def _joint(
    values: NDArray[Any], unit: NDArray[Any], found: Moments, context: Context, space: Scratch
) -> Found:
    """Measures over all regions."""
    mean, deviation, least, most = whole(found)
    result = {
        "mean_FR_all": mean,
        "std_FR_all": deviation,
        "coeff_var_all": float(_coefficient(mean, deviation, context.convention)),
        "max_FR_all": most,
        "min_FR_all": least,
    }
    result |= _connectivity(unit, found, context)
    power, hilbert = mean_power_and_hilbert(unit, found.deviation, space.hilbert)
    result |= _phases(values, unit, hilbert, found, context)
    spectrum = mean_spectrum(power, values.shape[1], context.dt, context.convention)
    result |= peak_measures(spectrum)
    result |= slope_measures(spectrum, context.settings, context.convention)
    result |= band_measures(spectrum, context.settings, context.convention)
    if context.rate:
        result |= _states(values, context)
    return result


def _connectivity(unit: NDArray[Any], found: Moments, context: Context) -> Found:
    settings, how = context.settings, context.convention
    blocks = blocks_of(unit, block_length(settings, context.dt, unit.shape[1]))
    matrix = correlation(blocks)
    window = round(settings.fcd_window / settings.fcd_step)
    dynamics = connectivity_dynamics(blocks, window, how)
    result: Found = {
        "mean_FC": mean_of_pairs(matrix, how),
        "varFCD": variance_of_dynamics(dynamics, settings.fcd_apart, how),
    }
    if context.weights is not None:
        result["corr_FC_SC"] = correlation_with(matrix, context.weights, how)
    if context.tract_lengths is not None:
        result["corr_FC_tract"] = correlation_with(matrix, context.tract_lengths, how, zero_is_none=True)
    if context.network is not None:
        result["ratio_frmean_dmn"] = share_of_most_active(found.mean, context.network, settings.most_active)
        result["ratio_zscore_dmn"] = share_of_most_correlated(
            matrix, context.network, settings.most_active, how
        )
    return result | ({"FC": matrix} if context.matrices else {})


def _phases(
    values: NDArray[Any], unit: NDArray[Any], hilbert: NDArray[Any], found: Moments, context: Context
) -> Found:
    if context.convention == "published":
        matrix = published_phase_lag_index(values)
    else:
        matrix = phase_lag_index(unit, hilbert, found.deviation > 0)
    result: Found = {"mean_PLI": mean_of_pairs(matrix, context.convention)}
    return result | ({"PLI": matrix} if context.matrices else {})


def _states(values: NDArray[Any], context: Context) -> Found:
    if context.convention == "published":
        up, down = published_state_durations(values, context.dt, context.settings)
        means = {"mean_up": float(up.mean()), "mean_down": float(down.mean())}
    else:
        up, down = state_durations(values, context.dt, context.settings)
        means = {"mean_up": mean_of_regions(up), "mean_down": mean_of_regions(down)}
    irregular = asynchronous_irregular(values, context.convention)
    return means | {"ratio_AI": float(irregular.mean())}


def _coefficient(mean: Any, deviation: Any, convention: str) -> Any:
    """Standard deviation over mean; as published, the inverse."""
    return ratio(mean, deviation) if convention == "published" else ratio(deviation, mean)

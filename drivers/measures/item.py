"""All measures of one exposure of one work item, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .catalogue import MATRICES
from .comoments import blocks_of
from .context import Context, available
from .data_to_fit import FCD, PHASE, fits_of_connectivity, fits_of_dynamics, phase_dynamics
from .default_mode import share_of_most_active, share_of_most_correlated
from .dominant import dominant_frequency
from .dynamics import block_length, connectivity_dynamics, variance_of_dynamics
from .functional_connectivity import correlation, correlation_with, mean_of_pairs
from .irregular import asynchronous_irregular
from .moments import Moments, moments, pooled, ratio, standardized
from .phase import phase_lag_index, published_phase_lag_index
from .published_updown import published_state_durations
from .selection import OF_MATRIX, wants_any
from .spectrum import band_measures, mean_spectrum, peak_measures, slope_measures
from .synchrony import order_of_angles, order_of_signals
from .transform import mean_power_and_hilbert
from .trend import TREND, follows_trend, trend_of
from .updown import mean_of_regions, state_durations
from .visits import high_rate_visits

Floats = NDArray[np.float64]
Measures = dict[str, Any]
Names = frozenset[str]


@dataclass(frozen=True, eq=False)
class Scratch:
    """Arrays (node, time) that a thread reuses for one work item after another.

    New arrays of this size would come from the system page by page, which takes a tenth of the time.
    """

    series: NDArray[Any]
    unit: NDArray[Any]
    hilbert: NDArray[Any]


def scratch(n_node: int, n_time: int, dtype: Any) -> Scratch:
    """Return the scratch arrays of one thread."""
    return Scratch(*(np.empty((n_node, n_time), dtype) for _ in range(3)))


def names_of(context: Context) -> list[str]:
    """Return the names of the measures that an exposure has, in order."""
    if context.period is not None:
        return [name for name in available(context) if context.names is None or name in context.names]
    fits = [name for data in context.targets for name in data.measures]
    matrices = list(MATRICES) if context.matrices else []
    if context.names is None:
        return [*available(context), *fits, *matrices]
    requested = context.names | set(matrices)
    return [
        *(n for n in available(context) if n in requested),
        *fits,
        *(n for n in MATRICES if n in requested),
    ]


def has_dynamics(context: Context) -> bool:
    """Tell whether sliding windows are correlated."""
    return "varFCD" in names_of(context) or any(data.kind == FCD for data in context.targets)


def has_trend(context: Context) -> bool:
    """Tell whether a measure is taken that a trend would decide; angles have none."""
    return context.period is None and follows_trend(names_of(context))


def too_short(context: Context, n_time: int) -> list[str]:
    """Return the names of the measures that a series of some samples has too few windows or frequencies for.

    As published, the variance of dynamics is defined for a single window.
    """
    names, settings = names_of(context), context.settings
    step = block_length(settings, context.dt, n_time)
    sliding = n_time // step - round(settings.fcd_window / settings.fcd_step) + 1
    instants = -(-(n_time - step // 2) // step)
    fits = {name: data.kind for data in context.targets for name in data.measures}
    lacking = []
    for name in names:
        kind = FCD if name == "varFCD" else fits.get(name)
        if kind not in (FCD, PHASE) or (name == "varFCD" and context.convention == "published"):
            continue
        # two pairs that are far enough apart take two more windows than that
        if (sliding if kind == FCD else instants) < settings.fcd_apart + 2:
            lacking.append(name)
    return lacking


def measures_of(values: NDArray[Any], context: Context, space: Scratch | None = None) -> Measures:
    """Take the measures of series (node, time): numbers, and vectors (node,) of regional measures.

    Where a trend would decide one of them, `TREND` is among them.

    If a sample of a region is not finite, the region's measures are NaN, and so are those of all regions.
    """
    requested = frozenset((*names_of(context), *([TREND] if has_trend(context) else ())))
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(values).all(axis=1)
        if finite.all():
            space = space or scratch(len(values), values.shape[1], values.dtype)
            measures = _of_all(values, context, requested, space)
        else:
            measures = spread(_of_regions(np.ascontiguousarray(values[finite]), context, requested), finite)
    return {name: value for name, value in measures.items() if name in requested}


def spread(regional: Measures, finite: NDArray[np.bool_]) -> Measures:
    """Spread measures of the finite regions over all regions; the others are NaN."""
    result = {name: np.full(finite.shape, np.nan) for name in regional}
    for name, vector in regional.items():
        result[name][finite] = vector
    return result


def _of_all(values: NDArray[Any], context: Context, requested: Names, space: Scratch) -> Measures:
    if context.period is not None:
        return dict(order_of_angles(values, context.period))
    statistics = moments(values)
    result = regional_moments(statistics, context) | whole_moments(statistics, context)
    if wants_any(requested, "states"):
        result |= _rates(values, context, requested)
    if requested <= result.keys():
        return result
    unit = standardized(values, statistics, space.unit)
    if "freq_dom" in requested:
        result["freq_dom"] = _dominant(unit, statistics, context)
    if TREND in requested:
        result[TREND] = trend_of(unit, statistics.deviation > 0)
    result |= _connectivity(unit, statistics, context, requested)
    return result | _of_transform(values, unit, statistics, context, requested, space)


def _of_regions(values: NDArray[Any], context: Context, requested: Names) -> Measures:
    """Take the measures of each region by itself."""
    if not len(values) or context.period is not None:
        return {}
    statistics = moments(values)
    result = regional_moments(statistics, context)
    if "freq_dom" in requested:
        result["freq_dom"] = _dominant(standardized(values, statistics), statistics, context)
    if "high_rate_visits" in requested:
        result["high_rate_visits"] = _visits(values, context)
    return result


def regional_moments(statistics: Moments, context: Context) -> Measures:
    """Return the moments of each region as measures."""
    return {
        "mean_FR": statistics.mean,
        "std_FR": statistics.deviation,
        "coeff_var": _coefficient(statistics.mean, statistics.deviation, context.convention),
        "max_FR": statistics.most,
        "min_FR": statistics.least,
    }


def whole_moments(statistics: Moments, context: Context) -> Measures:
    """Return the moments over all regions as measures."""
    mean, deviation, least, most = pooled(statistics)
    return {
        "mean_FR_all": mean,
        "std_FR_all": deviation,
        "coeff_var_all": float(_coefficient(mean, deviation, context.convention)),
        "max_FR_all": most,
        "min_FR_all": least,
    }


def of_matrix(matrix: Floats, mean: Floats, context: Context) -> Measures:
    """Take the measures that follow from functional connectivity (node, node) and the regions' means."""
    convention, most = context.convention, context.settings.most_active
    result: Measures = {"FC": matrix, "mean_FC": mean_of_pairs(matrix, convention)}
    if context.weights is not None:
        result["corr_FC_SC"] = correlation_with(matrix, context.weights, convention)
    if context.tract_lengths is not None:
        result["corr_FC_tract"] = correlation_with(
            matrix, context.tract_lengths, convention, zero_is_none=True
        )
    if context.network is not None:
        result["ratio_frmean_dmn"] = share_of_most_active(mean, context.network, most)
        result["ratio_zscore_dmn"] = share_of_most_correlated(matrix, context.network, most, convention)
    return result | fits_of_connectivity(matrix, context.targets)


def _connectivity(unit: NDArray[Any], statistics: Moments, context: Context, requested: Names) -> Measures:
    settings, convention = context.settings, context.convention
    dynamic = has_dynamics(context)
    if not dynamic and not context.targets and requested.isdisjoint(OF_MATRIX):
        return {}
    blocks = blocks_of(unit, block_length(settings, context.dt, unit.shape[1]))
    result = of_matrix(correlation(blocks), statistics.mean, context)
    if not dynamic:
        return result
    window = round(settings.fcd_window / settings.fcd_step)
    dynamics = connectivity_dynamics(blocks, window, convention)
    result["varFCD"] = variance_of_dynamics(dynamics, settings.fcd_apart, convention)
    return result | fits_of_dynamics(dynamics, FCD, settings.fcd_apart, context.targets)


def _of_transform(
    values: NDArray[Any],
    unit: NDArray[Any],
    statistics: Moments,
    context: Context,
    requested: Names,
    space: Scratch,
) -> Measures:
    """Take the measures of spectra and of phases, from one Fourier transform."""
    phases = not requested.isdisjoint(("mean_PLI", "PLI"))
    phases |= any(data.kind == PHASE for data in context.targets)
    if not phases and not wants_any(requested, "synchrony", "spectrum", "bands"):
        return {}
    power, hilbert = mean_power_and_hilbert(unit, statistics.deviation, space.hilbert)
    result = _phases(values, unit, hilbert, statistics, context) if phases else {}
    if wants_any(requested, "synchrony"):
        result |= order_of_signals(unit, hilbert, statistics.deviation > 0)
    spectrum = mean_spectrum(power, values.shape[1], context.dt, context.convention)
    result |= peak_measures(spectrum)
    result |= slope_measures(spectrum, context.settings, context.convention)
    return result | band_measures(spectrum, context.settings, context.convention)


def _phases(
    values: NDArray[Any], unit: NDArray[Any], hilbert: NDArray[Any], statistics: Moments, context: Context
) -> Measures:
    if context.convention == "published":
        matrix = published_phase_lag_index(values)
    else:
        matrix = phase_lag_index(unit, hilbert, statistics.deviation > 0)
    result: Measures = {"PLI": matrix, "mean_PLI": mean_of_pairs(matrix, context.convention)}
    if any(data.kind == PHASE for data in context.targets):
        step = block_length(context.settings, context.dt, values.shape[1])
        dynamics = phase_dynamics(unit, hilbert, step)
        result |= fits_of_dynamics(dynamics, PHASE, context.settings.fcd_apart, context.targets)
    return result


def _rates(values: NDArray[Any], context: Context, requested: Names) -> Measures:
    """Take the measures that only rates have."""
    result: Measures = {}
    if not requested.isdisjoint(("mean_up", "mean_down")):
        if context.convention == "published":
            up, down = published_state_durations(values, context.dt, context.settings)
            result |= {"mean_up": float(up.mean()), "mean_down": float(down.mean())}
        else:
            up, down = state_durations(values, context.dt, context.settings)
            result |= {"mean_up": mean_of_regions(up), "mean_down": mean_of_regions(down)}
    if "ratio_AI" in requested:
        result["ratio_AI"] = float(asynchronous_irregular(values, context.convention).mean())
    if "high_rate_visits" in requested:
        result["high_rate_visits"] = _visits(values, context)
    return result


def _visits(values: NDArray[Any], context: Context) -> Floats:
    return high_rate_visits(values, context.settings.high_rate, context.convention)


def _dominant(unit: NDArray[Any], statistics: Moments, context: Context) -> Floats:
    resolution = context.settings.frequency_resolution
    return dominant_frequency(unit, statistics.deviation > 0, context.dt, resolution, context.convention)


def _coefficient(mean: Any, deviation: Any, convention: str) -> Any:
    """Return the coefficient of variation, deviation over mean (as published: its inverse)."""
    return ratio(mean, deviation) if convention == "published" else ratio(deviation, mean)

"""Fit a semi-analytic transfer function to output rates, as Zerlaut et al. 2018 do.

The output rate is ``erfc((V_eff - mu_V) / (sqrt(2) sigma_V)) / (2 tau_V)``: mu_V, sigma_V and tau_V are the
mean, standard deviation and correlation time of the potential, and V_eff is a polynomial of second degree in
these three (doi 10.1007/s10827-017-0668-2, and equations 10 and 11 of doi 10.1162/neco_a_01173).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import erfc, erfcinv

from rateloom.drivers.support.errors import InputError

from .neuron import Neuron

# Centres and units of mu_V (mV), sigma_V (mV) and tau_V g_L / C_m, by which the coefficients are defined.
_CENTRES = (-60.0, 4.0, 0.5)
_UNITS = (10.0, 6.0, 1.0)
TERMS = ("1", "V", "S", "T", "V^2", "S^2", "T^2", "V S", "V T", "S T")

# Relative size of the least singular value below which the points do not determine ten coefficients.
_RANK = 1e-8

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PotentialMoments:
    """Mean and standard deviation of the potential (mV) and its correlation time (ms), at each point."""

    mean: _Floats
    deviation: _Floats
    time: _Floats
    # the correlation time over the membrane's time constant at rest
    relative_time: _Floats


@dataclass(frozen=True, eq=False)
class TransferFit:
    """Coefficients and the quality of their fit.

    Attributes
    ----------
    coefficients, threshold_coefficients : (10,) arrays
        In V, in the order of `TERMS`: fitted on the rates, and before that on the threshold only.
    fitted, on_threshold : (n_point,) arrays of bool
        Points of the fit on the rates, and of the fit on the threshold.
    rates : (n_point,) array
        Rates of the fit, kHz.
    rms, threshold_rms : float
        Root mean square of the difference of rates over the fitted points, kHz, of both sets of coefficients.
    r_squared : float
        Share of the variance of the rates that the fit explains.
    """

    coefficients: _Floats
    threshold_coefficients: _Floats
    fitted: NDArray[np.bool_]
    on_threshold: NDArray[np.bool_]
    rates: _Floats
    rms: float
    threshold_rms: float
    r_squared: float


def moments(neuron: Neuron, nu_e: _Floats, nu_i: _Floats, adaptation: _Floats) -> PotentialMoments:
    """Return the moments of the potential without spikes, by Campbell's theorem.

    Parameters
    ----------
    nu_e, nu_i : (n_point,) arrays
        Rates of one synapse, kHz; not both zero.
    adaptation : (n_point,) array
        Adaptation current, pA.
    """
    n = neuron
    events = (n.K_e * nu_e, n.K_i * nu_i)
    mean_e, mean_i = n.Q_e * n.tau_e * events[0], n.Q_i * n.tau_i * events[1]
    total = n.g_L + mean_e + mean_i
    mean = (mean_e * n.E_e + mean_i * n.E_i + n.g_L * n.E_L - adaptation) / total
    membrane = n.C_m / total
    contributions = [
        (rate * (q * tau * (reversal - mean) / total) ** 2, tau + membrane)
        for rate, q, tau, reversal in (
            (events[0], n.Q_e, n.tau_e, n.E_e),
            (events[1], n.Q_i, n.tau_i, n.E_i),
        )
    ]
    (area_e, time_e), (area_i, time_i) = contributions
    power = area_e / time_e + area_i / time_i
    # an input without effect has no correlation time
    with np.errstate(invalid="ignore"):
        time = (area_e + area_i) / power
    return PotentialMoments(mean, np.sqrt(power / 2), time, time * n.g_L / n.C_m)


def terms(potential: PotentialMoments) -> _Floats:
    """Return the ten terms of the polynomial at each point, shape (n_point, 10), in the order of `TERMS`."""
    scaled = [
        (value - centre) / unit
        for value, centre, unit in zip(
            (potential.mean, potential.deviation, potential.relative_time), _CENTRES, _UNITS, strict=True
        )
    ]
    v, s, t = scaled
    return np.stack((np.ones_like(v), v, s, t, v * v, s * s, t * t, v * s, v * t, s * t), axis=-1)


def transfer_rate(potential: PotentialMoments, coefficients: _Floats) -> _Floats:
    """Return the output rate in kHz at each point, of coefficients in V."""
    threshold = terms(potential) @ (1e3 * coefficients)
    return np.asarray(
        erfc((threshold - potential.mean) / (np.sqrt(2) * potential.deviation)) / (2 * potential.time)
    )


def fit_transfer_function(
    potential: PotentialMoments, rates: _Floats, max_rate: float = np.inf
) -> TransferFit:
    """Fit the ten coefficients: by linear least squares on the threshold, then from there on the rate.

    The fit on the threshold uses the points at which the neuron fires, since the threshold of a rate of zero
    is infinite; the fit on the rate also uses the points at which it does not.

    Parameters
    ----------
    potential : PotentialMoments
        Moments of the potential at each point.
    rates : (n_point,) array
        Measured output rates, kHz.
    max_rate : float
        Points with a higher rate (kHz) are used in neither fit.

    Raises
    ------
    InputError
        If the points do not determine ten coefficients.
    """
    fitted = (rates <= max_rate) & (potential.deviation > 0)
    on_threshold = fitted & (rates > 0) & (rates * potential.time < 1)
    matrix, threshold = terms(potential), np.full(rates.shape, np.nan)
    if on_threshold.sum() < len(TERMS):
        raise InputError(
            f"at only {on_threshold.sum()} of {rates.size} grid points the neuron fires, at most at "
            f"{1e3 * max_rate:g} Hz, and {len(TERMS)} are needed; give other rates or more of them"
        )
    chosen = on_threshold
    threshold[chosen] = potential.mean[chosen] + np.sqrt(2) * potential.deviation[chosen] * erfcinv(
        2 * rates[chosen] * potential.time[chosen]
    )
    first, _, rank, _ = np.linalg.lstsq(matrix[chosen], threshold[chosen], rcond=_RANK)
    if rank < len(TERMS):
        raise InputError(
            f"the {chosen.sum()} grid points at which the neuron fires determine only {rank} of the "
            f"{len(TERMS)} coefficients; give more different rates of both inputs"
        )
    best = _fit_rates(potential, matrix, rates, fitted, first)
    difference = transfer_rate(potential, 1e-3 * best)[fitted] - rates[fitted]
    before = transfer_rate(potential, 1e-3 * first)[fitted] - rates[fitted]
    variance = np.sum((rates[fitted] - rates[fitted].mean()) ** 2)
    return TransferFit(
        coefficients=1e-3 * best,
        threshold_coefficients=1e-3 * first,
        fitted=fitted,
        on_threshold=on_threshold,
        rates=transfer_rate(potential, 1e-3 * best),
        rms=float(np.sqrt(np.mean(difference**2))),
        threshold_rms=float(np.sqrt(np.mean(before**2))),
        r_squared=float(1 - np.sum(difference**2) / variance),
    )


def _fit_rates(
    potential: PotentialMoments, matrix: _Floats, rates: _Floats, fitted: NDArray[np.bool_], start: _Floats
) -> _Floats:
    """Return the coefficients in mV with the closest rates, starting from `start`."""
    matrix, mean, time = matrix[fitted], potential.mean[fitted], potential.time[fitted]
    width = np.sqrt(2) * potential.deviation[fitted]

    # in Hz, so that residuals are of order one, which the tolerances assume
    def residual(p: _Floats) -> _Floats:
        return np.asarray(1e3 * (erfc((matrix @ p - mean) / width) / (2 * time) - rates[fitted]))

    def jacobian(p: _Floats) -> _Floats:
        slope = -np.exp(-(((matrix @ p - mean) / width) ** 2)) / (np.sqrt(np.pi) * width * time)
        return np.asarray(1e3 * slope[:, None] * matrix)

    solution = least_squares(residual, start, jacobian, x_scale="jac", xtol=1e-12, ftol=1e-12, gtol=1e-12)
    return np.asarray(solution.x)

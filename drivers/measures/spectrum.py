"""Power spectral density, averaged over regions: its peaks, the shares of its bands, its slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .measure_settings import MeasureSettings
from .peaks import peaks_of

Floats = NDArray[np.float64]
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Spectrum:
    """A one-sided power spectrum without its ends, 0 and the Nyquist frequency.

    Attributes
    ----------
    frequency : (n,) array
        Hz.
    power : (n,) array
        Density in unit**2 / Hz; as published, the square of the discrete Fourier transform.
    """

    frequency: Floats
    power: Floats


def mean_spectrum(power: Floats, n_time: int, dt: float, convention: str) -> Spectrum:
    """Return the periodogram's mean over regions.

    Parameters
    ----------
    power : (n_time // 2 + 1,) array
        Mean over regions of the squares of the one-sided discrete Fourier transform.
    n_time, dt : int, float
        Samples, and ms between them.
    """
    inner = power[1 : (n_time + 1) // 2]
    if convention == "standard":
        inner = inner * (2.0 * dt / 1000.0 / n_time)
    frequency = np.arange(1, len(inner) + 1, dtype=np.float64) * (1000.0 / (dt * n_time))
    return Spectrum(frequency, inner)


def peak_measures(spectrum: Spectrum) -> dict[str, float]:
    """Return frequency and power of the highest and of the most prominent peak; NaN if there is no peak."""
    peaks, prominences = peaks_of(spectrum.power)
    if not peaks.size:
        return dict.fromkeys(("fmax_amp", "pmax_amp", "fmax_prom", "pmax_prom"), _NAN)
    highest = peaks[np.argmax(spectrum.power[peaks])]
    prominent = peaks[np.argmax(prominences)]
    return {
        "fmax_amp": float(spectrum.frequency[highest]),
        "pmax_amp": float(spectrum.power[highest]),
        "fmax_prom": float(spectrum.frequency[prominent]),
        "pmax_prom": float(spectrum.power[prominent]),
    }


def band_measures(spectrum: Spectrum, settings: MeasureSettings, convention: str) -> dict[str, float]:
    """Return each band's share of the power between 0 and the Nyquist frequency, both excluded.

    Bands contain their lower edge and not their upper one; NaN if there is no power, or if no frequency lies
    in the band. As published: Simpson's rule over both edges, which can exceed 1.
    """
    f, power = spectrum.frequency, spectrum.power
    if not power.sum() > 0:
        return {f"{name}_rel_p": _NAN for name in settings.bands}
    result = {}
    for name, (low, high) in settings.bands.items():
        if convention == "published":
            inside = power[(f >= low) & (f <= high)]
            share = _simpson(inside) / _simpson(power) if inside.size else _NAN
        else:
            inside = power[(f >= low) & (f < high)]
            share = inside.sum() / power.sum() if inside.size else _NAN
        result[f"{name}_rel_p"] = float(share)
    return result


def _simpson(values: Floats) -> float:
    # imported only when needed, since the import takes long
    from scipy.integrate import simpson

    return float(simpson(values))


def slope_measures(spectrum: Spectrum, settings: MeasureSettings, convention: str) -> dict[str, float]:
    """Fit the power law power = b / f**a to the logarithms; return a and the fit's R squared.

    They are NaN for fewer than three frequencies, or if a power is 0. As published: every tenth frequency.
    """
    low, high = settings.slope_range
    use = (spectrum.frequency > low) & (spectrum.frequency < high)
    f, power = spectrum.frequency[use], spectrum.power[use]
    if convention == "published":
        f, power = f[::10], power[::10]
    if f.size < 3 or not (power > 0).all():
        return {"slope_PSD": _NAN, "score_PSD": _NAN}
    x, y = np.log(f), np.log(power)
    x, y = x - x.mean(), y - y.mean()
    slope = (x * y).sum() / (x * x).sum()
    total = (y * y).sum()
    score = 1.0 - ((y - slope * x) ** 2).sum() / total if total > 0 else _NAN
    return {"slope_PSD": float(-slope), "score_PSD": float(score)}

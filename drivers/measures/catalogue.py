"""Names, units and meanings of the measures, in the order of the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Stands for the unit of the exposure: Hz for rates.
OWN = "*"


@dataclass(frozen=True)
class Entry:
    """A measure.

    Attributes
    ----------
    unit, meaning : str
        Its unit, and what it is.
    n_node : int
        Dimensions that are regions: 0 for a number, 1 for a vector, 2 for a matrix.
    """

    unit: str
    meaning: str
    n_node: int = 0


CATALOGUE = {
    "mean_FR": Entry(OWN, "mean over time", 1),
    "mean_FR_all": Entry(OWN, "mean over time and regions"),
    "std_FR": Entry(OWN, "standard deviation over time", 1),
    "std_FR_all": Entry(OWN, "standard deviation over time and regions"),
    "coeff_var": Entry("", "coefficient of variation over time", 1),
    "coeff_var_all": Entry("", "coefficient of variation over time and regions"),
    "max_FR": Entry(OWN, "maximum over time", 1),
    "max_FR_all": Entry(OWN, "maximum over time and regions"),
    "min_FR": Entry(OWN, "minimum over time", 1),
    "min_FR_all": Entry(OWN, "minimum over time and regions"),
    "mean_FC": Entry("", "mean functional connectivity (Pearson's correlation) of pairs of regions"),
    "mean_PLI": Entry("", "mean phase-lag index of pairs of regions"),
    "mean_up": Entry("s", "mean duration of up states"),
    "mean_down": Entry("s", "mean duration of down states"),
    "fmax_amp": Entry("Hz", "frequency of the highest peak of the mean spectrum"),
    "pmax_amp": Entry(f"({OWN})^2/Hz", "power spectral density of that peak"),
    "fmax_prom": Entry("Hz", "frequency of the most prominent peak of the mean spectrum"),
    "pmax_prom": Entry(f"({OWN})^2/Hz", "power spectral density of that peak"),
    "freq_dom": Entry("Hz", "dominant frequency", 1),
    "slope_PSD": Entry("", "exponent a of the spectrum's power law 1/f^a"),
    "score_PSD": Entry("", "R squared of the fit of that law"),
    "ratio_frmean_dmn": Entry("", "share of the default mode network in the most active regions"),
    "ratio_zscore_dmn": Entry("", "share of that network in the regions most correlated with its seed"),
    "ratio_AI": Entry("", "share of regions that are asynchronous and irregular"),
    "varFCD": Entry("", "variance of functional-connectivity dynamics"),
    "corr_FC_SC": Entry("", "correlation of functional connectivity with connection weights"),
    "corr_FC_tract": Entry("", "correlation of functional connectivity with tract lengths"),
    "high_rate_visits": Entry("", "visits to a fixed point at a high rate", 1),
}
BAND_SUFFIX = "_rel_p"
# Comparisons with a target: what is compared stands between this and the target's name.
FIT = "fit_"
WHOLE = "whole"
_FITS = {
    "FC": "correlation of functional connectivity with that of {}, over pairs of regions",
    f"FC{WHOLE}": "correlation of functional connectivity with that of {}, over whole matrices",
    "FCD": "Kolmogorov-Smirnov distance of functional-connectivity dynamics from those of {}",
    "phFCD": "Kolmogorov-Smirnov distance of the dynamics of phase coherence from those of {}",
}

MATRICES = {
    "FC": Entry("", "functional connectivity (Pearson's correlation)", 2),
    "PLI": Entry("", "phase-lag index", 2),
}


def entry_of(name: str) -> Entry:
    """The entry of a measure; a band's relative power is named after the band, a fit after its target."""
    if name.startswith(FIT):
        compared, _, target = name.removeprefix(FIT).partition("_")
        return Entry("", _FITS[compared].format(target))
    if name.endswith(BAND_SUFFIX):
        band = name.removesuffix(BAND_SUFFIX)
        return Entry("", f"share of the {band} band in the power of the mean spectrum")
    return CATALOGUE[name] if name in CATALOGUE else MATRICES[name]


def unit_of(name: str, own: str, convention: str) -> str:
    """Unit of a measure of an exposure whose unit is `own`."""
    unit = entry_of(name).unit
    if convention == "published" and name in ("pmax_amp", "pmax_prom"):
        unit = f"({OWN})^2"
    return "" if OWN in unit and not own else unit.replace(OWN, own)


def variable_name(name: str, exposure: str, rate: bool) -> str:
    """Name of a measure of an exposure: mean_FR, of E, is mean_FR_E, and mean_FR_all is mean_FR_E_all.

    FR stands for firing rate, and is left out for exposures that are none.
    """
    if name.startswith(FIT):
        return f"{name}_{exposure}"
    stem = name.removesuffix("_all")
    if not rate:
        stem = stem.replace("_FR", "")
    return f"{stem}_{exposure}{'_all' if name.endswith('_all') else ''}"


def ordered(names: Iterable[str]) -> list[str]:
    """Sort names as they stand in the catalogue; bands come after the spectrum's slope."""
    places = {name: i for i, name in enumerate(CATALOGUE)}
    return sorted(names, key=lambda name: places.get(name, places["score_PSD"] + 0.5))

"""Names, units and meanings of the measures, in the order of the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Placeholder for the unit of the exposure: Hz for rates.
EXPOSURE_UNIT = "*"


@dataclass(frozen=True)
class Entry:
    """A measure.

    Attributes
    ----------
    unit, meaning : str
        Its unit and its description.
    n_node : int
        Dimensions that are regions: 0 for a number, 1 for a vector, 2 for a matrix.
    """

    unit: str
    meaning: str
    n_node: int = 0


CATALOGUE = {
    "mean_FR": Entry(EXPOSURE_UNIT, "mean over time", 1),
    "mean_FR_all": Entry(EXPOSURE_UNIT, "mean over time and regions"),
    "std_FR": Entry(EXPOSURE_UNIT, "standard deviation over time", 1),
    "std_FR_all": Entry(EXPOSURE_UNIT, "standard deviation over time and regions"),
    "coeff_var": Entry("", "coefficient of variation over time", 1),
    "coeff_var_all": Entry("", "coefficient of variation over time and regions"),
    "max_FR": Entry(EXPOSURE_UNIT, "maximum over time", 1),
    "max_FR_all": Entry(EXPOSURE_UNIT, "maximum over time and regions"),
    "min_FR": Entry(EXPOSURE_UNIT, "minimum over time", 1),
    "min_FR_all": Entry(EXPOSURE_UNIT, "minimum over time and regions"),
    "mean_FC": Entry("", "mean functional connectivity (Pearson's correlation) of pairs of regions"),
    "mean_PLI": Entry("", "mean phase-lag index of pairs of regions"),
    "kuramoto_order": Entry("", "Kuramoto order parameter of the phases of all regions, mean over time"),
    "metastability": Entry("", "standard deviation of that order parameter over time"),
    "mean_up": Entry("s", "mean duration of up states"),
    "mean_down": Entry("s", "mean duration of down states"),
    "fmax_amp": Entry("Hz", "frequency of the highest peak of the mean spectrum"),
    "pmax_amp": Entry(f"({EXPOSURE_UNIT})^2/Hz", "power spectral density of that peak"),
    "fmax_prom": Entry("Hz", "frequency of the most prominent peak of the mean spectrum"),
    "pmax_prom": Entry(f"({EXPOSURE_UNIT})^2/Hz", "power spectral density of that peak"),
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
# Comparisons with data to fit: the quantity compared stands between this and the data's name.
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
    """Return the entry of a measure; relative powers carry their band's name, fits their data's."""
    if name.startswith(FIT):
        compared, _, data_name = name.removeprefix(FIT).partition("_")
        return Entry("", _FITS[compared].format(data_name))
    if name.endswith(BAND_SUFFIX):
        band = name.removesuffix(BAND_SUFFIX)
        return Entry("", f"share of the {band} band in the power of the mean spectrum")
    return CATALOGUE[name] if name in CATALOGUE else MATRICES[name]


def unit_of(name: str, exposure_unit: str, convention: str) -> str:
    """Return the unit of a measure of an exposure whose unit is `exposure_unit`."""
    unit = entry_of(name).unit
    if convention == "published" and name in ("pmax_amp", "pmax_prom"):
        unit = f"({EXPOSURE_UNIT})^2"
    return "" if EXPOSURE_UNIT in unit and not exposure_unit else unit.replace(EXPOSURE_UNIT, exposure_unit)


def variable_name(name: str, exposure: str, rate: bool) -> str:
    """Return the name of a measure of an exposure: mean_FR of E is mean_FR_E, mean_FR_all is mean_FR_E_all.

    FR stands for firing rate; names of exposures that are no rates do not contain it.
    """
    if name.startswith(FIT):
        return f"{name}_{exposure}"
    stem = name.removesuffix("_all")
    if not rate:
        stem = stem.replace("_FR", "")
    return f"{stem}_{exposure}{'_all' if name.endswith('_all') else ''}"


def ordered(names: Iterable[str]) -> list[str]:
    """Sort names in the catalogue's order; bands come after the spectrum's slope."""
    ranks = {name: i for i, name in enumerate(CATALOGUE)}
    return sorted(names, key=lambda name: ranks.get(name, ranks["score_PSD"] + 0.5))

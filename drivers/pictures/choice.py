"""Which measures are shown unless others are asked for."""

from __future__ import annotations

from rateloom.drivers.measures.catalogue import FIT, WHOLE

from .measured import Results

# What a study's pictures begin with: fits to data, activity, connectivity, rhythm.
_STEMS = ("mean_FR_{}_all", "mean_{}_all", "coeff_var_{}_all", "mean_FC_{}", "fmax_amp_{}", "corr_FC_SC_{}")
_MORE = ("mean_PLI_{}", "ratio_AI_{}", "std_FR_{}_all", "std_{}_all")
# The published way of counting stands beside; it is not shown unasked.
_WHOLE = f"{FIT}FC{WHOLE}"
_MOST_FITS = 2
# Fits that are low where a simulation is like the data.
_DISTANCES = (f"{FIT}FCD_", f"{FIT}phFCD_")


def handful(results: Results, most: int = 6) -> list[str]:
    """A handful of measures of the whole brain: fits if there are any, and some of the first exposure's."""
    first = results.exposures[:1]
    usual = [stem.format(exposure) for exposure in first for stem in (*_STEMS, *_MORE)]
    found = [*_fits(results)[:_MOST_FITS], *(name for name in usual if name in results.measures)]
    others = [name for name in results.whole if name not in found]
    return [*found, *others][:most]


def goodness(results: Results) -> str | None:
    """What work items are ranked by unless told otherwise: a fit, or likeness to the connectome."""
    alike = [name for name in results.whole if name.startswith("corr_FC_SC")]
    return next(iter([*_fits(results), *alike, *results.whole]), None)


def _fits(results: Results) -> list[str]:
    return [name for name in results.whole if name.startswith(FIT) and not name.startswith(_WHOLE)]


def is_distance(name: str) -> bool:
    """Whether low values of a measure are the best."""
    return name.startswith(_DISTANCES)

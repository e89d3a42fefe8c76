"""The measures that pictures show by default."""

from __future__ import annotations

from rateloom.drivers.measures.catalogue import FIT, WHOLE

from .measured import Results

# The measures that a study's pictures begin with, after fits to data: activity, connectivity, rhythm.
_STEMS = ("mean_FR_{}_all", "mean_{}_all", "coeff_var_{}_all", "mean_FC_{}", "fmax_amp_{}", "corr_FC_SC_{}")
_MORE = ("mean_PLI_{}", "ratio_AI_{}", "std_FR_{}_all", "std_{}_all")
# The published way of counting is shown on request only.
_WHOLE_MATRIX = f"{FIT}FC{WHOLE}"
_MOST_FITS = 2
# Fits that are low if a simulation is like the data.
_DISTANCES = (f"{FIT}FCD_", f"{FIT}phFCD_")


def handful(results: Results, most: int = 6) -> list[str]:
    """Return a handful of measures of the whole brain: fits if there are any, and some of one exposure."""
    first = results.exposures[:1]
    usual = [stem.format(exposure) for exposure in first for stem in (*_STEMS, *_MORE)]
    names = [*_fits(results)[:_MOST_FITS], *(name for name in usual if name in results.measures)]
    remaining = [name for name in results.whole_brain if name not in names]
    return [*names, *remaining][:most]


def goodness(results: Results) -> str | None:
    """Return the measure that work items are ranked by by default: a fit, or likeness to the connectome."""
    alike = [name for name in results.whole_brain if name.startswith("corr_FC_SC")]
    return next(iter([*_fits(results), *alike, *results.whole_brain]), None)


def _fits(results: Results) -> list[str]:
    return [
        name for name in results.whole_brain if name.startswith(FIT) and not name.startswith(_WHOLE_MATRIX)
    ]


def is_distance(name: str) -> bool:
    """Tell whether low values of a measure are the best."""
    return name.startswith(_DISTANCES)

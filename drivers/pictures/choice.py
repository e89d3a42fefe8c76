"""Which measures are shown unless others are asked for."""

from __future__ import annotations

from .results import Results

# What a study's pictures begin with: fits to data, activity, connectivity, rhythm.
_STEMS = ("mean_FR_{}_all", "mean_{}_all", "coeff_var_{}_all", "mean_FC_{}", "fmax_amp_{}", "corr_FC_SC_{}")
_MORE = ("mean_PLI_{}", "ratio_AI_{}", "std_FR_{}_all", "std_{}_all")
_FIT = "fit_"
_MOST_FITS = 2


def handful(results: Results, most: int = 6) -> list[str]:
    """A handful of measures of the whole brain: fits if there are any, and some of the first exposure's."""
    fits = [name for name in results.whole if name.startswith(_FIT)][:_MOST_FITS]
    first = results.exposures[:1]
    usual = [stem.format(exposure) for exposure in first for stem in (*_STEMS, *_MORE)]
    found = [*fits, *(name for name in usual if name in results.measures)]
    others = [name for name in results.whole if name not in found]
    return (found or others)[:most] if len(found) >= most else [*found, *others][:most]


def goodness(results: Results) -> str | None:
    """What work items are ranked by unless told otherwise: a fit, or likeness to the connectome."""
    fits = [name for name in results.whole if name.startswith(_FIT)]
    alike = [name for name in results.whole if name.startswith("corr_FC_SC")]
    return next(iter([*fits, *alike, *results.whole]), None)

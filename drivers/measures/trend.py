"""Series that are dominated by their trend, such as a phase that grows: measures then show that trend alone.

Where a straight line over time explains the share s of the variance of two series, their correlation is
s + (1 - s) r, r being that of what is left of them (and -s + (1 - s) r if one falls and one rises). With s
above 0.9 its size is at least 0.8, whatever the regions do. One turn of a sine has s = 6 / pi**2 = 0.61 at
most, and slow fluctuations that are no trend rarely have more than 0.9 in the mean over regions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jit_options import SUMMED, kernel
from .selection import FAMILIES

Floats = NDArray[np.float64]

# What the share is called among the measures of a work item; results do not have it.
TREND = "trend"
MOST_TREND = 0.9
# A line explains much of a few samples by chance.
_FEWEST = 10
_UNTOUCHED = frozenset((*FAMILIES["moments"], *FAMILIES["states"], "ratio_frmean_dmn"))


def follows_trend(names: Iterable[str]) -> bool:
    """Tell whether one of some measures compares regions or frequencies, so that a trend decides it."""
    return not _UNTOUCHED.issuperset(names)


def trend_of(unit: NDArray[Any], varies: NDArray[np.bool_]) -> float:
    """Return the share of the variance that a straight line explains, averaged over regions that vary.

    Parameters
    ----------
    unit : (node, time) array
        Standardized series.
    """
    timed, count = np.empty(len(unit)), unit.shape[1]
    _with_time(unit, timed)
    return mean_share(timed, np.where(varies, float(count), 0.0), count)


def mean_share(timed: Floats, square: Floats, count: int) -> float:
    """Return the same from sums over samples; NaN for a few samples, or if no region varies.

    Parameters
    ----------
    timed : (node,) array
        Sums of products of deviations and times, in samples.
    square : (node,) array
        Sums of squares of deviations.
    """
    varies = square > 0
    if count < _FEWEST or not varies.any():
        return float("nan")
    return float((timed[varies] ** 2 / square[varies]).mean() / (count * (count**2 - 1.0) / 12.0))


def trend_warning(exposure: str, shares: Floats) -> str | None:
    """Return what there is to be said of an exposure of some work items, by their shares."""
    n_item = int((shares > MOST_TREND).sum())
    if not n_item:
        return None
    return (
        f"{exposure}: in {n_item} of {shares.size} work items a straight line over time explains more than "
        f"{100 * MOST_TREND:g} % of the variance (up to {100 * np.nanmax(shares):.5g} %), so that functional "
        "connectivity, phases and spectra show that trend; leave the transient out, or measure the sine of "
        "what is a phase (docs/measures.md)"
    )


@kernel(SUMMED)
def _with_time(values, timed):  # type: ignore[no-untyped-def]
    n_node, n_time = values.shape
    middle = 0.5 * (n_time - 1)
    for i in range(n_node):
        total = 0.0
        for t in range(n_time):
            total += (t - middle) * np.float64(values[i, t])
        timed[i] = total

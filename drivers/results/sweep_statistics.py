"""Mean and standard deviation of each work item of a sweep, read a part at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

_PART_BYTES = 32_000_000


@dataclass(frozen=True, eq=False)
class SweepStatistics:
    """Statistics of one exposure, NaN for work items that diverged.

    Parameters
    ----------
    mean : array of float64, one dimension an axis
        Mean over time and nodes.
    deviation : array of float64, likewise
        Standard deviation over time in each node, averaged over nodes.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def sweep_statistics(exposure: xr.DataArray) -> SweepStatistics:
    """Statistics of an exposure of dimensions (axes ..., time, node).

    Work items are read along the last axis, as they lie in a store, at most some 32 MB (or one) at a time.
    """
    axes = exposure.shape[:-2]
    mean, deviation = np.full(axes, np.nan), np.full(axes, np.nan)
    item_bytes = exposure[dict.fromkeys(exposure.dims[:-2], 0)].nbytes
    step = max(1, _PART_BYTES // max(1, item_bytes))
    for outer in np.ndindex(axes[:-1]):
        for start in range(0, axes[-1], step):
            index = (*outer, slice(start, start + step))
            values = exposure[index].values
            with np.errstate(invalid="ignore", over="ignore"):
                mean[index] = values.mean(axis=(-2, -1), dtype=np.float64)
                deviation[index] = values.std(axis=-2, dtype=np.float64).mean(axis=-1)
    diverged = ~(np.isfinite(mean) & np.isfinite(deviation))
    mean[diverged] = deviation[diverged] = np.nan
    return SweepStatistics(mean, deviation)


def has_statistics(measures: xr.Dataset) -> bool:
    """Tell whether mean and standard deviation of every exposure are among the kept measures."""
    return all(
        f"mean_{stem}{exposure}_all" in measures and f"std_{stem}{exposure}" in measures
        for exposure in measures.attrs["exposures"]
        for stem in ("FR_" if f"mean_FR_{exposure}_all" in measures else "",)
    )


def measured_statistics(measures: xr.Dataset, exposure: str) -> tuple[SweepStatistics, xr.DataArray]:
    """Statistics of an exposure of which measures are kept, and its mean as it stands there."""
    stem = "FR_" if f"mean_FR_{exposure}_all" in measures else ""
    mean = measures[f"mean_{stem}{exposure}_all"]
    deviation = measures[f"std_{stem}{exposure}"].mean("node", skipna=False)
    return SweepStatistics(np.array(mean.values), np.array(deviation.values)), mean

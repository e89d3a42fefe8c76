"""Values of pandas and xarray whose index names regions, put in the order of a connectome's labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from rateloom.drivers.support.errors import InputError

from .region_values import positions_of

_TIME, _NODE = "time", "node"
# Dimensions whose names say that they are regions.
_OF_REGIONS = (_NODE, "region")


def mapped_by_region(subject: str, values: Any, labels: Sequence[str] | None, n_node: int) -> Any:
    """Return a mapping of names to values with each value as `by_region` returns it.

    Parameters
    ----------
    subject : str
        What a value is, for messages: ``"parameter"``.
    values : mapping
        Anything else is returned as it is.
    """
    if not isinstance(values, Mapping):
        return values
    return {name: by_region(f"{subject} {name!r}", value, labels, n_node) for name, value in values.items()}


def by_region(subject: str, value: Any, labels: Sequence[str] | None, n_node: int) -> Any:
    """Return values whose index names regions in the order of a connectome's labels.

    Parameters
    ----------
    subject : str
        What the value is, for messages.
    value : Series, DataFrame, DataArray or object
        With the regions along one dimension, which becomes the last one; regions that the connectome does not
        have are left out. What names no regions is returned as it is: its values are in the connectome's
        order.
    labels : sequence of str, optional
        The connectome's labels.

    Returns
    -------
    array, DataArray or object
        With times, a DataArray with dimensions time (ms) and node.

    Raises
    ------
    InputError
        If a region of the connectome is absent from the names or occurs twice, if names stand where the
        connectome has none or others, or if numbers stand there that do not rise.
    """
    if not isinstance(value, pd.Series | pd.DataFrame | xr.DataArray):
        return value
    indexes = _indexes(value)
    axis = _region_axis(indexes, labels, n_node)
    if axis is None:
        if len(indexes) == 1:
            _check_rising(subject, indexes[0], n_node)
        return value
    names = [str(name) for name in indexes[axis]]  # type: ignore[union-attr]
    array = np.asarray(value)
    if names != list(labels or ()):
        array = np.take(array, positions_of(f"{subject}: names of regions", names, labels), axis)
    array = np.moveaxis(array, axis, -1)
    times = _times(value, axis)
    if times is not None:
        return xr.DataArray(array, times, (_TIME, _NODE))
    return array.reshape(-1) if array.ndim == 2 and len(array) == 1 else array


def _indexes(value: pd.Series[Any] | pd.DataFrame | xr.DataArray) -> list[pd.Index[Any] | None]:
    """Return the index of each dimension."""
    if isinstance(value, xr.DataArray):
        return [value.indexes.get(dim) for dim in value.dims]
    return [value.index] if isinstance(value, pd.Series) else [value.index, value.columns]


def _region_axis(
    indexes: Sequence[pd.Index[Any] | None], labels: Sequence[str] | None, n_node: int
) -> int | None:
    """Return the dimension that names regions: those of the connectome, or as many as it has."""
    known, axes = set(labels or ()), [k for k, index in enumerate(indexes) if index is not None]
    for k in reversed(axes):
        if known.intersection(str(name) for name in indexes[k]):  # type: ignore[union-attr]
            return k
    for k in reversed(axes):
        index = indexes[k]
        assert index is not None
        of_regions = len(indexes) == 1 or index.name in _OF_REGIONS
        if of_regions and len(index) == n_node > 1 and not pd.api.types.is_numeric_dtype(index):
            return k
    return None


def _check_rising(subject: str, index: pd.Index[Any] | None, n_node: int) -> None:
    """Raise InputError for one value a node in an order that its index says is another than the regions'."""
    if index is None or len(index) != n_node or index.is_monotonic_increasing:
        return
    raise InputError(
        f"{subject}: its index is of numbers that do not rise, and of no names of regions; give the regions' "
        "labels as its index, or values alone in their order"
    )


def _times(value: pd.Series[Any] | pd.DataFrame | xr.DataArray, axis: int) -> dict[str, Any] | None:
    """Return the coordinate of rows that have times, without one where their times are not given."""
    if isinstance(value, xr.DataArray):
        if value.ndim != 2 or value.dims[1 - axis] != _TIME:
            return None
        return {_TIME: value[_TIME].values} if _TIME in value.coords else {}
    if isinstance(value, pd.DataFrame) and axis == 1 and value.index.name == _TIME:
        return {_TIME: value.index.to_numpy()}
    return None

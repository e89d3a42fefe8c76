"""Values by the names of regions, put in the order of a connectome's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

from .table import Floats, Names


class TableWarning(UserWarning):
    """What was assumed of a file, or was not read of it."""


@dataclass(frozen=True, eq=False)
class RegionValues:
    """Values whose last dimension is regions, with their names, in any order.

    Attributes
    ----------
    where : str
        The file, for messages.
    values : array
        (region,) or (time, region).
    times : (time,) array, optional
        In ms.
    """

    where: str
    names: Names
    values: Floats
    times: Floats | None = None


def column_names(value: Any) -> Names:
    """Return the texts that name the columns of a DataFrame or a DataArray of two dimensions, if any do."""
    index = getattr(value, "columns", None)
    if index is None and getattr(value, "ndim", 0) == 2 and hasattr(value, "indexes"):
        index = value.indexes.get(value.dims[1])
    entries = () if index is None else tuple(index)
    return entries if all(isinstance(name, str) for name in entries) else ()


def positions_of(subject: str, names: Sequence[str], order: Sequence[str] | None) -> NDArray[np.int64]:
    """Return the position of each region of a connectome among the names of data.

    Parameters
    ----------
    subject : str
        What the message is about.
    order : sequence of str, optional
        The connectome's labels.

    Raises
    ------
    InputError
        If the connectome has no labels, or a region of it is missing in the names or occurs twice.
    """
    if order is None:
        raise InputError(f"{subject}: the connectome has none that they could be matched with")
    if len(names) < len(order):
        raise InputError(f"{subject}: {len(names)} names, and the connectome has {len(order)} regions")
    count, position = Counter(names), {name: k for k, name in enumerate(names)}
    for name in order:
        if count[name] != 1:
            fault = "absent from" if name not in count else "more than once in"
            raise InputError(f"{subject}: the connectome's region {name} is {fault} them")
    return np.array([position[name] for name in order])


def ordered(values: RegionValues, labels: Sequence[str] | None) -> tuple[Floats, tuple[TableWarning, ...]]:
    """Return values in the order of a connectome's labels; regions that it does not have are left out.

    Columns none of which is called like a region are taken in the order of the file, with a warning.

    Raises
    ------
    InputError
        See `positions_of`.
    """
    if values.values.ndim == 2 and not set(values.names) & set(labels or ()):
        text = "none of its columns has the name of a region; they are taken in the connectome's order"
        return values.values, (TableWarning(f"{values.where}: {text}"),)
    positions = positions_of(f"{values.where}: names of regions", values.names, labels)
    return np.ascontiguousarray(values.values[..., positions]), ()

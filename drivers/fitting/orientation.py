"""Which dimension of time series is time: their names say, or else the number of regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError

if TYPE_CHECKING:
    from rateloom.drivers.connectome.connectome import Connectome

_NAMED = "an xarray.DataArray with a dimension 'time' says which is which"


@dataclass(frozen=True, eq=False)
class Regions:
    """What is known of the regions of simulations before data are compared with them.

    Attributes
    ----------
    count : int, optional
    labels : sequence of str, optional
        Their names, in order.
    hemispheres : (region,) array of 0 and 1, optional
        1 on the right.
    """

    count: int | None = None
    labels: Sequence[str] | None = None
    hemispheres: NDArray[np.float64] | None = None


UNKNOWN = Regions()


def regions_of(connectome: Connectome) -> Regions:
    """Return the regions of a connectome."""
    return Regions(connectome.n_node, connectome.labels, connectome.hemispheres)


def is_named(values: Any) -> bool:
    """Tell whether the dimensions of a matrix have names, and one of them is time's."""
    dims = getattr(values, "dims", ())  # xarray takes its time to import
    return isinstance(dims, tuple) and len(dims) == 2 and "time" in dims


def check_orientation(subject: str, shape: tuple[int, ...], named: bool, count: int | None) -> None:
    """Raise InputError if series, a row a time and a column a region, are not of so many regions.

    Parameters
    ----------
    subject : str
        What the message says that it is about.
    shape : tuple of int
        Of an array of any number of dimensions; what is no matrix is left to others to refuse.
    named : bool
        Whether the dimensions have names, so that it is known which is time.
    count : int, optional
        Number of regions, where it is known.
    """
    if len(shape) != 2:
        return
    times, columns = shape
    size = f"{times} x {columns} numbers"
    if not named and times == columns:
        raise InputError(f"{subject}: {size}, and either may be time; {_NAMED}")
    if count is None:
        if not named and times < columns:
            raise InputError(
                f"{subject}: {size} are {columns} regions with fewer samples, which looks transposed; "
                f"give a row a time and a column a region, or {_NAMED}"
            )
    elif columns != count:
        looks = "; it looks transposed" if times == count and not named else ""
        raise InputError(
            f"{subject}: {size} are {columns} regions, and there are {count}{looks}: give a row a time and a "
            "column a region"
        )

"""The axis of subjects: a sweep goes over their connectomes as it does over values of a parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rateloom.drivers.connectome.subjects import subject_names

from .grid import CONNECTOME, Axis


def subject_axis(sources: Sequence[object]) -> Axis:
    """Return the axis of connectomes, whose values number them.

    Parameters
    ----------
    sources : sequence of Connectome, str or path
        See `rateloom.drivers.connectome.subjects.load_subjects`.

    Raises
    ------
    InputError
        If there are none, or two have one name.
    """
    return Axis(CONNECTOME, np.arange(len(sources), dtype=np.float64), subject_names(sources))

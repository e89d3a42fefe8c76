"""Work items whose values of nodes have names, put in the order of a connectome's labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rateloom.drivers.tables.region_values import positions_of

from .grid import Grid


def grid_by_region(grid: Grid, labels: Sequence[str] | None) -> Grid:
    """Return a grid whose values are in the connectome's order; regions that it does not have are left out.

    Raises
    ------
    InputError
        If a region of the connectome is absent from the names, or occurs twice.
    """
    if not grid.regions:
        return grid
    own = dict(grid.own)
    for name, names in grid.regions.items():
        if names != tuple(labels or ()):
            subject = f"work items: {name}: names of regions"
            own[name] = own[name][:, positions_of(subject, names, labels)]
    return replace(grid, own=own, regions={})

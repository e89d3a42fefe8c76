"""The picture of a sweep that keeps a selection of measures."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from .choice import handful
from .maps import draw_maps
from .measured import open_dataset
from .plot_style import save
from .view import view_of


def plot_chosen(dataset: xr.Dataset, path: Path) -> bool:
    """Draw heat maps of the measures that a sweep kept; return False if it kept matrices alone.

    Raises
    ------
    InputError
        If the picture cannot be written.
    """
    results = open_dataset(dataset, path)
    names = handful(results) or results.regional[:1]
    if not names:
        return False
    regional = any(results.measures[name].regional for name in names)
    save(draw_maps(results, names, view_of(results, regional=regional)), path)
    return True

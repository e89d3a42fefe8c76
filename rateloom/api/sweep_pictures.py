"""Pictures of sweeps, from the directory of a study or from a store of time series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from rateloom.api.opening import Opened, connectome_of_item, opened, series_of
from rateloom.drivers.model.description import check_names
from rateloom.drivers.pictures.choice import goodness, handful, is_distance
from rateloom.drivers.pictures.connectivity_plot import draw_connectivity
from rateloom.drivers.pictures.maps import draw_maps
from rateloom.drivers.pictures.measured import Results, check_measures
from rateloom.drivers.pictures.parallel import draw_parallel
from rateloom.drivers.pictures.plot_style import save
from rateloom.drivers.pictures.plots import draw_run
from rateloom.drivers.pictures.regions import default_regional, draw_regions
from rateloom.drivers.pictures.series_plot import draw_series, exposures_of
from rateloom.drivers.pictures.view import NODE, fixed_axes_text, indices_at, item_indices, item_of, view_of
from rateloom.drivers.planning.grid import MAX_ITEM
from rateloom.drivers.support.arguments import (
    count,
    named_values,
    one_of,
    optional_switch,
    optional_text,
    switch,
    texts,
    whole_number,
)
from rateloom.drivers.support.destinations import check_picture_place
from rateloom.drivers.support.errors import InputError, path_of
from rateloom.drivers.terminal.output_files import check_unused

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("maps", "series", "regions", "connectivity", "parallel")


@dataclass(frozen=True, eq=False)
class PictureOptions:
    """The options of a picture; see `plot`."""

    measures: tuple[str, ...]
    x: str | None
    y: str | None
    facet: str | None
    at: dict[str, object]
    item: int | None
    by: str | None
    best: int
    lowest: bool | None

    def __post_init__(self) -> None:
        for name in ("x", "y", "facet"):
            optional_text(name, getattr(self, name), "the name of an axis")
        optional_text("by", self.by, "the name of a measure")
        count("best", self.best)
        optional_switch("lowest", self.lowest)
        if self.item is not None:
            whole_number("item", self.item, 0, MAX_ITEM - 1)


def plot(
    study: str | PathLike[str],
    kind: str = "maps",
    *,
    measures: Sequence[str] | str = (),
    x: str | None = None,
    y: str | None = None,
    facet: str | None = None,
    at: Mapping[str, object] | None = None,
    item: int | None = None,
    by: str | None = None,
    best: int = 100,
    lowest: bool | None = None,
    out: str | PathLike[str] | None = None,
    overwrite: bool = False,
) -> Figure:
    """Draw a sweep.

    Parameters
    ----------
    study : path
        The directory of a study, finished or not, or a Zarr store of time series.
    kind : {"maps", "series", "regions", "connectivity", "parallel"}
        Heat maps of measures over two axes; a grid of time series; a regional measure over all work items;
        functional connectivity beside structural; parallel coordinates of the best work items.
    measures : sequence of str
        Measures to draw; a handful by default. With a value for each node, ``node`` is one more axis.
    x, y, facet : str, optional
        Shown axes; the first two by default, and no facets.
    at : mapping of str to number, optional
        Values at which the other axes are fixed, each at the nearest value of the axis, a connectome by its
        name; the middle ones by default.
    item : int, optional
        For series and connectivity: the number of the work item.
    by : str, optional
        For parallel coordinates: the measure that ranks the work items; by default a fit if there is one.
    best, lowest : int, bool, optional
        For parallel coordinates: the number of work items, and whether the lowest values are the best; by
        default they are for distances.
    out : path, optional
        The picture to write, as .png, .pdf or .svg.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ModelError, InputError
        If an argument cannot be used; one line says which and why.
    """
    one_of("kind", kind, KINDS)
    switch("overwrite", overwrite)
    names = (measures,) if isinstance(measures, str) else texts("measures", measures, "names of measures")
    fixed = dict(named_values("at", at, "{'G': 0.1}"))
    options = PictureOptions(names, x, y, facet, fixed, item, by, best, lowest)
    destination = None if out is None else path_of("out", out)
    if destination is not None:
        check_picture_place(destination, "--out")
    _refuse_useless(kind, options)
    source = opened(path_of("study", study))
    _check_names(source.results, options)
    # a wrong name would be as wrong under another name of the picture
    if destination is not None:
        check_unused([destination], overwrite)
    figure = _DRAW[kind](source, options)
    if destination is not None:
        save(figure, destination)
    return figure


# Options that have no effect on each kind of picture.
_USELESS = {
    "maps": ("item", "by", "lowest"),
    "series": ("measures", "facet", "by", "lowest"),
    "regions": ("x", "y", "facet", "item", "by", "lowest"),
    "connectivity": ("measures", "x", "y", "facet", "by", "lowest"),
    "parallel": ("x", "y", "facet", "at", "item"),
}


def _refuse_useless(kind: str, options: PictureOptions) -> None:
    for name in _USELESS[kind]:
        value = getattr(options, name)
        # an array is neither equal nor unequal to what is left out
        if not (value is None or (isinstance(value, tuple | dict) and not value)):
            raise InputError(f"a picture of kind {kind} takes no {name}; leave it out")


def _check_names(results: Results, options: PictureOptions) -> None:
    """Raise InputError for a measure or an axis that there is not."""
    check_measures(results, [*options.measures, *([options.by] if options.by else [])])
    axes = [name for name in (options.x, options.y, options.facet) if name not in (None, NODE)]
    check_names([*axes, *options.at], results.grid.names, "axis", str(results.source))


def _maps(source: Opened, options: PictureOptions) -> Figure:
    results = source.results
    if not results.grid.axes:
        raise InputError(f"{results.source} has no axes: it is one simulation; draw its series (kind series)")
    names = list(options.measures)
    regional = any(results.measures[name].regional for name in names)
    view = view_of(results, options.x, options.y, options.facet, options.at, regional)
    names = names or handful(results, 4 if view.facet else 6) or results.regional[:1]
    if not names:
        raise InputError(f"{results.source} has no measures to draw")
    return draw_maps(source.measured(view.fixed_axes), names, view)


def _series(source: Opened, options: PictureOptions) -> Figure:
    results = source.results
    if options.item is not None or set(results.grid.names) <= set(options.at):
        item, about = _one_item(results, options)
        return draw_run(series_of(source, [item]).isel(item=0), about)
    view = view_of(results, options.x, options.y, None, options.at)
    return draw_series(results, view, partial(series_of, source))


def _regions(source: Opened, options: PictureOptions) -> Figure:
    results = source.results
    if len(options.measures) > 1:
        raise InputError("a picture of regions shows one measure; give one")
    fixed_axes = {name: indices_at(results, options.at)[name] for name in options.at}
    name = options.measures[0] if options.measures else default_regional(results)
    return draw_regions(source.measured(fixed_axes), name, fixed_axes)


def _connectivity(source: Opened, options: PictureOptions) -> Figure:
    item, about = _one_item(source.results, options)
    series = series_of(source, [item]).isel(item=0)
    return draw_connectivity(series, exposures_of(series), connectome_of_item(source, item), about)


def _parallel(source: Opened, options: PictureOptions) -> Figure:
    results = source.results
    by = options.by or goodness(results)
    if by is None:
        raise InputError(f"{results.source} has no measures to rank work items by")
    names = list(options.measures) or [name for name in handful(results, 4) if name != by]
    lowest = is_distance(by) if options.lowest is None else options.lowest
    return draw_parallel(source.measured({}), by, names, options.best, lowest)


def _one_item(results: Results, options: PictureOptions) -> tuple[int, str]:
    """Return a work item, by its number or its values, and its caption."""
    if options.item is not None and options.at:
        raise InputError("a work item is given by its number (item) or by its values (at), not by both")
    indices = indices_at(results, options.at) if options.item is None else item_indices(results, options.item)
    item = item_of(results, indices)
    values = fixed_axes_text(results, indices)
    return item, ", ".join(text for text in (results.about, f"work item {item}", values) if text)


_DRAW = {
    "maps": _maps,
    "series": _series,
    "regions": _regions,
    "connectivity": _connectivity,
    "parallel": _parallel,
}

"""Pictures of sweeps: of the directory of a study, or of a store of time series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from rateloom.api.opening import Opened, opened, series_of
from rateloom.drivers.pictures.choice import goodness, handful, is_distance
from rateloom.drivers.pictures.connectivity_plot import draw_connectivity
from rateloom.drivers.pictures.maps import draw_maps
from rateloom.drivers.pictures.measured import Results, check_measures
from rateloom.drivers.pictures.parallel import draw_parallel
from rateloom.drivers.pictures.plot_style import save
from rateloom.drivers.pictures.plots import draw_run
from rateloom.drivers.pictures.regions import default_regional, draw_regions
from rateloom.drivers.pictures.series_plot import draw_series, exposures_of
from rateloom.drivers.pictures.view import held_text, item_of, item_place, place_of, view_of
from rateloom.drivers.support.destinations import check_picture_place, check_unused
from rateloom.drivers.support.errors import InputError, path_of, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("maps", "series", "regions", "connectivity", "parallel")


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is asked of a picture, in the words of `plot`."""

    measures: tuple[str, ...]
    x: str | None
    y: str | None
    facet: str | None
    at: dict[str, object]
    item: int | None
    by: str | None
    best: int
    lowest: bool | None


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
        Heat maps of measures over two axes; a grid of time series; a measure of each region over all work
        items; functional connectivity beside structural; parallel coordinates of the best work items.
    measures : sequence of str
        What is drawn; a handful by default. Of measures with a value a node, ``node`` is one more axis.
    x, y, facet : str, optional
        Axes that are shown; the first two by default, and no facets.
    at : mapping of str to number, optional
        Values at which the other axes are held, at the nearest there is; their middle ones by default.
    item : int, optional
        For series and connectivity: the work item, by its number.
    by : str, optional
        For parallel coordinates: the measure that work items are ranked by; a fit if there is one.
    best, lowest
        For parallel coordinates: how many work items, and whether those with the lowest
        value, as of distances by default.
    out : path, optional
        A picture to write, as .png, .pdf or .svg.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used; one line says what and why.
    """
    if kind not in KINDS:
        raise InputError(f"kind={shown(kind)} is unknown; use one of {', '.join(KINDS)}")
    names = (measures,) if isinstance(measures, str) else tuple(measures)
    wanted = Wanted(names, x, y, facet, dict(at or {}), item, by, best, lowest)
    target = None if out is None else path_of("out", out)
    if target is not None:
        check_picture_place(target, "--out")
        check_unused([target], overwrite)
    _refuse_useless(kind, wanted)
    figure = _DRAW[kind](opened(path_of("study", study)), wanted)
    if target is not None:
        save(figure, target)
    return figure


# What each kind of picture takes no notice of.
_USELESS = {
    "maps": ("item", "by", "lowest"),
    "series": ("measures", "facet", "by", "lowest"),
    "regions": ("x", "y", "facet", "item", "by", "lowest"),
    "connectivity": ("measures", "x", "y", "facet", "by", "lowest"),
    "parallel": ("x", "y", "facet", "at", "item"),
}


def _refuse_useless(kind: str, wanted: Wanted) -> None:
    given = [name for name in _USELESS[kind] if getattr(wanted, name) not in ((), None, {})]
    if given:
        raise InputError(f"a picture of kind {kind} takes no {given[0]}; leave it out")


def _maps(source: Opened, wanted: Wanted) -> Figure:
    results = source.results
    if not results.grid.axes:
        raise InputError(f"{results.source} has no axes: it is one simulation; draw its series (kind series)")
    names = list(wanted.measures)
    check_measures(results, names)
    regional = any(results.measures[name].regional for name in names)
    view = view_of(results, wanted.x, wanted.y, wanted.facet, wanted.at, regional)
    names = names or handful(results, 4 if view.facet else 6) or results.regional[:1]
    if not names:
        raise InputError(f"{results.source} has no measures to draw")
    return draw_maps(source.measured(view.held), names, view)


def _series(source: Opened, wanted: Wanted) -> Figure:
    results = source.results
    if wanted.item is not None or set(results.grid.names) <= set(wanted.at):
        item, about = _one_item(results, wanted)
        return draw_run(series_of(source, [item]).isel(item=0), about)
    view = view_of(results, wanted.x, wanted.y, None, wanted.at)
    return draw_series(results, view, partial(series_of, source))


def _regions(source: Opened, wanted: Wanted) -> Figure:
    results = source.results
    if len(wanted.measures) > 1:
        raise InputError("a picture of regions shows one measure; give one")
    check_measures(results, list(wanted.measures))
    held = {name: place_of(results, wanted.at)[name] for name in wanted.at}
    name = wanted.measures[0] if wanted.measures else default_regional(results)
    return draw_regions(source.measured(held), name, held)


def _connectivity(source: Opened, wanted: Wanted) -> Figure:
    item, about = _one_item(source.results, wanted)
    series = series_of(source, [item]).isel(item=0)
    return draw_connectivity(series, exposures_of(series), source.connectome(), about)


def _parallel(source: Opened, wanted: Wanted) -> Figure:
    results = source.results
    check_measures(results, [*wanted.measures, *([wanted.by] if wanted.by else [])])
    by = wanted.by or goodness(results)
    if by is None:
        raise InputError(f"{results.source} has no measures to rank work items by")
    names = list(wanted.measures) or [name for name in handful(results, 4) if name != by]
    lowest = is_distance(by) if wanted.lowest is None else wanted.lowest
    return draw_parallel(source.measured({}), by, names, wanted.best, lowest)


def _one_item(results: Results, wanted: Wanted) -> tuple[int, str]:
    """A work item, by its number or its values, and what it is called."""
    if wanted.item is not None and wanted.at:
        raise InputError("a work item is given by its number (item) or by its values (at), not by both")
    place = place_of(results, wanted.at) if wanted.item is None else item_place(results, wanted.item)
    item = item_of(results, place)
    values = held_text(results, place)
    return item, ", ".join(text for text in (results.about, f"work item {item}", values) if text)


_DRAW = {
    "maps": _maps,
    "series": _series,
    "regions": _regions,
    "connectivity": _connectivity,
    "parallel": _parallel,
}

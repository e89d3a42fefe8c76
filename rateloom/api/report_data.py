"""The data of a report's pictures: axes, measures, regions and some time series, as JSON."""

from __future__ import annotations

import base64
import math
import shlex
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from rateloom.api.opening import Opened, series_of
from rateloom.drivers.pictures.choice import goodness, handful, is_distance
from rateloom.drivers.pictures.connectivity_plot import functional_connectivity
from rateloom.drivers.pictures.measured import Results, values_of
from rateloom.drivers.pictures.parallel import ranked
from rateloom.drivers.pictures.plot_style import thinned
from rateloom.drivers.pictures.regions import is_counted, region_counts, values_name
from rateloom.drivers.pictures.series_plot import exposures_of, series_items
from rateloom.drivers.pictures.view import view_of
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import format_bytes

# Bytes of a report's measures; they take four thirds of this in the file, and twice in the browser.
MOST_BYTES = 64_000_000
# Up to so many nodes, a report has each node's series and connectivity.
MOST_NODES = 200
_NODE_SAMPLES = 300
_MOST_REGIONAL = 1_000_000


def report_data(
    source: Opened, results: Results, names: Sequence[str], items: Sequence[int]
) -> dict[str, Any]:
    """Return the data that the script of a report reads.

    Parameters
    ----------
    results : Results
        Measures over all axes.
    names : sequence of str
        Measures of the whole brain.
    items : sequence of int
        Work items with time series in the report.
    """
    grid = results.grid
    series = series_of(source, items) if items else None
    table = [name for name in handful(results) if name in names] or list(names[:6])
    by = goodness(results)
    view = view_of(results) if grid.axes else None
    brains = source.connectomes() if series is not None and len(results.labels) <= MOST_NODES else ()
    return {
        "axes": [
            {
                "name": a.name,
                "unit": results.units.get(a.name, ""),
                "values": a.values.tolist(),
                "names": list(a.names),
            }
            for a in grid.axes
        ],
        "measures": [_measure(results, name) for name in names],
        "done": None if results.simulated.all() else _text(results.simulated.astype(np.uint8)),
        "labels": list(results.labels),
        "view": {"x": view and view.x, "y": view and view.y, "measure": next(iter(table), None)},
        "table": table,
        "by": by if by in names else next(iter(names), None),
        "regions": _regions(results),
        # where connectomes are swept, no work item has those of all
        "weights": floats_text(brains[0].weights) if len(brains) == 1 else None,
        "series": _series(series, items),
        "first": None if grid.axes else 0,
        "command": None
        if source.series is None
        else f"rateloom plot {shlex.quote(str(results.source))} --kind series --item ",
    }


def chosen_measures(results: Results, requested: Sequence[str]) -> list[str]:
    """Return the measures of a report: the requested ones, or all if they fit, or else a handful.

    Raises
    ------
    InputError
        If they do not fit.
    """
    most = MOST_BYTES // (4 * results.grid.n_item)
    regional = [name for name in requested if results.measures[name].regional]
    if regional:
        raise InputError(
            f"measure {regional[0]} has a value a node; a report shows those by themselves, over all work "
            "items: name measures of the whole brain"
        )
    names = list(requested) or (results.whole_brain if len(results.whole_brain) <= most else handful(results))
    if not most:
        raise InputError(
            f"{results.grid.n_item} work items are too many for a report; it holds {MOST_BYTES // 4} numbers "
            "at most; draw pictures of parts: rateloom plot"
        )
    if len(names) > most:
        raise InputError(
            f"{len(names)} measures of {results.grid.n_item} work items take more than "
            f"{format_bytes(MOST_BYTES)}, which is the most for a report; name {most} at most (measures, "
            "--measure)"
        )
    return names


def chosen_items(results: Results, count: int, first: Sequence[int]) -> list[int]:
    """Return the work items with series in a report: `first`, a grid over the first view, and the best."""
    n_item = results.grid.n_item
    if not count:
        return []
    if not results.grid.axes:
        return [0]
    side = math.isqrt(max(1, count - len(first) - count // 5))
    items = dict.fromkeys(first)
    items |= dict.fromkeys(series_items(results, view_of(results), side).ravel().tolist())
    by = goodness(results)
    if by is not None and len(items) < min(count, n_item):
        items |= dict.fromkeys(ranked(results, by, (), count, is_distance(by)).items.tolist())
    return [item for item in items if results.simulated[item]][:count]


def floats_text(values: ArrayLike) -> str:
    """Encode an array for the script: base64 of float32, in little-endian order."""
    with np.errstate(over="ignore"):
        return _text(np.asarray(values).astype("<f4"))


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _measure(results: Results, name: str) -> dict[str, Any]:
    measured = results.measures[name]
    values = values_of(results, name, {}).transpose(*results.grid.names)
    return {
        "name": name, "unit": measured.unit, "description": measured.description,
        "distance": is_distance(name), "values": floats_text(values.values.ravel()),
    }  # fmt: skip


def _regions(results: Results) -> list[dict[str, Any]]:
    """Return each regional measure over all work items; only the first if there are very many values."""
    names = sorted(results.regional, key=lambda name: not is_counted(name))
    if results.grid.n_item * len(results.labels) > _MOST_REGIONAL:
        names = names[:1]
    entries = []
    for name in names:
        counts, measured = region_counts(results, name, {}), results.measures[name]
        visits = is_counted(name)
        about = f"work items, of {counts.n_item}, in which the region visits a high rate"
        entries.append(
            {
                "name": name,
                "title": "work items" if visits else values_name(results, name),
                "about": about
                if visits
                else f"mean and standard deviation over {counts.n_item} work items: {measured.description}",
                "heights": floats_text(counts.visited if visits else counts.mean),
                "spread": None if visits else floats_text(counts.deviation),
            }
        )
    return entries


def _series(series: xr.Dataset | None, items: Sequence[int]) -> dict[str, Any]:
    """Return series: means over nodes, thinned to the same look, and nodes averaged over stretches."""
    if series is None:
        return {"exposures": [], "times": [], "node_times": [], "items": {}}
    names, times = exposures_of(series), series["time"].values
    thin = thinned(times, times)[0]
    has_nodes = series.sizes["node"] <= MOST_NODES
    packed = {
        str(item): _item([np.asarray(series[name].values[k], np.float64) for name in names], times, has_nodes)
        for k, item in enumerate(items)
    }
    return {
        "exposures": [{"name": n, "unit": str(series[n].attrs.get("unit", ""))} for n in names],
        "times": np.round(thin, 6).tolist(),
        "node_times": np.round(stretches(times[:, None], _NODE_SAMPLES)[:, 0], 6).tolist(),
        "items": packed,
    }


def _item(
    values: Sequence[NDArray[np.float64]], times: NDArray[np.float64], has_nodes: bool
) -> dict[str, Any]:
    with np.errstate(invalid="ignore", over="ignore"):
        means = [floats_text(thinned(times, v.mean(axis=1))[1]) for v in values]
        if not has_nodes:
            return {"means": means, "nodes": None, "connectivity": None}
        return {
            "means": means,
            "nodes": [floats_text(stretches(v, _NODE_SAMPLES).T) for v in values],
            "connectivity": [floats_text(functional_connectivity(v)) for v in values],
        }


def stretches(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Return means (k, node) over at most `most` stretches of equal length; a remainder does not count."""
    length = max(1, -(-len(values) // most))
    full = values[: len(values) // length * length]
    return np.asarray(full.reshape(-1, length, values.shape[1]).mean(axis=1))

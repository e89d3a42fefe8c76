"""Measures of what `simulate` and `sweep` return, or of any such `xarray.Dataset`."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.catalogue import entry_of, unit_of, variable_name
from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.custom import Measure
from rateloom.drivers.measures.dynamics import bytes_needed
from rateloom.drivers.measures.item import has_dynamics, names_of
from rateloom.drivers.measures.selection import check_taken
from rateloom.drivers.measures.trend import TREND, trend_warning
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.attributes import described, plain_attributes
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes
from rateloom.drivers.support.notices import Warn, pass_on, unsaid

from .dataset_series import angles_of, exposures_of, node_labels, sample_distance
from .measure_request import (
    RATES,
    MeasureRequest,
    check_signals,
    context_of,
    measured_exposures,
    own_measures,
    window_warnings,
)

_PART_BYTES = 64_000_000
# Dimensions of matrices; of vectors, the first.
NODES = ("node", "other_node")


def measures_of_dataset(
    dataset: xr.Dataset,
    request: MeasureRequest,
    *,
    threads: int = 1,
    advance: Callable[[int], None] = lambda items: None,
    warn: Warn = unsaid,
) -> xr.Dataset:
    """Measures of each exposure; see `rateloom.measures`."""
    dt = sample_distance(dataset)
    variables: dict[str, Any] = {}
    names, periods = exposures_of(dataset), angles_of(dataset)
    contexts = {
        name: _context(dataset, dataset[name], dt, request, periods.get(name))
        for name in measured_exposures(names, periods, request)
    }
    check_taken(request.names, frozenset(name for c in contexts.values() for name in names_of(c)))
    for name, context in contexts.items():
        exposure = dataset[name]
        axes = [dim for dim in exposure.dims if dim not in ("time", "node")]
        exposure = exposure.transpose(*axes, "time", "node")
        unit = str(exposure.attrs.get("unit", ""))
        check_signals(name, context, exposure.sizes["time"])
        _check_memory(context, exposure.sizes, threads)
        pass_on(warn, window_warnings(name, context, exposure.sizes["time"]))
        custom = own_measures(context, request)
        arrays = _in_parts(exposure, context, RATES.get(unit, 1.0), custom, threads, advance)
        if (shares := arrays.pop(TREND, None)) is not None:
            pass_on(warn, trend_warnings({name: shares.ravel()}))
        for measure, array in arrays.items():
            described_as = _described(measure, "Hz" if context.rate else unit, request)
            dims = [*axes, *NODES[: array.ndim - len(axes)]]
            variable = variable_name(measure, name, context.rate)
            if variable in variables:
                raise InputError(f"two measures would be called {variable}; rename the exposure {name}")
            variables[variable] = (dims, array, described_as)
    timeless = dataset.drop_dims("time")
    other_variables = [name for name in timeless.data_vars if name != "diverged_step"]
    # what the run was made of, beside its attributes
    shared = {dim for array in dataset.data_vars.values() for dim in array.dims}
    other_variables += [name for name, array in timeless.coords.items() if not shared.issuperset(array.dims)]
    attributes = {"convention": request.convention, "measure_settings": asdict(request.settings)}
    return timeless.drop_vars(other_variables).assign(variables).assign_attrs(plain_attributes(attributes))


def trend_warnings(shares: Mapping[str, NDArray[np.float64]]) -> tuple[SettingsWarning, ...]:
    """Return a warning for each exposure whose measures show its trend, by the shares of all work items."""
    texts = (trend_warning(exposure, of_items) for exposure, of_items in shares.items())
    return tuple(SettingsWarning(text) for text in texts if text)


def _context(
    dataset: xr.Dataset, exposure: xr.DataArray, dt: float, request: MeasureRequest, period: float | None
) -> Context:
    unit = str(exposure.attrs.get("unit", ""))
    conn, n_node = request.connectome, exposure.sizes["node"]
    if conn is not None and conn.n_node != n_node:
        raise InputError(f"connectome {conn.name} has {conn.n_node} nodes and {exposure.name} has {n_node}")
    return context_of(request, unit, dt, node_labels(dataset, conn), n_node, period)


def _check_memory(context: Context, sizes: Mapping[Hashable, int], threads: int) -> None:
    """Raise InputError if sliding windows would fill the memory."""
    if not has_dynamics(context):
        return
    at_once = min(threads, math.prod(sizes.values()) // (sizes["time"] * sizes["node"]))
    needed = at_once * bytes_needed(
        context.settings, context.dt, sizes["time"], sizes["node"], context.convention
    )
    allowed = available_memory() // 2
    if needed > allowed:
        raise InputError(
            f"functional-connectivity dynamics in steps of {context.settings.fcd_step:g} ms take "
            f"{format_bytes(needed)} on {at_once} threads and {format_bytes(allowed)} may be used; "
            "raise fcd_step and fcd_window in settings, or lower threads"
        )


def _in_parts(
    exposure: xr.DataArray,
    context: Context,
    scale: float,
    custom: Sequence[Measure],
    threads: int,
    advance: Callable[[int], None],
) -> dict[str, NDArray[np.float64]]:
    """Measures of work items that are read along the last axis, as they lie in a store, some MB at a time."""
    axes = exposure.shape[:-2]
    step = max(1, _PART_BYTES // (exposure.dtype.itemsize * exposure.shape[-2] * exposure.shape[-1]))
    result: dict[str, NDArray[np.float64]] = {}
    for outer in np.ndindex(axes[:-1]):
        for start in range(0, axes[-1] if axes else 1, step):
            index: tuple[Any, ...] = (*outer, slice(start, start + step)) if axes else ()
            values = exposure[index].values
            values = values if axes else values[None]
            measured = measure_items(
                values, context, scale=scale, custom=custom, threads=threads, advance=advance
            )
            for name, array in measured.items():
                if name not in result:
                    result[name] = np.full((*axes, *array.shape[1:]), np.nan)
                result[name][index] = array if axes else array[0]
    return result


def _described(name: str, own: str, request: MeasureRequest) -> dict[str, str]:
    mine: dict[Hashable, Measure] = {entry.name: entry for entry in request.custom}
    if name in mine:
        return described(mine[name].unit, mine[name].description)
    return described(unit_of(name, own, request.convention), entry_of(name).meaning)

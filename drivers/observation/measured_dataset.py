"""Measures of what `simulate` and `sweep` return, or of any such `xarray.Dataset`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.catalogue import entry_of, unit_of, variable_name
from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.custom import Measure
from rateloom.drivers.measures.data_to_fit import DataToFit, check_n_node
from rateloom.drivers.measures.default_mode import default_mode
from rateloom.drivers.measures.dynamics import bytes_needed
from rateloom.drivers.measures.item import has_dynamics, names_of, too_short
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.selection import OF_ANGLES, check_taken, chosen
from rateloom.drivers.measures.trend import TREND, trend_warning
from rateloom.drivers.model.description import measurable
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.attributes import described, plain_attributes
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes
from rateloom.drivers.support.notices import Warn, pass_on, unsaid

_PART_BYTES = 64_000_000
# Units that are rates, and what makes them Hz.
RATES = {"kHz": 1000.0, "Hz": 1.0}
# Dimensions of matrices; of vectors, the first.
NODES = ("node", "other_node")


@dataclass(frozen=True, eq=False)
class MeasureRequest:
    """A request for measures: which ones, and how they are taken.

    Attributes
    ----------
    connectome : Connectome, optional
        What functional connectivity is compared with.
    convention : {"standard", "published"}
        Whose definitions.
    custom : sequence of Measure
        Further measures.
    matrices : bool
        Whether to give functional connectivity and phase-lag index as well.
    targets : tuple of DataToFit
        What functional connectivity and its dynamics are compared with.
    names : tuple of str, optional
        What is asked for, by families and names; all by default.
    """

    connectome: Connectome | None
    convention: str
    settings: MeasureSettings
    custom: Sequence[Measure]
    matrices: bool
    targets: tuple[DataToFit, ...] = ()
    names: tuple[str, ...] | None = None


def exposures_of(dataset: Any) -> list[str]:
    """Names of the variables over time and node.

    Raises
    ------
    InputError
        If the dataset has none, or one that is no array of real numbers.
    """
    if not isinstance(dataset, xr.Dataset):
        raise InputError(f"measures of {type(dataset).__name__}: give an xarray.Dataset, as simulate returns")
    names = [str(name) for name, array in dataset.data_vars.items() if {"time", "node"} <= set(array.dims)]
    if not names:
        raise InputError(
            "the dataset has no variable with dimensions time and node; there is nothing to measure"
        )
    for name in names:
        if dataset[name].dtype.kind not in "fiu":
            raise InputError(f"variable {name} is of dtype {dataset[name].dtype}; it must be real numbers")
        if 0 in dataset[name].shape:
            raise InputError(f"variable {name} is empty: {dict(dataset[name].sizes)}")
    return names


def angles_of(dataset: xr.Dataset) -> dict[str, float]:
    """Return the exposures that are angles, with their periods."""
    return dict(json.loads(dataset.attrs.get("angles", "{}")))


def measured_exposures(
    exposures: Sequence[str], angles: Collection[str], request: MeasureRequest, otherwise: str = ""
) -> list[str]:
    """Return the exposures that are measured: angles last, since most measures are not taken of them.

    Parameters
    ----------
    otherwise : str
        What else can be done where all are angles.

    Raises
    ------
    InputError
        If all are angles, and something is asked for that is not taken of them.
    """
    names = chosen(request.names, request.settings) or ()
    if request.custom or request.targets or request.matrices or not set(names) <= set(OF_ANGLES):
        measurable(exposures, angles, "measures but those of synchrony", otherwise)
    return sorted(exposures, key=lambda name: name in angles)


def sample_distance(dataset: xr.Dataset) -> float:
    """Time between samples in ms.

    Raises
    ------
    InputError
        If the coordinate ``time`` is absent, not in ms, or not evenly spaced.
    """
    if "time" not in dataset.coords:
        raise InputError("the dataset has no coordinate time; add one, in ms")
    unit = dataset["time"].attrs.get("unit", "ms")
    if unit != "ms":
        raise InputError(f"the coordinate time is in {unit}; convert it to ms")
    if dataset["time"].dtype.kind not in "fiu":
        raise InputError(
            f"the coordinate time is of dtype {dataset['time'].dtype}; it must be numbers, in ms"
        )
    times = dataset["time"].values.astype(np.float64)
    if times.size < 2:
        raise InputError("the dataset has one sample in time; measures need two at least")
    dt = float((times[-1] - times[0]) / (times.size - 1))
    even = times[0] + dt * np.arange(times.size)
    if not (np.isfinite(dt) and dt > 0 and np.abs(times - even).max() <= 1e-3 * dt):
        raise InputError("the coordinate time is not evenly spaced and rising; resample the dataset")
    return dt


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
    attributes = {"convention": request.convention, "measure_settings": asdict(request.settings)}
    return timeless.drop_vars(other_variables).assign(variables).assign_attrs(plain_attributes(attributes))


def trend_warnings(shares: Mapping[str, NDArray[np.float64]]) -> tuple[SettingsWarning, ...]:
    """Return a warning for each exposure whose measures show its trend, by the shares of all work items."""
    texts = (trend_warning(exposure, of_items) for exposure, of_items in shares.items())
    return tuple(SettingsWarning(text) for text in texts if text)


def window_warnings(exposure: str, context: Context, n_time: int) -> tuple[SettingsWarning, ...]:
    """Return a warning of the measures of an exposure that are NaN since its series is too short."""
    names, settings = too_short(context, n_time), context.settings
    if not names:
        return ()
    return (
        SettingsWarning(
            f"{exposure}: {n_time * context.dt:g} ms of samples are too short for {', '.join(names)}, which "
            f"will be NaN: windows have {settings.fcd_window:g} ms and steps {settings.fcd_step:g} ms; "
            "simulate longer, set fcd_window and fcd_step of the measures, or leave these measures out"
        ),
    )


def own_measures(context: Context, request: MeasureRequest) -> Sequence[Measure]:
    """Return the measures of a user's own that are taken of an exposure: none of an angle."""
    return request.custom if context.period is None else ()


def _context(
    dataset: xr.Dataset, exposure: xr.DataArray, dt: float, request: MeasureRequest, period: float | None
) -> Context:
    unit = str(exposure.attrs.get("unit", ""))
    conn, n_node = request.connectome, exposure.sizes["node"]
    if conn is not None and conn.n_node != n_node:
        raise InputError(f"connectome {conn.name} has {conn.n_node} nodes and {exposure.name} has {n_node}")
    return context_of(request, unit, dt, node_labels(dataset, conn), n_node, period)


def context_of(
    request: MeasureRequest,
    unit: str,
    dt: float,
    labels: Sequence[str],
    n_node: int,
    period: float | None = None,
) -> Context:
    """Return what measures need beside the values of an exposure.

    Parameters
    ----------
    unit : str
        Of the exposure.
    dt : float
        Time between samples, ms.
    labels : sequence of str
        Names of the nodes, or none.
    period : float, optional
        Length of a turn, where the exposure is an angle.
    """
    conn, settings = request.connectome, request.settings
    check_n_node(request.targets, n_node)
    names = chosen(request.names, settings)
    return Context(
        dt, unit in RATES, request.convention, settings,
        None if conn is None else conn.weights, None if conn is None else conn.tract_lengths,
        default_mode(labels, n_node, settings, request.convention), request.matrices, request.targets,
        None if names is None else frozenset(names), period,
    )  # fmt: skip


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


def node_labels(dataset: xr.Dataset, connectome: Connectome | None) -> Sequence[str]:
    """Names of the nodes, or none."""
    for name in ("label", "node"):
        if name in dataset.coords and dataset[name].dtype.kind in "UTO" and dataset[name].dims == ("node",):
            return [str(label) for label in dataset[name].values]
    return (connectome.labels or ()) if connectome is not None else ()


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

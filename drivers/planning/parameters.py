"""Parameter values of work items: the model's defaults, what a run sets, and what a sweep varies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.model.description import ModelDescription, ParameterInfo, check_names
from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import InputError, shown

from .grid import CONNECTOME, SEED, Grid

SPEED = "speed"
# axes that are no parameters
SETTING_AXES = (SPEED, SEED, CONNECTOME)


def swept_settings(model: ModelDescription, grid: Grid) -> tuple[str, ...]:
    """Return the settings that are swept; a parameter of the model goes before a setting of its name."""
    own = {p.name for p in model.parameters}
    return tuple(name for name in SETTING_AXES if name in grid.swept and name not in own)


def sweeps_seed(model: ModelDescription, grid: Grid) -> bool:
    """Tell whether the seed of random numbers is swept."""
    return SEED in swept_settings(model, grid)


class ParameterWarning(UserWarning):
    """A value outside the range that the model gives for a parameter."""


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """Values of every parameter before the sweep's axes are put in.

    Attributes
    ----------
    names : tuple of str
        One a row; a vector takes a row an element, ``P[0]``, ``P[1]``, ….
    values : (n_row, n_node or 1) array of float64
        One column unless a parameter is regional.
    warnings : tuple of ParameterWarning
        Of values outside the model's ranges.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    warnings: tuple[ParameterWarning, ...] = ()


def parameter_table(
    model: ModelDescription, parameters: Mapping[str, ArrayLike], grid: Grid, n_node: int
) -> ParameterTable:
    """Put the values of a run into a table and check them against the model and the grid.

    Parameters
    ----------
    model : ModelDescription
        Its parameters and their defaults.
    parameters : mapping of str to number or array
        A number, one value a node (n_node,), or for a vector its elements (size,) or (size, n_node).
    grid : Grid
        The sweep; its axes are parameters, elements of vectors such as ``P[3]``, or `SETTING_AXES`.
    n_node : int
        Number of nodes of the connectome.

    Raises
    ------
    InputError
        For an unknown name, a wrong shape, a value that is not finite, or a parameter both set and swept.
    """
    check_names(parameters, (p.name for p in model.parameters), "parameter", model.name)
    columns = {p.name: _value(p, parameters.get(p.name, p.value), n_node) for p in model.parameters}
    names = tuple(name for p in model.parameters for name in _elements(p))
    scalars = tuple(p.name for p in model.parameters if p.size is None)
    check_names(
        grid.swept, (*scalars, *(n for n in names if "[" in n), *SETTING_AXES), "parameter", model.name
    )
    for name in grid.swept:
        if name.split("[")[0] in parameters:
            raise InputError(f"parameter {name!r} is both set and swept; leave one of them out")
    _check_connectomes(grid, model)
    _check_nodes(grid, n_node)
    regional = any(values.ndim == 2 for values in grid.own.values())
    width = n_node if regional else max((c.shape[1] for c in columns.values()), default=1)
    rows = [np.broadcast_to(c, (c.shape[0], width)) for c in columns.values()]
    values = np.concatenate(rows) if rows else np.empty((0, 1))
    return ParameterTable(names, np.ascontiguousarray(values), tuple(_outside(model, columns, grid)))


def lane_parameters(
    table: ParameterTable, grid: Grid, items: NDArray[np.int64], dtype: str
) -> NDArray[np.floating]:
    """Parameter values of some work items.

    Returns
    -------
    (n_row, n_node or 1, n_item) array of `dtype`
    """
    values = np.repeat(table.values[:, :, None], len(items), axis=2)
    for name in grid.swept:
        if name in table.names:
            values[table.names.index(name)] = grid.item_values(name, items).T
    return values.astype(dtype)


def _check_connectomes(grid: Grid, model: ModelDescription) -> None:
    """Raise InputError for numbers in place of connectomes, or for both and a parameter of one name."""
    is_parameter = CONNECTOME in {p.name for p in model.parameters}
    if grid.connectomes and is_parameter:
        raise InputError(
            f"sweep {CONNECTOME}: {model.name} has a parameter of this name, which takes numbers; rename the "
            "parameter"
        )
    if CONNECTOME in grid.swept and not (grid.connectomes or is_parameter):
        raise InputError(
            f"{CONNECTOME}: numbers are no connectomes; these are an axis of names and paths "
            f"({CONNECTOME}=sub-01.zip,sub-02.zip) beside other axes, and no column of a list of work items"
        )


def _check_nodes(grid: Grid, n_node: int) -> None:
    """Raise InputError if work items have values for another number of nodes."""
    for name, values in grid.own.items():
        if values.ndim == 2 and (name in SETTING_AXES or values.shape[1] != n_node):
            takes = "it takes one a work item" if name in SETTING_AXES else f"the connectome has {n_node}"
            raise InputError(f"work items: {name} has values of {values.shape[1]} nodes; {takes}")


def _elements(parameter: ParameterInfo) -> tuple[str, ...]:
    if parameter.size is None:
        return (parameter.name,)
    return tuple(f"{parameter.name}[{i}]" for i in range(parameter.size))


def _value(parameter: ParameterInfo, value: ArrayLike, n_node: int) -> NDArray[np.float64]:
    """One parameter's values with a row an element and a column a node, or one column."""
    array = real_numbers(
        value, f"parameter {parameter.name!r}: {shown(value)} is not a number or an array of numbers"
    )
    if not np.isfinite(array).all():
        raise InputError(f"parameter {parameter.name!r} has a value that is not finite")
    size = parameter.size or 1
    if parameter.size is None and array.shape in ((), (1,), (n_node,)):
        return array.reshape(1, -1)
    if parameter.size is not None and array.shape in ((size,), (size, n_node)):
        return array.reshape(size, -1)
    shape_text = (
        f"one value or {n_node} (one a node)"
        if parameter.size is None
        else f"{size} values, or {size} x {n_node}"
    )
    shape = " x ".join(str(n) for n in array.shape) or "one"
    raise InputError(f"parameter {parameter.name!r}: {shape} values were given; it takes {shape_text}")


def _outside(
    model: ModelDescription, columns: Mapping[str, NDArray[np.float64]], grid: Grid
) -> Iterator[ParameterWarning]:
    """Warnings of values outside the model's ranges, which are advice and not bounds."""
    swept = {name.split("[")[0]: values for name, values in grid.swept.items()}
    for p in model.parameters:
        values = swept.get(p.name, columns[p.name])
        outside = values[(values < p.minimum) | (values > p.maximum)]
        if outside.size:
            bounds = f"{p.minimum:g} to {p.maximum:g}, {model.name}'s range"
            yield ParameterWarning(f"parameter {p.name}={outside.flat[0]:g} lies outside {bounds}")

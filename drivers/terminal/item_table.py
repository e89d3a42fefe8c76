"""A table of work items: a row each, a column a parameter."""

from __future__ import annotations

from rateloom.drivers.planning.grid import Grid, work_items
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.columns import read_columns


def read_item_table(file: str) -> Grid:
    """Read work items from a table with a header, whose columns are parameters, ``speed`` or ``seed``.

    Parameters
    ----------
    file : str
        See `rateloom.drivers.tables.columns.read_columns`.

    Raises
    ------
    InputError
        If it is no such table, or a value is no finite number.
    """
    try:
        columns = read_columns(file)
    except InputError as problem:
        raise InputError(f"--items {problem}") from None
    if not any(values.size for values in columns.values()):
        raise InputError(f"--items {file}: no work items; give a header of parameters and a row each")
    return work_items(columns)

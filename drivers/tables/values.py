"""Values of nodes, and time series of inputs, from files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular

from .region_values import RegionValues
from .sources import SUFFIXES, Source, is_file, parse_source, read_any
from .table import Floats


def read_values(file: str | Path) -> Floats | RegionValues:
    """Read finite numbers from ``FILE[:VARIABLE]``; see `rateloom.drivers.tables.sources`.

    Returns
    -------
    array of float64, or RegionValues
        (row, column), or of whatever shape a file of arrays has; values of regions where rows of one value
        or columns have names.

    Raises
    ------
    InputError
        If there is no such file, or what it holds is not finite numbers; the message names the place.
    """
    table = read_any(_source(str(file)))
    if table.values.dtype.kind not in "iuf" or table.values.size == 0:
        raise InputError(f"{table.where}: holds no numbers")
    values = table.values.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        position = np.unravel_index(int(np.argmin(finite)), values.shape)
        index = ", ".join(str(int(i)) for i in position)
        raise InputError(
            f"{table.where}: entry [{index}] is {values[position]}; every value must be a finite number"
        )
    if table.rows is not None:
        if values.shape[1] > 1:
            raise InputError(
                f"{table.where}: {values.shape[1]} columns of values beside the names; "
                "choose one of a table with a header with FILE:COLUMN"
            )
        return RegionValues(table.where, table.rows, values[:, 0])
    if table.columns is not None and values.shape[1] > 1:
        return RegionValues(table.where, table.columns, values)
    return values


def _source(text: str) -> Source:
    """Return the place of values; a file of another ending is text."""
    path = Path(text)
    if is_file(text) and path.suffix.lower() not in SUFFIXES:
        return Source(path.stem, path)
    try:
        if not is_file(text.rpartition(":")[0] or text):
            open_regular(path).close()
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise InputError(f"{path}: cannot be read ({reason})") from problem
    return parse_source(text, named=False)

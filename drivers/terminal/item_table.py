"""A table of work items: a row each, a column a parameter."""

from __future__ import annotations

import numpy as np

from rateloom.drivers.planning.grid import Grid, work_items
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.regular_files import check_regular


def read_item_table(path: str) -> Grid:
    """Read work items from a table with a header, whose columns are parameters, ``speed`` or ``seed``.

    Parameters
    ----------
    path : str
        A file of comma-separated values, or one that ends in ``.parquet``.

    Raises
    ------
    InputError
        If it is no such table, or a value is no number.
    """
    import pandas as pd

    try:
        check_regular(path)
        table = (
            pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path, skipinitialspace=True)
        )
    except ImportError:
        raise InputError(
            f'--items {shown(path)}: parquet takes pyarrow: pip install "rateloom[parquet]"'
        ) from None
    except (OSError, ValueError, UnicodeError) as problem:
        reason = " ".join(str(problem).split())
        raise InputError(f"--items {shown(path)}: no table of work items can be read: {reason}") from None
    if table.empty:
        raise InputError(f"--items {shown(path)}: no work items; give a header of parameters and a row each")
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"--items {shown(path)}: its rows have more values than its header has names")
    for name, column in table.items():
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
        wrong = np.flatnonzero(~np.isfinite(numbers))
        if wrong.size:
            row = int(wrong[0])
            value = shown(column.tolist()[row])
            raise InputError(f"--items {shown(path)}: {name} of work item {row} is {value}, no finite number")
    return work_items({str(name): column.to_numpy(np.float64) for name, column in table.items()})

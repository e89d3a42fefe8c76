"""Tables whose columns all are named and hold finite numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular, refusing

from .containers import parquet_frame
from .table import Floats
from .text_lines import content_lines
from .text_table import finite_rows, form_of_header


def read_columns(file: str) -> dict[str, Floats]:
    """Read the columns of a table by their names.

    Parameters
    ----------
    file : str
        A path that ends in ``.parquet``, or else of text with a header; a first column without a name, as
        pandas writes its index, is left out.

    Returns
    -------
    dict of str to (row,) array of float64
        Empty, if the file is.

    Raises
    ------
    InputError
        If it cannot be read, a column has no name or another one's, or an entry is no finite number.
    """
    with refusing(f"{file}: cannot be read"):
        return _of_parquet(Path(file)) if file.lower().endswith(".parquet") else _of_text(file)


def _of_text(file: str) -> dict[str, Floats]:
    with open_regular(file) as stream:
        lines = content_lines(stream, file)
        number, header = next(lines, (0, ""))
        if not header:
            return {}
        form = form_of_header(header)
        if not form.names[0]:
            form = replace(form, dropped=frozenset({0}))
        names = form.names
        for k, name in enumerate(names):
            if not name or name in names[:k]:
                fault = f"{name!r} twice" if name else "a column without a name"
                raise InputError(f"{file}:{number}: its header has {fault}")
        return dict(zip(names, finite_rows(lines, form, file).T, strict=True))


def _of_parquet(path: Path) -> dict[str, Floats]:
    frame = parquet_frame(path)
    named = [name for name in frame.index.names if name is not None]
    if named:
        raise InputError(f"{path}: {named[0]} is an index and no column; write the table without an index")
    columns: dict[str, Floats] = {}
    for name, column in frame.items():
        if column.dtype.kind not in "biuf":
            raise InputError(f"{path}: {name} holds {column.dtype} and no numbers")
        columns[str(name)] = values = column.to_numpy(np.float64)
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise InputError(f"{path}: {name} of row {wrong[0]} is {values[wrong[0]]}, no finite number")
    return columns

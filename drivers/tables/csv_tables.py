"""Tables as CSV that a spreadsheet shows and does not compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rateloom.drivers.support.errors import printable

from .text_lines import number_of

# what a spreadsheet takes for the begin of a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(frame: Any, path: Path) -> None:
    """Write a `pandas.DataFrame`, without its index.

    A name or a text that a spreadsheet would take for a formula gets a ``'`` in front, as spreadsheets
    themselves quote one. Numbers are left alone, also where they are texts.
    """
    quoted = frame.copy()
    for position, kind in enumerate(frame.dtypes):
        if kind.kind not in "biufc":
            quoted.isetitem(position, [plain_cell(value) for value in frame.iloc[:, position]])
    quoted.columns = [plain_cell(name) for name in frame.columns]
    quoted.to_csv(path, index=False)


def plain_cell(value: Any) -> Any:
    """Return a value as a cell holds it."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(_FORMULA) and number_of(text) is None else text

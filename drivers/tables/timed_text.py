"""Text tables whose first column is time: a row a time, a column a region."""

from __future__ import annotations

import re
from pathlib import Path

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular

from .region_values import RegionValues
from .text_lines import content_lines
from .text_table import finite_rows, form_of_header

_TIME = re.compile(r"t(?:ime)?(?:\s*[\[(]\s*(?P<unit>.*?)\s*[\])])?")


def read_timed_text(file: str) -> RegionValues | None:
    """Read rows with times from a text table whose header begins with ``time`` or ``t``.

    Returns
    -------
    RegionValues, or None if the file is no text, or has no such header

    Raises
    ------
    InputError
        If the header names another unit than ms or does not fit the rows, or an entry is no finite number.
    """
    path = Path(file)
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".dat") or not path.is_file():
        return None
    with open_regular(path) as stream:
        lines = content_lines(stream, str(path))
        number, header = next(lines, (0, ""))
        form = form_of_header(header)
        names = form.names
        time = _TIME.fullmatch(names[0].lower())
        if time is None:
            return None
        if time["unit"] not in (None, "ms"):
            raise InputError(f"{path}:{number}: times are in ms, and the header says {time['unit'][:40]}")
        if len(names) < 2:
            raise InputError(f"{path}:{number}: a header takes the time and one column a region")
        table = finite_rows(lines, form, str(path))
    if not len(table):
        raise InputError(f"{path}: no rows come after the header")
    return RegionValues(str(path), tuple(names[1:]), table[:, 1:], table[:, 0])

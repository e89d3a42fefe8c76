"""Connectomes of an axis from text: ``connectome=sub-01.zip,sub-02.zip``, a pattern, or a file of names."""

from __future__ import annotations

import glob
import os

from rateloom.drivers.planning.grid import CONNECTOME
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular
from rateloom.drivers.tables.text_lines import content_lines

_ARRAYS = (".csv", ".tsv", ".txt", ".npy", ".parquet")
_HINT = "give names and paths, a quoted pattern 'data/sub-*.zip', or @FILE with one connectome a line"


def subject_sources(text: str) -> tuple[str, ...] | None:
    """Return the connectomes that a text of ``--sweep`` lists; None if it is another axis, or has numbers.

    Parameters
    ----------
    text : str
        ``connectome=`` and names, paths or patterns with commas between them, or ``@FILE`` with one a line;
        there, ``WEIGHTS,LENGTHS`` is one connectome.

    Raises
    ------
    InputError
        If a pattern fits no file, the file cannot be read, or an array is listed without another.
    """
    name, _, right = (part.strip() for part in text.partition("="))
    if name != CONNECTOME or not right or _are_numbers(right):
        return None
    if right.startswith("@"):
        return _listed(right[1:].strip())
    return tuple(source for part in right.split(",") for source in _expanded(part.strip()))


def _are_numbers(text: str) -> bool:
    try:
        return all(float(number) is not None for part in text.split(",") for number in part.split(":"))
    except ValueError:
        return False


def _listed(file: str) -> tuple[str, ...]:
    try:
        with open_regular(file) as stream:
            lines = tuple(line for _, line in content_lines(stream, file))
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        raise InputError(f"sweep {CONNECTOME}: {file!r} cannot be read ({reason}); {_HINT}") from None
    if not lines:
        raise InputError(f"sweep {CONNECTOME}: {file} lists no connectomes; write one a line")
    return lines


def _expanded(part: str) -> list[str]:
    """Return the files that fit a pattern, in the order of their names; what is no pattern is itself."""
    if not part:
        raise InputError(f"sweep {CONNECTOME}: a name is empty; {_HINT}")
    if os.path.splitext(part.split(":")[0])[1].lower() in _ARRAYS:  # noqa: PTH122 - it may be no path
        raise InputError(
            f"sweep {CONNECTOME}: {part} is an array, of weights or of lengths; list pairs WEIGHTS,LENGTHS "
            "in a file, one a line, and give connectome=@FILE"
        )
    if not glob.has_magic(part) or os.path.exists(part):  # noqa: PTH110 - Path.exists raises for some names
        return [part]
    found = sorted(glob.glob(part))  # noqa: PTH207 - a pattern may begin at the root
    if not found:
        raise InputError(f"sweep {CONNECTOME}: no file fits {part!r}; {_HINT}")
    return found

"""Free parameters from the text of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import open_regular, reason_of
from rateloom.drivers.tables.region_values import RegionValues, ordered
from rateloom.drivers.tables.table import Floats
from rateloom.drivers.tables.text_lines import cells_of, content_lines, delimiter_of, number_of
from rateloom.drivers.tables.text_table import OF_NAMES
from rateloom.drivers.tables.values import read_values

from .free import NODE, Free

_FORMS = (
    "write it like G=0:3, speed=1:10:0.5 (a step), nsig=log:1e-9:1e-4, eta@node=-6:-4, eta@groups.csv=-6:-4 "
    "or eta~map.npy=-6:-4,-1:1"
)
_Range = tuple[float, float, float | None, bool]


def parse_free(texts: Sequence[str], labels: Sequence[str] | None) -> dict[str, Free]:
    """Parse free parameters.

    Parameters
    ----------
    texts : sequence of str
        ``NAME=RANGE`` for one number, ``NAME@node=RANGE`` for one a node, ``NAME@FILE=RANGE`` for one a group
        of nodes, ``NAME~MAP,MAP=RANGE,RANGE,RANGE`` for a number and a factor for each map. A range is
        ``low:high``, ``low:high:step`` or ``log:low:high``.
    labels : sequence of str, optional
        Names of the nodes, for files of groups that name them.

    Raises
    ------
    InputError
        If a text has none of these forms, a name occurs twice, or a file cannot be used.
    """
    free: dict[str, Free] = {}
    for text in texts:
        left, equals, right = (part.strip() for part in text.rpartition("="))
        marks = [mark for mark in left if mark in "@~"]
        name, source = left, ""
        if marks:
            name, _, source = (part.strip() for part in left.partition(marks[0]))
        if not (name and equals and right) or (marks and not source):
            raise InputError(f"--free {text!r}: {_FORMS}")
        if name in free:
            raise InputError(f"--free {text}: {name} is free already; give it once")
        try:
            ranges = [_range(part) for part in right.split(",")]
            free[name] = _free(marks[0] if marks else "", source, ranges, labels)
        except InputError as problem:
            raise InputError(f"--free {text}: {str(problem).removeprefix('free: ')}") from None
    return free


def read_groups(file: str, labels: Sequence[str] | None) -> list[str]:
    """Read the names of the nodes' groups: a line a node, or lines of label and group in any order.

    Raises
    ------
    InputError
        If the file cannot be read, or the labels are not the connectome's.
    """
    path = Path(file)
    try:
        with open_regular(path) as stream:
            lines = [line for _, line in content_lines(stream, str(path))]
    except (OSError, ValueError) as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({reason_of(problem)})") from None
    delimiter = delimiter_of(lines[0]) if lines else None
    rows = [cells for line in lines if (cells := cells_of(line, delimiter))]
    if delimiter is None:  # the last word is the group, and a label may have several
        rows = [[" ".join(row[:-1]), row[-1]][len(row) < 2 :] for row in rows]
    if rows and rows[0][0].lower() in OF_NAMES:
        del rows[0]  # a header
    if not rows or len({len(row) for row in rows}) > 1 or len(rows[0]) > 2:
        raise InputError(f"{path}: give a line a node with its group, or with its label and its group")
    if len(rows[0]) == 1:
        return [row[0] for row in rows]
    groups: dict[str, str] = {row[0]: row[1] for row in rows}
    unknown = [label for label in groups if label not in (labels or ())]
    lacking = [label for label in labels or () if label not in groups]
    if unknown or lacking or len(groups) < len(rows):
        fault = (
            f"no node is called {unknown[0]}" if unknown else f"node {lacking[0]} has none" if lacking else ""
        )
        raise InputError(f"{path}: {fault or 'a node is there twice'}; every node needs one group")
    return [groups[label] for label in labels or ()]


def _free(mark: str, source: str, ranges: Sequence[_Range], labels: Sequence[str] | None) -> Free:
    n_range = 1 if mark != "~" else 1 + len(source.split(","))
    if len(ranges) != n_range:
        plural = f"{n_range} ranges" if n_range > 1 else "one range"
        subject = "a number and a factor of each map take" if mark == "~" else "it takes"
        raise InputError(f"{len(ranges)} ranges are given; {subject} {plural}")
    if mark == "@":
        return Free(*ranges[0], per=NODE if source == NODE else read_groups(source, labels))
    if mark == "~":
        files = [file.strip() for file in source.split(",")]
        names = [Path(file).stem for file in files]
        if len(set(names)) < len(names):
            raise InputError("two maps have one name; rename a file")
        if any(step is not None or log for _, _, step, log in ranges[1:]):
            raise InputError("the factor of a map has a range low:high")
        maps = {
            name: (_map(file, labels), low, high)
            for name, file, (low, high, _, _) in zip(names, files, ranges[1:], strict=True)
        }
        return Free(*ranges[0], maps=maps)
    return Free(*ranges[0])


def _map(file: str, labels: Sequence[str] | None) -> Floats:
    values = read_values(file)
    return np.ravel(ordered(values, labels)[0] if isinstance(values, RegionValues) else values)


def _range(text: str) -> _Range:
    words = [word.strip() for word in text.split(":")]
    log = words[0] == "log"
    numbers = [_number(word) for word in words[log:]]
    if len(numbers) == 2:
        return numbers[0], numbers[1], None, log
    if len(numbers) == 3 and not log:
        return numbers[0], numbers[1], numbers[2], False
    raise InputError(f"{text.strip()!r} is no range; {_FORMS}")


def _number(text: str) -> float:
    value = number_of(text)
    if value is None:
        raise InputError(f"{text!r} is not a number; {_FORMS}")
    return value

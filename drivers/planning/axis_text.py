"""An axis of a sweep from text: ``G=0:1:16``, ``eta=-5,-4.6``, ``seed=0:9``."""

from __future__ import annotations

import math

import numpy as np

from rateloom.drivers.support.errors import InputError

from .grid import MAX_AXIS, SEED, Axis

_FORMS = "write it like G=0:1:16, eta=-5,-4.6, seed=0:9 or nsig=log:1e-9:1e-4:4"


def parse_axis(text: str) -> Axis:
    """An axis from text: ``name=start:stop:count``, ``name=log:start:stop:count`` or ``name=a,b``.

    Both ends are among the values; ``log`` spaces them by a constant factor. ``seed=0:9`` are whole numbers.

    Raises
    ------
    InputError
        If the text has none of these forms, or its values make no `Axis`.
    """
    name, equals, right = (part.strip() for part in text.partition("="))
    if not (name and equals and right):
        raise InputError(f"sweep {text!r}: {_FORMS}")
    if ":" not in right:
        return Axis(name, np.array([_number(name, part) for part in right.split(",")]))
    parts = right.split(":")
    if len(parts) == 2 and name == SEED:
        first, last = (_number(name, part) for part in parts)
        if not (first.is_integer() and last.is_integer() and 0 <= last - first < MAX_AXIS):
            raise InputError(f"sweep {text!r}: whole numbers from the first to the last, like seed=0:9")
        return Axis(name, np.arange(first, last + 1))
    spaced_by_factor = parts[0].strip() == "log"
    if spaced_by_factor:
        parts = parts[1:]
    if len(parts) != 3:
        raise InputError(f"sweep {text!r}: {_FORMS}")
    start, stop, count = _number(name, parts[0]), _number(name, parts[1]), _count(name, parts[2])
    if not spaced_by_factor:
        if not math.isfinite(stop - start):
            raise InputError(f"sweep {name}: {start:g} and {stop:g} are too far apart to count between them")
        return Axis(name, np.linspace(start, stop, count))
    if start <= 0 or stop <= 0:
        raise InputError(f"sweep {name}: log needs bounds above zero, not {start:g} and {stop:g}")
    return Axis(name, np.geomspace(start, stop, count))


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"sweep {name}: {text.strip()!r} is not a number; {_FORMS}") from None
    if not math.isfinite(value):
        raise InputError(f"sweep {name}: {text.strip()} is not a finite number")
    return value


def _count(name: str, text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise InputError(f"sweep {name}: the count {text.strip()!r} is not a whole number") from None
    if not 1 <= count <= MAX_AXIS:
        raise InputError(f"sweep {name}: a count of {count}; it must be from 1 to {MAX_AXIS}")
    return count

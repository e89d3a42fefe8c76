"""Times and speeds as they are written on a command line: a number, or a number and its unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

# of each unit's own: how many of the unit that a number without one has
UNITS: Mapping[str, Mapping[str, Fraction]] = {
    "ms": {
        "us": Fraction(1, 1000), "ms": Fraction(1), "s": Fraction(1000), "min": Fraction(60_000),
        "h": Fraction(3_600_000),
    },
    "s": {"ms": Fraction(1, 1000), "s": Fraction(1), "min": Fraction(60), "h": Fraction(3600)},
    "mm/ms": {"mm/ms": Fraction(1), "m/s": Fraction(1)},
}  # fmt: skip


def quantity_of(text: str, unit: str) -> float:
    """Return a number in `unit`, from text such as ``200``, ``2s`` or ``0.5 min``.

    Parameters
    ----------
    text : str
        A number, with one of the units of ``UNITS[unit]`` behind it or without.
    unit : {"ms", "s", "mm/ms"}
        What a number without a unit is in.

    Raises
    ------
    ValueError
        If it is neither; the message says what is.
    """
    known = UNITS[unit]
    number, factor = text.strip(), Fraction(1)
    # the longest first: 'ms' ends in 's'
    for name in sorted(known, key=len, reverse=True):
        if number.endswith(name):
            number, factor = number[: -len(name)].rstrip(), known[name]
            break
    try:
        value = float(number)
        # a fraction of 1e-999999999 would fill the memory
        exact = factor == 1 or value == 0 or not math.isfinite(value)
        return value if exact else float(Fraction(number) * factor)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text[:40]!r} is not a number in {unit}, nor one with a unit ({', '.join(known)})"
        ) from None


def has_unit(text: str, unit: str) -> bool:
    """Tell whether a quantity is written with its unit."""
    return text.strip().endswith(tuple(UNITS[unit]))

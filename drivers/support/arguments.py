"""Arguments of public functions: one check for each kind, whatever is given in its place.

Each returns the value as a plain one of Python's, so that no small integer of NumPy's overflows later.
"""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .errors import InputError, shown

_PLAIN = (str, int, np.integer, np.bool_, type(None))


def switch(name: str, value: object) -> bool:
    """Return a switch, or raise InputError if it is neither True nor False."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name}={shown(value)}: it must be True or False")
    return bool(value)


def optional_switch(name: str, value: object) -> bool | None:
    """Return a switch that may be left out, or raise InputError."""
    if value is None:
        return None
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name}={shown(value)}: it must be True, False or None")
    return bool(value)


def whole_number(name: str, value: object, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, or raise InputError."""
    if not is_whole(value) or not low <= int(value) <= high:
        raise InputError(f"{name}={shown(value)}: it must be a whole number from {low} to {high}")
    return int(value)


def count(name: str, value: object, least: int = 1) -> int:
    """Return a number of things, or raise InputError if it is none, or fewer than `least`."""
    if not is_whole(value) or int(value) < least:
        raise InputError(f"{name}={shown(value)}: it must be a whole number, at least {least}")
    return int(value)


def is_whole(value: object) -> TypeGuard[int | np.integer[Any]]:
    """Tell whether a value is a whole number, Python's or NumPy's, and no switch."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def finite_number(value: object) -> float | None:
    """Return a real number as a float; None where it is none, or none that is finite."""
    number = real_number(value)
    return number if number is not None and math.isfinite(number) else None


def real_number(value: object) -> float | None:
    """Return a real number as a float, infinite if it is too large for one; None where it is none."""
    if not isinstance(value, int | float | np.integer | np.floating) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def positive_number(name: str, value: object, infinite: bool = False, unit: str = "ms") -> float:
    """Return a length in ms, say, or raise InputError if it is not above zero."""
    number = real_number(value)
    if number is None:
        raise InputError(f"{name}={shown(value)}: it must be a number of {unit}")
    if not number > 0 or (math.isinf(number) and not infinite):
        ending = " (inf for no delays)" if infinite else " and finite"
        raise InputError(f"{name}={number:g} {unit}: it must be above zero{ending}")
    # the reciprocal of a smaller one is infinite
    if number < sys.float_info.min:
        raise InputError(f"{name}={number:g} {unit}: it is too small to be divided by")
    return number


def edges(name: str, value: object) -> tuple[float, float]:
    """Return the edges of a frequency band in Hz, or raise InputError."""
    numbers = [finite_number(edge) for edge in value] if isinstance(value, tuple | list) else []
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        raise InputError(f"{name}={shown(value)}: it must be two frequencies in Hz, lower and upper")
    if not 0 <= numbers[0] < numbers[1]:
        raise InputError(f"{name}={shown(value)}: the lower edge must be at least 0 and below the upper")
    return numbers[0], numbers[1]


def one_of(name: str, value: object, choices: Sequence[object]) -> Any:
    """Return the choice that a value is, or raise InputError."""
    # an array, say, can be compared with nothing, and True equals 1
    plain = isinstance(value, _PLAIN) and isinstance(value, bool | np.bool_) <= isinstance(choices[0], bool)
    if not plain or value not in choices:
        raise InputError(f"{name}={shown(value)} is unknown; use one of {', '.join(str(c) for c in choices)}")
    return next(choice for choice in choices if choice == value)


def real_numbers(value: object, complaint: str, kinds: str = "biuf") -> NDArray[np.float64]:
    """Return a number or an array of real numbers, finite or not, as float64.

    Parameters
    ----------
    kinds : str
        NumPy's kinds that count as numbers; with "b", switches do.

    Raises
    ------
    InputError
        With this complaint, if it is none: text, times, complex numbers, rows of different lengths.
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(isinstance(entry, numbers.Real) for entry in array.flat):
            return array.astype(np.float64)
    except Exception:  # an object may do anything when it is asked for its numbers
        raise InputError(complaint) from None
    if array.dtype.kind not in kinds:
        raise InputError(complaint)
    with np.errstate(over="ignore"):
        return array.astype(np.float64, copy=False)


def texts(name: str, value: object, meaning: str) -> tuple[str, ...]:
    """Return a list of texts, or raise InputError; a text by itself is none."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str | bytes):
        raise InputError(f"{name}={shown(value)}: give a list of {meaning}")
    entries = tuple(value)
    for entry in entries:
        if not isinstance(entry, str):
            raise InputError(f"{name}: {shown(entry)} is no text; give a list of {meaning}")
    return tuple(str(entry) for entry in entries)


def text(name: str, value: object, meaning: str) -> str:
    """Return a text, or raise InputError."""
    if not isinstance(value, str):
        raise InputError(f"{name}={shown(value)}: give {meaning}")
    return value


def optional_text(name: str, value: object, meaning: str) -> str | None:
    """Return a text that may be left out, or raise InputError."""
    return None if value is None else text(name, value, meaning)


def named_values(name: str, value: object, example: str) -> Mapping[str, Any]:
    """Return a mapping of names to values, or raise InputError; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{name}={shown(value)}: it must be a mapping of names to values, like {example}")
    return value

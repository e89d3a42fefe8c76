"""The one error that bad input to the drivers ends in."""

from __future__ import annotations

import os
import reprlib
from pathlib import Path

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


class InputError(ValueError):
    """Something a user gave that cannot be used: one line with what, where and how to mend it."""


def shown(value: object) -> str:
    """A value as it is shown in a message: on one line, and cut if it is long."""
    return " ".join(_SHORT.repr(value).split())


def path_of(name: str, value: object) -> Path:
    """Return a path that a user gave for an option or an argument of this name.

    Raises
    ------
    InputError
        If it is none.
    """
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(text, str) or "\0" in text:
        raise InputError(f"{name}={shown(value)}: it must be a path")
    return Path(text)

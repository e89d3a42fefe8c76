"""The one error that bad input to the drivers ends in."""

from __future__ import annotations

import os
import reprlib
from pathlib import Path

# bytes of a name and of a path, on Linux
_MOST_LETTERS, _MOST_PATH = 255, 4095
_CUT = " … "
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


# A message names what was given, which may be of any length; its remedy comes last.
_MOST_BEFORE, _MOST_AFTER = 450, 150


class InputError(ValueError):
    """Something a user gave that cannot be used: one line with what, where and how to mend it.

    Whatever the message quotes, it has one line of at most some 600 characters that can be printed anywhere.
    """

    def __init__(self, message: str) -> None:
        line = printable(" ".join(str(message).split("\n")))
        if len(line) > _MOST_BEFORE + _MOST_AFTER + len(_CUT):
            line = f"{line[:_MOST_BEFORE]}{_CUT}{line[-_MOST_AFTER:]}"
        super().__init__(line)


def shown(value: object) -> str:
    """A value as it is shown in a message: on one line, and cut if it is long."""
    return printable(" ".join(_SHORT.repr(value).split()))


def printable(text: str) -> str:
    """Return a text that can be written in UTF-8: what it has no letters for is written as numbers."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


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
    path = Path(text)
    try:
        longest = max(map(len, map(os.fsencode, (".", *path.parts))))
    except UnicodeEncodeError:
        raise InputError(f"{name}={shown(value)}: no file can be called that") from None
    # pathlib raises for what no file system takes
    if longest > _MOST_LETTERS or len(os.fsencode(path)) > _MOST_PATH:
        raise InputError(f"{name}={shown(value)}: it is too long for a path")
    return path

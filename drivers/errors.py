"""The one error that bad input to the drivers ends in."""

from __future__ import annotations


class InputError(ValueError):
    """Something a user gave that cannot be used: one line with what, where and how to mend it."""

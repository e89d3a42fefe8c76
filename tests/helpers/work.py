"""How much work a call does, counted and not timed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fail as soon as the block has called more functions than so many, of Python and of C."""
    done = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal done
        done += event in ("call", "c_call")
        if done > calls:
            sys.setprofile(None)
            pytest.fail(f"more than {calls:,} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)

"""Notices of a run: its progress, lines of text, and warnings, which are data until issued."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Announce = Callable[[str], None]
Warn = Callable[[Warning], None]


def unsaid(warning: Warning) -> None:
    """Leave a warning out, where someone else issues it."""


@dataclass(frozen=True)
class Reports:
    """The receivers of a run's progress, announcements and warnings.

    Attributes
    ----------
    progress : bool, optional
        Whether to show a progress bar; on a terminal by default.
    announce : callable, optional
        Told, line by line, what will be done before it starts.
    warn : callable
        Told each warning, once.
    """

    progress: bool | None = None
    announce: Announce | None = None
    warn: Warn = unsaid


NOBODY = Reports()


def pass_on(warn: Warn, messages: Iterable[Warning]) -> None:
    """Hand on the warnings that a check returned."""
    for warning in messages:
        warn(warning)


def issue(warning: Warning) -> None:
    """Issue a warning of Python's, at the line that called this package."""
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "rateloom":
        frame, level = frame.f_back, level + 1
    warnings.warn(warning, stacklevel=level)

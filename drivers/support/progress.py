"""A progress bar with rate, elapsed time and time left, for what takes longer than two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .arguments import optional_switch

_PATIENCE = 2.0


@contextmanager
def progress_bar(
    total: float, description: str, unit: str, enabled: bool | None = None, console: Console | None = None
) -> Iterator[Callable[[float], None]]:
    """Show how far a long computation has come, on standard error.

    Parameters
    ----------
    total : float
        Amount of work.
    description : str
        What is being done, at the left of the bar.
    unit : str
        Unit of the work, for the rate: ``"node-steps"``.
    enabled : bool, optional
        Whether to show it; by default, if standard error is a terminal.
    console : rich.console.Console, optional
        Where to show it.

    Yields
    ------
    callable
        ``advance(n)`` says that another n of the total is done.
    """
    console, chosen = console or Console(stderr=True), optional_switch("progress", enabled)
    if not (console.is_terminal if chosen is None else chosen):
        yield lambda amount: None
        return
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        # Work comes in chunks that may take minutes: the rate over all of it is the steady one.
        speed_estimate_period=86400.0,
    )
    task = progress.add_task(description, total=total, rate="")
    begun, total_done = time.monotonic(), 0.0

    def advance(amount: float) -> None:
        nonlocal total_done
        total_done += amount
        rate = total_done / max(time.monotonic() - begun, 1e-9)
        progress.update(task, advance=amount, rate=f"{format_count(rate)} {unit}/s")

    # Started by a timer, since the first chunk may end long after the two seconds.
    timer = threading.Timer(_PATIENCE, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield advance
    finally:
        timer.cancel()
        timer.join()
        progress.stop()


def format_count(number: float) -> str:
    """Three digits and a letter: ``12.3 M``."""
    for letter, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= 0.9995 * size:
            return f"{number / size:.3g} {letter}"
    return f"{number:.3g}"

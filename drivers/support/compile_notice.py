"""A line for the user where kernels are compiled: the first run of a model waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .notices import Announce

COMPILING = "compiling kernels, which takes seconds; they are kept for the next run"
_OWN = "rateloom"


@contextmanager
def compiling_announced(announce: Announce | None) -> Iterator[None]:
    """Say once that kernels are compiled, if Numba does not find them where they are kept."""
    if announce is None:
        yield
        return
    from numba.core import event

    once, say = threading.Lock(), announce

    class Listener(event.Listener):  # type: ignore[misc]
        def on_start(self, started: event.Event) -> None:
            compiled = started.data["dispatcher"].py_func.__module__ or ""
            if compiled.startswith(_OWN) and once.acquire(blocking=False):
                say(COMPILING)

        def on_end(self, ended: event.Event) -> None:
            pass

    with event.install_listener("numba:compile", Listener()):
        yield

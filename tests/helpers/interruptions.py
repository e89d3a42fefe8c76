"""Studies that end before they are done."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import pytest

from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.backends.numba.thread_backend import ThreadBackend


def stopped_after(
    monkeypatch: pytest.MonkeyPatch, n_block: int, problem: BaseException | type[BaseException]
) -> None:
    """Let the next sweep end in a problem after some lane blocks."""
    for backend in (ThreadBackend, DeviceBackend):
        monkeypatch.setattr(backend, "run", _stopped(backend.run, n_block, problem))


def _stopped(real: Any, n_block: int, problem: BaseException | type[BaseException]) -> Any:
    """Return a method that runs some lane blocks and ends in a problem."""

    def run(*arguments: Any) -> Any:
        with closing(real(*arguments)) as results:
            for _ in range(n_block):
                yield next(results)
        # a process whose threads go on is left at once, and the tests with it
        for thread in threading.enumerate():
            if thread.name.startswith("rateloom"):
                thread.join(60.0)
        raise problem

    return run

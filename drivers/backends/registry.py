"""Backends by their public names: whoever needs one asks here, and hands it down."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rateloom.drivers.execution.backend import Backend
from rateloom.drivers.planning.settings import Settings

from .cuda.cuda_backend import open_cuda_backend
from .cuda.gpus import list_devices
from .emulated.emulated_backend import open_emulated_backend
from .numba.thread_backend import ThreadBackend

# Opens a backend; takes the number of its device, if it has several.
Opener = Callable[[int | None], Backend]

OPENERS: dict[str, Opener] = {
    "numba": lambda number: ThreadBackend(),
    "cuda": open_cuda_backend,
    "emulated": open_emulated_backend,
    "emulated-debug": partial(open_emulated_backend, debug=True),
}
# What counts the devices of a backend that may have several.
_COUNTS: dict[str, Callable[[], int]] = {"cuda": lambda: len(list_devices())}


def open_backend(name: str, device: int | None = None) -> Backend:
    """Open a backend.

    Parameters
    ----------
    name : str
        One of `rateloom.drivers.planning.backend_kinds.BACKENDS`.
    device : int, optional
        Which of its devices, counted from 0, which is the default.

    Raises
    ------
    InputError
        If it cannot run here; one line says what is missing and how to mend it.
    """
    return OPENERS[name](device)


def backend_for(settings: Settings) -> Backend:
    """Open the backend that settings ask for; see `open_backend`."""
    return open_backend(settings.backend, settings.device)


def device_in_turn(name: str, number: int) -> int | None:
    """Which device is taken by process `number` of a machine; None where there is nothing to choose.

    Raises
    ------
    InputError
        If the backend takes a device and there is none.
    """
    return number % _COUNTS[name]() if name in _COUNTS else None

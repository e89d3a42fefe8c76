"""A GPU that is emulated as a backend."""

from __future__ import annotations

from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.planning.settings import LANES
from rateloom.drivers.support.errors import InputError

from .emulated_device import open_emulated


def open_emulated_backend(number: int | None = None, debug: bool = False) -> DeviceBackend:
    """Open the emulated device.

    Raises
    ------
    InputError
        If another device than the first is asked for.
    """
    if number:
        raise InputError(f"device {number}: there is one emulated device; leave --device out")
    return DeviceBackend(open_emulated(debug), filled_lanes)


def filled_lanes(n_item: int) -> int:
    """No more than there are work items: every lane takes its time."""
    return next(lanes for lanes in LANES if lanes >= min(n_item, LANES[-1]))

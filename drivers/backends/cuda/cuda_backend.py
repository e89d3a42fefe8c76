"""A GPU as a backend."""

from __future__ import annotations

from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.planning.backend_kinds import BACKENDS

from .gpus import open_cuda


def open_cuda_backend(number: int | None = None) -> DeviceBackend:
    """Open a GPU, the first one by default, driven by PyCUDA where that is installed, else by CuPy.

    Raises
    ------
    InputError
        If there is none; one line says what is missing and how to mend it.
    """
    return DeviceBackend(open_cuda(number or 0), _full_warp)


def _full_warp(n_item: int) -> int:
    """However many work items there are: lanes that are idle cost nothing."""
    return BACKENDS["cuda"].full_lanes

"""GPUs: which runtime drives them."""

from __future__ import annotations

from importlib.util import find_spec

from rateloom.drivers.execution.device import Device, DeviceInfo
from rateloom.drivers.support.errors import InputError

_NEITHER = (
    "backend='cuda' needs CuPy or PyCUDA: pip install \"rateloom[cupy]\" (needs only NVIDIA's driver) or "
    "\"rateloom[cuda]\" (where the CUDA toolkit is); without a GPU there is backend='emulated'"
)


def open_cuda(number: int) -> Device:
    """Open a GPU with PyCUDA if that is installed, else with CuPy.

    Raises
    ------
    InputError
        If neither is installed, or there is no such GPU.
    """
    if find_spec("pycuda") is not None:
        from .pycuda_runtime import open_pycuda

        return open_pycuda(number)
    if find_spec("cupy") is not None:
        from .cupy_runtime import open_cupy

        return open_cupy(number)
    raise InputError(_NEITHER)


def list_devices() -> tuple[DeviceInfo, ...]:
    """Every GPU, as ``--device`` counts them.

    Raises
    ------
    InputError
        If there is none; one line says why.
    """
    if find_spec("pycuda") is not None:
        from .pycuda_runtime import pycuda_devices

        return pycuda_devices()
    if find_spec("cupy") is not None:
        from .cupy_runtime import cupy_devices

        return cupy_devices()
    raise InputError(_NEITHER)

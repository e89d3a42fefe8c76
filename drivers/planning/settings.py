"""The settings of integration and of where it runs: checked once, then the same for every backend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.wiring import BLOCKS
from rateloom.drivers.support.arguments import one_of, positive_number, whole_number
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.processors import usable_cores

from .backend_kinds import BACKENDS

DTYPES = ("float32", "float64")
LANES = (1, 2, 4, 8, 16, 32)
# the counter of the random numbers holds a step in 32 bits
MAX_STEPS = 2**32


class SettingsWarning(UserWarning):
    """A setting that is taken as the nearest one possible."""


@dataclass(frozen=True)
class Settings:
    """The settings of integration, and of where it runs.

    Parameters
    ----------
    duration, dt : float
        Length of the run and integration step in ms.
    integrator : str
        An integration scheme of the model's code, such as ``"heun"``; a study is refused where it has none
        of this name.
    speed : float
        Conduction speed in mm/ms; infinite for no delays.
    seed : int
        Of all random numbers, 0 to 2**64 - 1.
    noise : bool
        Whether the model's noise is on.
    backend, dtype : str
        Where and in which precision the kernels run.
    threads : int, optional
        Number of threads; every core by default.
    lanes, block : int, optional
        Work items advanced together and steps a node is advanced at once; chosen if left out.
    device : int, optional
        Which GPU, counted from 0.
    history_dtype : {"float16"}, optional
        Precision of the history on a device; `dtype` if left out.
    calibrate : bool, optional
        Whether `lanes` and `block` are chosen by measuring; where a study takes minutes by default.

    Raises
    ------
    InputError
        If a value is none of those that are possible.
    """

    duration: float = 1000.0
    dt: float = 0.1
    integrator: str = "heun"
    speed: float = 3.0
    seed: int = 0
    noise: bool = True
    backend: str = "numba"
    dtype: str = "float32"
    threads: int | None = None
    lanes: int | None = None
    block: int | None = None
    device: int | None = None
    history_dtype: str | None = None
    calibrate: bool | None = None

    def __post_init__(self) -> None:
        checked = {
            "dt": positive_number("dt", self.dt),
            "duration": positive_number("duration", self.duration),
            "speed": positive_number("speed", self.speed, infinite=True, unit="mm/ms"),
            "backend": one_of("backend", self.backend, tuple(BACKENDS)),
            "dtype": one_of("dtype", self.dtype, DTYPES),
            "noise": one_of("noise", self.noise, (True, False)),
            "seed": whole_number("seed", self.seed, 0, 2**64 - 1),
        }
        optional = {
            "threads": partial(whole_number, low=1, high=4096),
            "lanes": partial(one_of, choices=LANES),
            "block": partial(one_of, choices=BLOCKS),
            "calibrate": partial(one_of, choices=(True, False)),
            "device": partial(whole_number, low=0, high=1023),
        }
        for name, check in optional.items():
            if (value := getattr(self, name)) is not None:
                checked[name] = check(name, value)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        _check_device(self.backend, self.device, self.history_dtype, self.dtype)
        steps = np.rint(self.duration / self.dt)
        if not 1 <= steps < MAX_STEPS:
            raise InputError(
                f"duration={self.duration:g} ms is {steps:g} steps of dt={self.dt:g} ms; "
                f"it must be at least one step and fewer than {MAX_STEPS}"
            )

    @property
    def n_step(self) -> int:
        """Number of integration steps."""
        return int(np.rint(self.duration / self.dt))

    @property
    def n_thread(self) -> int:
        """Number of threads."""
        if self.threads is not None:
            return self.threads
        return usable_cores()


def check_range(quantity: str, values: NDArray[np.float64], dtype: str) -> None:
    """Raise InputError if values would be infinite in the working precision."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest > float(np.finfo(dtype).max):
        raise InputError(f"{quantity} has the value {largest:g}, too large for {dtype}; use dtype='float64'")


def _check_device(backend: str, device: object, history_dtype: object, dtype: str) -> None:
    """Raise InputError for a setting of devices where the backend has none."""
    one_of("history_dtype", history_dtype, (None, "float16", dtype))
    if not BACKENDS[backend].has_device and (device is not None or history_dtype not in (None, dtype)):
        setting = "device" if device is not None else "history_dtype"
        raise InputError(f"{setting} is for backends that have a device; set backend='cuda' or 'emulated'")

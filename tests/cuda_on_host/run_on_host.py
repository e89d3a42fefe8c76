"""Compile a CUDA kernel with the system's C++ compiler and run it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rateloom.drivers.backends.emulated.host_compiler import host_compiler, launch, load_library

__all__ = ["host_compiler", "run_on_host"]


def run_on_host(
    source: str,
    kernel: str,
    grid: tuple[int, int],
    block: tuple[int, int],
    arguments: Sequence[np.ndarray[Any, Any] | np.generic | float],
    defines: Mapping[str, str] | None = None,
    order: int = 0,
) -> None:
    """Run an ``extern "C" __global__`` kernel; arrays are changed in place."""
    launch(load_library(source, defines), kernel, grid, block, arguments, order)

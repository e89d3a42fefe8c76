"""Kernels compiled outside of a simulation, to be looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from rateloom.api.generation import code_for
from rateloom.api.loading import load
from rateloom.drivers.backends.numba.kernels import module_of, node_width


def compiled(
    name: str,
    integrator: str = "heun",
    dtype: str = "float32",
    lanes: int = 16,
    width: int | None = None,
    block: int = 16,
    noise: bool = True,
    math: str = "fast",
) -> Any:
    """Compile a kernel, by default of as many nodes at once as a simulation takes."""
    width = node_width(lanes) if width is None else width
    module: Any = module_of(code_for(load(name), "numba", math))
    real = np.float32 if dtype == "float32" else np.float64
    kernel = module.build(real, lanes, width, block, noise, cache=False)[integrator]
    kernel.compile(kernel_signature(dtype))
    return kernel


def kernel_signature(dtype: str) -> tuple[Any, ...]:
    """Types of an integrator's arguments, as the lane blocks pass them."""
    from numba import types

    real = types.float32 if dtype == "float32" else types.float64

    def array(element: Any, dimensions: int) -> Any:
        return types.Array(element, dimensions, "C")

    return (
        types.int64, types.int64, types.float64,
        array(types.int64, 2), array(types.int64, 2), array(types.int64, 1), array(types.int64, 1),
        array(real, 1), array(real, 1), array(real, 1), array(real, 3),
        array(types.uint32, 1), types.uint32, types.uint32, array(types.int64, 1), array(real, 3),
        array(real, 2), array(real, 1), types.int64, types.int64, array(real, 2), array(real, 3),
        array(types.int64, 1),
    )  # fmt: skip

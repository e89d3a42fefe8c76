"""Kernels compiled outside of a simulation, to be looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher

from rateloom.api.generation import code_for
from rateloom.api.loading import load
from rateloom.drivers.backends.numba.kernels import module_of, node_width
from rateloom.generator.ir.signature import Argument, Signature
from rateloom.generator.schemes.registry import SCHEMES
from rateloom.generator.targets.numba.layout import ADVANCE
from rateloom.kernels import edge_sums


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
    block = 1 if SCHEMES[integrator].renews_coupling else block
    module: Any = module_of(code_for(load(name), "numba", math, integrator))
    real = np.float32 if dtype == "float32" else np.float64
    kernel = module.build(real, lanes, width, block, noise, integrator, cache=False)["advance"]
    _forget_kept()
    kernel.compile(argument_types(ADVANCE, dtype))
    return kernel


def _forget_kept() -> None:
    """Have what kernels share compiled anew, too: what is kept on disk is for this machine."""
    for shared in vars(edge_sums).values():
        if isinstance(shared, Dispatcher):
            shared._cache = NullCache()


def argument_types(signature: Signature, dtype: str) -> tuple[Any, ...]:
    """Types of a kernel's arguments, as the lane blocks pass them."""
    from numba import types

    def type_of(argument: Argument) -> Any:
        element = getattr(types, dtype if argument.type == "real" else argument.type)
        return types.Array(element, len(argument.dimensions), "C") if argument.dimensions else element

    return tuple(type_of(argument) for argument in signature.arguments)

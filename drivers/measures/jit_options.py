"""Options of the compilation of the measures' kernels: without Python's lock, cached on disk.

A kernel calls no kernel of another file: Numba's cache notices changes of a kernel's own file alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

from rateloom.drivers.support.cache import drop_damaged_kernels

EXACT: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
# Sums may be reordered into vector instructions; NaN and infinity keep their meaning.
SUMMED: dict[str, Any] = EXACT | {"fastmath": {"reassoc", "contract", "nsz"}}
# For counts: as above, but no product may be fused into a difference, since equal products must be equal.
COUNTED: dict[str, Any] = EXACT | {"fastmath": {"reassoc"}}


def kernel(options: dict[str, Any]) -> Callable[[Any], Any]:
    """Return a decorator: it compiles a function at its first call, and caches it if a folder is writable."""

    def compiled(function: Any) -> Any:
        drop_damaged_kernels(Path(function.__code__.co_filename))
        try:
            return njit(cache=True, **options)(function)
        except RuntimeError:  # no folder can be written
            return njit(**options)(function)

    return compiled

"""How the kernels of the measures are compiled: without Python's lock, and kept on disk.

A kernel calls none of another file: what Numba keeps is looked up by the file that it was written in alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

from rateloom.drivers.support.cache import drop_damaged_kernels

EXACT: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
# Sums may be reordered, so that they become vector instructions; NaN and infinity keep their meaning.
SUMMED: dict[str, Any] = EXACT | {"fastmath": {"reassoc", "contract", "nsz"}}
# Likewise for counts, but no product may be fused into a difference: equal products must compare as equal.
COUNTED: dict[str, Any] = EXACT | {"fastmath": {"reassoc"}}


def kernel(options: dict[str, Any]) -> Callable[[Any], Any]:
    """Compile a function when it is first called, and keep what was compiled if there is a place for it."""

    def compiled(function: Any) -> Any:
        drop_damaged_kernels(Path(function.__code__.co_filename))
        try:
            return njit(cache=True, **options)(function)
        except RuntimeError:  # no folder can be written
            return njit(**options)(function)

    return compiled

"""The header that generated CUDA source includes, as text for source that stands alone."""

from __future__ import annotations

import functools
import importlib.resources

INCLUDE = '#include "rateloom.cuh"'


@functools.cache
def support_text() -> str:
    """Return the header's text."""
    return (importlib.resources.files("rateloom.kernels") / "rateloom.cuh").read_text("utf-8").strip()

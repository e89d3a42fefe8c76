"""Facts that are read from CUDA source without compiling it."""

from __future__ import annotations

import re

# The name after any launch bounds, whose argument may hold one level of brackets.
KERNEL = re.compile(
    r'extern\s+"C"\s+__global__\s+(?:void\s+|__launch_bounds__\s*\((?:[^()]|\([^()]*\))*\)\s*)+(\w+)\s*\('
)


def kernel_names(source: str) -> tuple[str, ...]:
    """Names of the kernels in a CUDA source."""
    return tuple(KERNEL.findall(source))

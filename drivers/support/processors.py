"""The processor's cores: how many of them this process may use."""

from __future__ import annotations

import psutil


def usable_cores() -> int:
    """Number of cores that this process is bound to; where a system binds none, all of them."""
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        return len(process.cpu_affinity())
    return psutil.cpu_count() or 1

"""Amounts of memory: what a user allows, what the machine has free, and how to print them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .errors import InputError

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}B": 1000**_power, f"{_letter}IB": 1024**_power}

_AMOUNT = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*")
# Version 2 has one file a group, version 1 one a controller; both are seen at the root of a container.
_LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


def parse_memory(text: str) -> int:
    """Bytes in an amount such as ``4GB``, ``500MB`` or ``1.5GiB``.

    Raises
    ------
    InputError
        If the text is not a positive number with a known unit.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None or found[2].upper() not in _UNITS:
        raise InputError(f"memory {text!r} is not an amount; write it like 4GB, 500MB or 1.5GiB")
    amount = int(float(found[1]) * _UNITS[found[2].upper()])
    if amount < 1:
        raise InputError(f"memory {text!r} is no memory at all; write it like 4GB, 500MB or 1.5GiB")
    return amount


def format_bytes(amount: int | float) -> str:
    """An amount of bytes with three digits and a decimal unit, like ``1.23 GB``."""
    for letter, power in (("T", 4), ("G", 3), ("M", 2), ("k", 1)):
        if amount >= 999.5 * 1000 ** (power - 1):
            value = amount / 1000**power
            return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {letter}B"
    return f"{int(amount)} bytes"


def available_memory() -> int:
    """Bytes that can be taken without swapping: the machine's, or what the container leaves, if less."""
    free = _machine_free()
    for limit_file, usage_file in _LIMITS:
        limit, usage = _number(limit_file), _number(usage_file)
        if limit is not None and usage is not None:
            free = min(free, max(0, limit - usage))
    return free


def _machine_free() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    # Without /proc (macOS) the whole memory is the best figure that needs no further package.
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None

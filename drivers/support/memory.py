"""Amounts of memory: what a user allows, what the machine has free, and how to print them."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from pathlib import Path
from typing import SupportsIndex

import psutil

from .errors import InputError, shown

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}B": 1000**_power, f"{_letter}IB": 1024**_power}

_AMOUNT = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*")


def parse_memory(text: str) -> int:
    """Bytes in an amount such as ``4GB``, ``500MB`` or ``1.5GiB``.

    Raises
    ------
    InputError
        If the text is not a positive number with a known unit.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2].upper() not in _UNITS:
        raise InputError(
            f"memory {shown(text)} is not an amount above zero; write it like 4GB, 500MB or 1.5GiB"
        )
    amount = int(float(match[1]) * _UNITS[match[2].upper()])
    if amount < 1:
        raise InputError(f"memory {shown(text)} is no memory at all; write it like 4GB, 500MB or 1.5GiB")
    return amount


def check_memory(memory: SupportsIndex | str | None) -> int | None:
    """Bytes of an amount given as a number or a text; None if it is left out.

    Raises
    ------
    InputError
        If it is no amount.
    """
    if memory is None:
        return None
    if isinstance(memory, str):
        return parse_memory(memory)
    try:
        amount = 0 if isinstance(memory, bool) else operator.index(memory)
    except TypeError:
        amount = 0
    if amount < 1:
        raise InputError(f"memory={shown(memory)}: give a number of bytes above zero, or a text like '4GB'")
    return int(amount)


def format_bytes(amount: int | float) -> str:
    """An amount of bytes with three digits and a decimal unit, like ``1.23 GB``."""
    for letter, power in (("T", 4), ("G", 3), ("M", 2), ("k", 1)):
        if amount >= 999.5 * 1000 ** (power - 1):
            value = amount / 1000**power
            return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {letter}B"
    return f"{int(amount)} bytes"


def available_memory(root: Path = Path("/")) -> int:
    """Bytes that can be taken without swapping: the machine's, or what its control groups leave, if less.

    Parameters
    ----------
    root : Path
        Where the ``proc`` and ``sys`` of the control groups are.
    """
    limits = (_left_in_group(folder, *names) for folder, names in _groups(root))
    free = int(psutil.virtual_memory().available)
    return max(0, min((free, *(amount for amount in limits if amount is not None))))


def _groups(root: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """This process's memory control groups and those around them, with their files' names.

    Lines of ``/proc/self/cgroup`` are ``0::/path`` in version 2 and ``4:memory:/path`` in version 1. In a
    container the path may be the host's, so that only the top is there.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers == "":
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        folder = top / path.lstrip("/")
        yield from ((group, names) for group in (folder, *folder.parents) if group.is_relative_to(top))


def _left_in_group(folder: Path, limit: str, usage: str, reclaimable: str) -> int | None:
    """A limit less what is used; files that are only cached count as free."""
    most, used = _text(folder / limit).strip(), _text(folder / usage).strip()
    if not (most.isdigit() and used.isdigit()):
        return None
    cached = re.search(rf"^{reclaimable} (\d+)$", _text(folder / "memory.stat"), re.MULTILINE)
    return int(most) - int(used) + (int(cached[1]) if cached else 0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""

"""Variants: what bits depend on, told shortly, and two of them held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rateloom.drivers.support.errors import shown

from .backend import Variant

_KERNEL = ("model", "generator", "code", "backend", "math", "machine")


def kernel_of(variant: Variant) -> str:
    """Return what identifies machine code, but for shape and compiler: model, text, backend, machine."""
    return "/".join(str(variant[name]) for name in _KERNEL if name in variant)


def variant_difference(saved: Mapping[str, Any] | None, current: Variant) -> str:
    """Say in what a recorded variant differs from one here; nothing, where both give the same bits."""
    if not saved:
        return "it does not say what its bits depend on, as rateloom does now"
    names = [name for name in {**saved, **current} if saved.get(name) != current.get(name)]
    return ", ".join(entry_difference(name, saved.get(name), current.get(name)) for name in names)


def entry_difference(name: str, saved: Any, current: Any) -> str:
    """Say in what two entries of one name differ; of lists, what only one of them has."""
    if isinstance(saved, list) and isinstance(current, list):
        gone, new = ([x for x in a if x not in b] for a, b in ((saved, current), (current, saved)))
        if gone or new:
            return f"{name} has {_listed(gone)} there alone and {_listed(new)} here alone"
    return f"{name} is {shown(saved)} there and {shown(current)} here"


def _listed(entries: list[Any]) -> str:
    return " ".join(str(entry) for entry in entries) or "nothing"

"""Variants: what bits depend on, told shortly, and two of them held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rateloom.drivers.support.errors import shown

from .backend import Variant

_KERNEL = ("model", "generator", "code", "backend", "math", "machine")


def kernel_of(variant: Variant) -> str:
    """What machine code is made from, but for its shape and compiler: model, text, backend, machine."""
    return "/".join(str(variant[name]) for name in _KERNEL if name in variant)


def variant_difference(there: Mapping[str, Any] | None, here: Variant) -> str:
    """Say in what a recorded variant differs from one here; nothing, where both give the same bits."""
    if not there:
        return "it does not say what its bits depend on, as rateloom does now"
    names = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    return ", ".join(entry_difference(name, there.get(name), here.get(name)) for name in names)


def entry_difference(name: str, there: Any, here: Any) -> str:
    """Say in what two entries of one name differ; of lists, what only one of them has."""
    if isinstance(there, list) and isinstance(here, list):
        gone, new = ([x for x in a if x not in b] for a, b in ((there, here), (here, there)))
        if gone or new:
            return f"{name} has {_listed(gone)} there alone and {_listed(new)} here alone"
    return f"{name} is {shown(there)} there and {shown(here)} here"


def _listed(entries: list[Any]) -> str:
    return " ".join(str(entry) for entry in entries) or "nothing"

"""The backends by their public names, and what settings have to know of each before one is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class BackendKind:
    """The properties of a backend that are known before it is opened.

    Attributes
    ----------
    language : {"numba", "cuda"}
        Of the generated code that it runs.
    has_device : bool
        Whether work items are on a device, which has a number, memory of its own and a precision of the
        history; otherwise the threads of the processor simulate, and each measures what it has simulated.
    full_lanes : int
        Work items in a lane block that is full.
    """

    language: str
    has_device: bool
    full_lanes: int


_EMULATED = BackendKind("cuda", has_device=True, full_lanes=16)
BACKENDS: Mapping[str, BackendKind] = {
    "numba": BackendKind("numba", has_device=False, full_lanes=16),
    "cuda": BackendKind("cuda", has_device=True, full_lanes=32),
    "emulated": _EMULATED,
    "emulated-debug": _EMULATED,
}

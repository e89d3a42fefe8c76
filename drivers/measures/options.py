"""How the kernels of the measures are compiled: without Python's lock, and kept on disk."""

from __future__ import annotations

from typing import Any

EXACT: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}
# Sums may be reordered, so that they become vector instructions; NaN and infinity keep their meaning.
SUMMED: dict[str, Any] = EXACT | {"fastmath": {"reassoc", "contract", "nsz"}}
# Likewise for counts, but no product may be fused into a difference: equal products must compare as equal.
COUNTED: dict[str, Any] = EXACT | {"fastmath": {"reassoc"}}

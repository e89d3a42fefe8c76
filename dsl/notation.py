"""The typesetting of names of the model language: Greek letters and subscripts."""

from __future__ import annotations

import re

GREEK_CAPITALS = (
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)  # fmt: skip


def name_parts(name: str) -> list[str]:
    """Split a name into its letter or word and its subscripts.

    A subscript follows an underscore, stands in brackets, or is a final number: ``tau_E``, ``P[3]`` and
    ``x1`` have one each. A name of underscores alone is not split.
    """
    first, *below = [part for part in re.split(r"[_\[\]]+", name) if part] or [name]
    split = re.fullmatch(r"([A-Za-z]+)(\d+)", first)
    return [split[1], split[2], *below] if split else [first, *below]

"""A model as a plan keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelText:
    """A model's XML, and the file that it was read from: what it names lies beside that."""

    path: str
    text: str

"""A model as a plan keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .description import ModelDescription


@dataclass(frozen=True)
class ModelText:
    """A model's XML, and the file that it was read from: what it names lies beside that."""

    path: str
    text: str


def model_record(model: ModelDescription, text: ModelText) -> dict[str, str]:
    """A model in the words of a plan."""
    return {"name": model.name, "hash": model.hash, **asdict(text)}

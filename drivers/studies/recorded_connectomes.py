"""The connectomes of a study in its plan: names in the record, weights and lengths among the arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.subjects import Subject

from .plan_arrays import Arrays

_SUBJECT = "subject"


def connectome_entry(connectome: Connectome, subjects: Sequence[Connectome]) -> dict[str, Any]:
    """Return what a plan's record says of its connectome, or of all on its axis of connectomes.

    Parameters
    ----------
    connectome : Connectome
        As it was given, not normalized.
    subjects : sequence of Connectome
        Likewise, all of the axis; none without it.
    """
    names = {"names": [s.name for s in subjects]} if subjects else {"name": connectome.name}
    labels = None if connectome.labels is None else list(connectome.labels)
    return {**names, "n_node": connectome.n_node, "labels": labels}


def connectome_arrays(connectome: Connectome, subjects: Sequence[Connectome]) -> Arrays:
    """Return the arrays of a plan that hold its connectomes; see `connectome_entry`."""
    if not subjects:
        return dict(_arrays(connectome, ""))
    return {
        name: array
        for place, subject in enumerate(subjects)
        for name, array in _arrays(subject, f"{_SUBJECT}.{place}.")
    }


def _arrays(connectome: Connectome, prefix: str) -> Iterator[tuple[str, Any]]:
    yield f"{prefix}weights", connectome.weights
    yield f"{prefix}tract_lengths", connectome.tract_lengths
    if connectome.centres is not None:
        yield f"{prefix}centres", connectome.centres


def connectomes_of_plan(record: Mapping[str, Any], arrays: Arrays) -> tuple[tuple[Subject, ...], bool]:
    """Return the connectomes of a plan, and whether they are an axis."""
    about, normalize = record["connectome"], record["normalize"]
    names = about.get("names")

    def read(prefix: str, name: str, way: str) -> Subject:
        weights, lengths = (arrays[f"{prefix}{part}"] for part in ("weights", "tract_lengths"))
        centres = arrays.get(f"{prefix}centres")
        return Subject(Connectome(weights, lengths, about["labels"], centres, name), way)

    if names is None:
        return (read("", about["name"], normalize),), False
    ways = [normalize] * len(names) if isinstance(normalize, str) else normalize
    subjects = (
        read(f"{_SUBJECT}.{place}.", name, way)
        for place, (name, way) in enumerate(zip(names, ways, strict=True))
    )
    return tuple(subjects), True

"""Connectomes of several subjects, which a sweep goes over: as they were given, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from rateloom.drivers.support.errors import InputError, printable, shown
from rateloom.drivers.support.notices import Warn, unsaid

from .connectome import Connectome
from .connectome_sources import load_connectome
from .normalization import check_normalize, normalization_of, normalized

# Endings of files that a subject is not called by.
_ENDINGS = (".zip", ".npz", ".mat", ".csv", ".tsv", ".txt", ".npy", ".parquet")
_MOST = 2**16


@dataclass(frozen=True, eq=False)
class Subject:
    """A subject's connectome as it was given, and how its weights are to be normalized."""

    connectome: Connectome
    normalize: str

    @cached_property
    def normalized(self) -> Connectome:
        """The connectome with normalized weights, which simulations run on."""
        return normalized(self.connectome, self.normalize)


def load_subjects(
    sources: Sequence[Connectome | str | os.PathLike[str]],
    normalize: str | None = None,
    lengths: str | None = None,
    warn: Warn = unsaid,
) -> tuple[Subject, ...]:
    """Load the connectomes of subjects, which have one parcellation.

    Parameters
    ----------
    sources, normalize, lengths, warn
        Each as `load_connectome` takes it; unasked, each connectome is normalized as it would be alone.

    Raises
    ------
    InputError
        If one cannot be loaded, they differ in their regions, or two of them are the same.
    """
    subjects = []
    for source in sources:
        normalization = normalization_of(source, normalize)
        check_normalize(normalization)
        subjects.append(Subject(load_connectome(source, "none", lengths, warn), normalization))
        _check_regions(subjects[0].connectome, subjects[-1].connectome)
    _check_different(subjects)
    return tuple(subjects)


def subject_names(sources: Sequence[object]) -> tuple[str, ...]:
    """Names of subjects: those of their files, without ending, and with as many folders as tell them apart.

    Parameters
    ----------
    sources : sequence of Connectome, str or path
        Of a `Connectome` its name counts; without one it is called ``subject-1`` by its place.

    Raises
    ------
    InputError
        If there are none, too many, or one has neither name nor place.
    """
    if not 0 < len(sources) <= _MOST:
        raise InputError(f"sweep connectome: {len(sources)} connectomes; give 1 to {_MOST}")
    parts = [_parts(source, place) for place, source in enumerate(sources, start=1)]
    for depth in range(1, max(map(len, parts)) + 1):
        names = tuple("/".join(one[-depth:]) for one in parts)
        if len(set(names)) == len(names):
            return names
    twice = next(name for name in names if names.count(name) > 1)
    raise InputError(
        f"sweep connectome: {twice} is there more than once; repetitions, with other random numbers, are an "
        "axis seed=0:9 (give a Connectome of another subject another name)"
    )


def _parts(source: object, place: int) -> tuple[str, ...]:
    """Folders and name of a subject, without the ending of a file."""
    text = source.name if isinstance(source, Connectome) else source
    if not isinstance(text, str | os.PathLike):
        raise InputError(f"sweep connectome: {shown(source)}: give Connectomes, names or paths")
    # of a pair, the first place says whose it is
    first = os.fspath(text).split(",")[0]
    name = printable(first) if isinstance(first, str) else ""
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return PurePath(name).parts or (f"subject-{place}",)


def _check_regions(first: Connectome, other: Connectome) -> None:
    """Raise InputError if two connectomes do not have the same regions in the same order."""
    names = f"sweep connectome: {first.name or 'the first one'} and {other.name or 'another one'}"
    if first.n_node != other.n_node:
        raise InputError(f"{names} have {first.n_node} and {other.n_node} nodes; all must have the same")
    if first.labels != other.labels:
        raise InputError(f"{names} do not have the same names of regions; bring all into one order")


def _check_different(subjects: Sequence[Subject]) -> None:
    """Raise InputError if two subjects have the same weights and lengths, used in the same way."""
    seen: dict[tuple[str, str], str] = {}
    for subject in subjects:
        key, name = (subject.connectome.hash, subject.normalize), subject.connectome.name
        if key in seen:
            raise InputError(
                f"sweep connectome: {seen[key] or 'one'} and {name or 'another'} have the same weights and "
                "lengths: leave one out; repetitions, with other random numbers, are an axis seed=0:9"
            )
        seen[key] = name

"""A model as a driver sees it, read from the ``MODEL`` of a generated module."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rateloom.drivers.support.errors import InputError, shown

# Names that a message lists at most.
_MOST_LISTED = 24


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter: its default, one value or ``size`` of them, and the range that warnings use."""

    name: str
    value: tuple[float, ...]
    size: int | None
    minimum: float
    maximum: float
    unit: str
    description: str


@dataclass(frozen=True)
class StateInfo:
    """A state variable and its initial value or range."""

    name: str
    initial: tuple[float, float]
    unit: str


@dataclass(frozen=True)
class ExposureInfo:
    """An exposure, which monitors record; an angle has a period."""

    name: str
    unit: str
    description: str
    period: float | None = None


@dataclass(frozen=True)
class InputInfo:
    """A value for each node from outside."""

    name: str
    default: float


@dataclass(frozen=True)
class ModelDescription:
    """A generated model as its driver sees it."""

    name: str
    hash: str
    generator: str
    parameters: tuple[ParameterInfo, ...]
    states: tuple[StateInfo, ...]
    inputs: tuple[InputInfo, ...]
    exposures: tuple[ExposureInfo, ...]

    @property
    def angles(self) -> dict[str, float]:
        """Exposures that are angles, with their periods."""
        return {e.name: e.period for e in self.exposures if e.period is not None}


def check_no_angles(names: Iterable[str], angles: Container[str], quantity: str, otherwise: str = "") -> None:
    """Raise InputError for an angle where a whole turn would matter.

    Parameters
    ----------
    quantity : str
        What is taken of the exposures that are named.
    otherwise : str
        What can be done beside exposing another quantity.

    Raises
    ------
    InputError
        That names the first of them.
    """
    for name in names:
        if name in angles:
            raise InputError(
                f"exposure {name!r} is an angle, and {quantity} of one would depend on where its turns "
                f"begin; expose sin({name}) or cos({name}){otherwise}"
            )


def measurable(
    exposures: Sequence[str], angles: Container[str], quantity: str, otherwise: str = ""
) -> list[str]:
    """Return the exposures that are not angles.

    Parameters
    ----------
    quantity : str
        What is taken of them.
    otherwise : str
        What else can be done where all are angles.

    Raises
    ------
    InputError
        If all of them are angles; the message says what to do.
    """
    names = [name for name in exposures if name not in angles]
    if not names:
        check_no_angles(exposures, angles, quantity, otherwise)
    return names


def describe(entries: Mapping[str, Any]) -> ModelDescription:
    """Read the ``MODEL`` dictionary of a generated module."""
    return ModelDescription(
        name=entries["name"],
        hash=entries["hash"],
        generator=entries["generator"],
        parameters=tuple(_parameter(p) for p in entries["parameters"]),
        states=tuple(
            StateInfo(s["name"], (s["initial"][0], s["initial"][-1]), s.get("unit", ""))
            for s in entries["states"]
        ),
        inputs=tuple(InputInfo(i["name"], i["default"]) for i in entries["inputs"]),
        exposures=tuple(
            ExposureInfo(e["name"], e.get("unit", ""), e.get("description", ""), e.get("period"))
            for e in entries["exposures"]
        ),
    )


def _parameter(entry: Mapping[str, Any]) -> ParameterInfo:
    value = entry["value"]
    vector = isinstance(value, list)
    return ParameterInfo(
        name=entry["name"],
        value=tuple(value) if vector else (value,),
        size=len(value) if vector else None,
        minimum=entry.get("min", float("-inf")),
        maximum=entry.get("max", float("inf")),
        unit=entry.get("unit", ""),
        description=entry.get("description", ""),
    )


def check_names(names: Iterable[str], known: Iterable[str], kind: str, owner: str) -> None:
    """Raise InputError for an unknown name; the message suggests a close one and lists all."""
    all_names = list(known)
    for name in names:
        if not isinstance(name, str) or name not in all_names:
            text = str(name)[:64]
            same = [n for n in all_names if n.lower() == text.lower()]
            close = same or difflib.get_close_matches(text, all_names, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            listed = ", ".join(all_names[:_MOST_LISTED]) if all_names else "none"
            further = f" and {len(all_names) - _MOST_LISTED} more" if len(all_names) > _MOST_LISTED else ""
            raise InputError(f"{owner} has no {kind} {shown(name)}; {hint}{_plural(kind)}: {listed}{further}")


def _plural(kind: str) -> str:
    """Several axes, measures of the whole brain, parameters."""
    noun, *rest = kind.split(" of ")
    return " of ".join([noun.removesuffix("is") + "es" if noun.endswith("is") else f"{noun}s", *rest])

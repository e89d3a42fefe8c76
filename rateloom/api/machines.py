"""The peak rates of a machine, as benchmarks/machine.py measures them, and their file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import json_of

THREADS = ("one", "all")


@dataclass(frozen=True)
class Rates:
    """Peak rates of fused multiply-adds, divisions and square roots, in values a second."""

    multiply_add: float
    division: float
    root: float


@dataclass(frozen=True)
class Level:
    """A level of the memory.

    Attributes
    ----------
    size : int
        Its size in bytes; 0 for the memory itself.
    shared : bool
        Whether all cores share it.
    bandwidth : mapping of str to float
        Bytes read a second, by ``one`` thread or ``all`` threads together.
    """

    name: str
    size: int
    shared: bool
    bandwidth: Mapping[str, float]


@dataclass(frozen=True)
class Machine:
    """A machine with its measured rates.

    Attributes
    ----------
    processor, compiler, date : str
        Information for readers of the file.
    cores : int
        The number of threads of ``all``.
    rates : mapping of str to mapping of str to Rates
        Rates by precision, then of ``one`` thread or ``all`` threads together.
    levels : tuple of Level
        From the first cache to the memory.
    """

    processor: str
    compiler: str
    date: str
    cores: int
    rates: Mapping[str, Mapping[str, Rates]]
    levels: tuple[Level, ...]


def machine_text(machine: Machine) -> str:
    """Write a machine as JSON."""
    return json.dumps(asdict(machine), indent=2) + "\n"


def load_machine(path: str | PathLike[str]) -> Machine:
    """Read a machine's file.

    Raises
    ------
    InputError
        If it cannot be read, is not JSON, lacks an entry, or holds a value that is no rate.
    """
    file = Path(path)
    try:
        data = json_of(file)
    except OSError as problem:
        raise InputError(f"machine file {file}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise InputError(f"machine file {file} is not JSON: {problem}; make it with {_MAKE}") from None
    try:
        return _machine(data)
    except KeyError as problem:
        raise InputError(f"machine file {file} lacks {problem}; make it with {_MAKE}") from None
    except (TypeError, ValueError, OverflowError) as problem:
        raise InputError(
            f"machine file {file} is not in the form that is read ({problem}); make it with {_MAKE}"
        ) from None


_MAKE = "python benchmarks/machine.py --out FILE"


def _machine(data: Any) -> Machine:
    levels = tuple(
        Level(
            str(level["name"]),
            _count(level, "size", 0),
            bool(level["shared"]),
            {t: _rate(level["bandwidth"], t) for t in THREADS},
        )
        for level in data["levels"]
    )
    if not levels:
        raise ValueError("no levels of the memory")
    return Machine(
        processor=str(data["processor"]),
        compiler=str(data["compiler"]),
        date=str(data["date"]),
        cores=_count(data, "cores", 1),
        rates={
            dtype: {t: _rates(data["rates"][dtype][t]) for t in THREADS} for dtype in ("float32", "float64")
        },
        levels=levels,
    )


def _rates(data: Any) -> Rates:
    return Rates(_rate(data, "multiply_add"), _rate(data, "division"), _rate(data, "root"))


def _count(data: Any, name: str, least: int) -> int:
    value = int(data[name])
    if value < least:
        raise ValueError(f"{name} is {value}")
    return value


def _rate(data: Any, name: str) -> float:
    value = float(data[name])
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{name} is {value:g}")
    return value

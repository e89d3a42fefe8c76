"""Data as they are given: a file, an array, a list of files, or a mapping of names to these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.arguments import real_numbers
from rateloom.drivers.support.errors import shown
from rateloom.drivers.tables.sources import Source, parse_source, read_source
from rateloom.drivers.tables.table import Floats, Names, Table, region_names

from .orientation import Regions, is_named

DataSource = Any  # a path, an array, a mapping of names to these, or a sequence of paths
_AS_ARRAY = "{}={}: give a file, an array, a list of files, or a mapping of names to these"


@dataclass(frozen=True, eq=False)
class GivenData:
    """Data to fit as they come: whether dimensions have names, and the names of regions that a file has."""

    name: str
    values: Floats
    named: bool = False
    labels: Sequence[str] | None = None


def given_data_of(keyword: str, data: DataSource) -> list[GivenData]:
    """Return the data to fit of one kind."""
    if data is None:
        return []
    if isinstance(data, Mapping):
        return [_entry(str(name), f"{keyword} {name}", value, keyword) for name, value in data.items()]
    if isinstance(data, str | PathLike):
        data = [data]
    if isinstance(data, Sequence) and all(isinstance(path, str | PathLike) for path in data):
        sources = [_source(path) for path in data]
        return [_of_file(source.name, source, keyword) for source in sources]
    return [_entry(keyword if keyword != "series" else "data", keyword, data, keyword)]


def names_to_match(
    subject: str, entry: GivenData, labels: Sequence[str] | None, regions: Regions
) -> tuple[Sequence[str] | None, tuple[SettingsWarning, ...]]:
    """Return the names that the regions of data are matched by: those that are given, or the file's."""
    if labels is not None:
        return list(labels), ()
    if entry.labels is None or set(entry.labels) & set(regions.labels or ()):
        return entry.labels, ()
    text = "the names of its regions are none of a connectome's; they are taken to be in its order"
    return None, (SettingsWarning(f"{subject}: {text}"),)


def _entry(name: str, subject: str, value: Any, keyword: str) -> GivenData:
    if isinstance(value, str | PathLike):
        return _of_file(name, _source(value), keyword)
    return GivenData(name, _array(subject, value), is_named(value))


def _of_file(name: str, source: Source, keyword: str) -> GivenData:
    table = read_source(source)
    return GivenData(name, table.values, False, _labels_of(table, keyword))


def _labels_of(table: Table, keyword: str) -> Names | None:
    """Return the names of the regions of data, where they have some."""
    if keyword == "mask" and 1 in table.values.shape:
        return table.rows if table.values.shape[-1] == 1 else table.columns
    if keyword in ("fc", "mask"):
        return region_names(table)
    return table.columns if keyword == "series" else None


def _array(keyword: str, value: Any) -> Floats:
    if is_named(value):
        value = value.transpose("time", ...)
    return real_numbers(value, _AS_ARRAY.format(keyword, shown(value)))


def _source(path: str | PathLike[str]) -> Source:
    return parse_source(path if isinstance(path, str) else str(Path(path)))

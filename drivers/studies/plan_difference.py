"""Differences of two plans of studies, said in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rateloom.drivers.execution.variants import entry_difference
from rateloom.drivers.support.errors import InputError

_MOST_SHOWN = 4


def check_same(folder: Path, saved: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """Raise InputError if another study is in a directory; the message says in what the two differ."""
    if changes := difference(saved, current):
        raise InputError(f"{folder}: another study is in it: {changes}; choose another directory")


def difference(saved: Mapping[str, Any], current: Mapping[str, Any]) -> str:
    """Say in what two plans differ; nothing, where both give the same results."""
    if ("bold" in saved) != ("bold" in current):
        kinds = ("BOLD signals", "the samples")
        saved_kind, current_kind = kinds if "bold" in saved else kinds[::-1]
        return f"its measures are those of {saved_kind}, and those of {current_kind} were asked for"
    old, new = (dict(_flat(record)) for record in (saved, current))
    for entries in (old, new):
        # the hash says whether two models give the same; a text may differ in its comments
        for name in ("model.path", "model.text", "bold.model.path", "bold.model.text"):
            entries.pop(name, None)
        # likewise where a user's own measure lies
        for name in [
            name for name in entries if name.startswith("measures.custom.") and name.endswith(".file")
        ]:
            del entries[name]
    if old.get("model.name") != new.get("model.name"):  # nothing else is worth comparing
        return f"it is of the model {old.get('model.name')}, and {new.get('model.name')} was given"
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    parts = [_entry_text(name, old.get(name), new.get(name)) for name in names[:_MOST_SHOWN]]
    further = f", and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(parts) + further


def _entry_text(name: str, old: Any, new: Any) -> str:
    """Say in what two entries of plans differ."""
    measure = name.removeprefix("measures.custom.").removesuffix(".source")
    if name == f"measures.custom.{measure}.source" and None not in (old, new):
        return f"the source of measure {measure} changed"
    return entry_difference(name, old, new)


def _flat(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        return [(name, value)]
    return [entry for key, inner in value.items() for entry in _flat(inner, f"{name}.{key}" if name else key)]

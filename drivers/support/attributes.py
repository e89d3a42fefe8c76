"""Attributes of what is kept: units, descriptions, and records that every format can store."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

# Name, unit and description.
Exposure = tuple[str, str, str]


def plain_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that every format can store: text, finite numbers, and lists of these.

    What is None is left out, a mapping becomes JSON text, a number that is not finite becomes text that
    `float` reads, and anything else its text.
    """
    return {
        name: json.dumps(plain(value)) if isinstance(value, Mapping) else plain(value)
        for name, value in attributes.items()
        if value is not None
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it; a number that is not finite becomes text that `float` reads."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain(entry) for entry in value]
    return str(value)


def described(unit: str, description: str) -> dict[str, str]:
    """Attributes of a variable, without those that are empty."""
    # Not "units": xarray would take an exposure in seconds for a time difference when it opens a store.
    attributes = {"unit": unit, "description": description}
    return {name: text for name, text in attributes.items() if text}

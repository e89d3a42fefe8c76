"""What a driver must know of a model, as plain data that is printed into the generated modules."""

from __future__ import annotations

from typing import Any

from rateloom.dsl.model import Model


def metadata(model: Model, version: str) -> dict[str, Any]:
    """Describe a model's parameters, states, inputs and exposures.

    Returns
    -------
    dict
        Of strings, numbers, lists and dicts only; bounds that are absent are left out.
    """
    return {
        "name": model.name,
        "hash": model.hash,
        "generator": version,
        "parameters": [
            _without_none(
                name=p.name,
                value=list(p.values) if p.size is not None else p.values[0],
                min=p.minimum,
                max=p.maximum,
                unit=p.unit,
                description=p.description,
            )
            for p in model.parameters
        ],
        "states": [
            _without_none(name=s.name, initial=list(s.initial), lower=s.lower, upper=s.upper, unit=s.unit)
            for s in model.state_variables
        ],
        "inputs": [_without_none(name=i.name, default=i.default, unit=i.unit) for i in model.inputs],
        "exposures": [
            _without_none(name=e.name, unit=e.unit, description=e.description) for e in model.exposures
        ],
        "noise": [n.variable for n in model.noises],
    }


def _without_none(**entries: Any) -> dict[str, Any]:
    """Leave out what is not there, so that generated modules stay short."""
    return {k: v for k, v in entries.items() if v is not None and v != ""}

"""The description of a model and its kernels for drivers, as plain data: the JSON file beside the code."""

from __future__ import annotations

import json
from typing import Any

from rateloom.dsl.model import Model
from rateloom.generator.ir.program import Program
from rateloom.generator.schemes.registry import SCHEMES
from rateloom.generator.version import VERSION

from .cuda import kernels as cuda
from .numba import kernels as numba


def description_text(program: Program, math: str) -> str:
    """Write the description of a program as JSON."""
    return json.dumps(description(program, math), indent=1, ensure_ascii=False) + "\n"


def description(program: Program, math: str) -> dict[str, Any]:
    """Describe a program, whose Numba module has elementary functions of one kind.

    Returns
    -------
    dict
        Of strings, numbers, lists and dicts only: the model; how many rows its kernels have of what; the
        integration schemes; the signatures of the kernels.
    """
    return {
        "model": described(program.model),
        "counts": {
            "state_rows": len(program.state_rows),
            "sum_rows": program.sum_rows,
            "hoisted": len(program.hoisted.results),
            "factors": len(program.factors),
            "sums": len(program.accumulators),
        },
        "math": math,
        "instant": any(not c.delays for c in program.model.couplings),
        "schemes": {
            name: {"order": SCHEMES[name].order, "noise": SCHEMES[name].noise} for name in program.schemes
        },
        "traversals": program.n_traversal,
        "kernels": {
            "numba": [k.signature.as_data() for k in numba.KERNELS],
            "cuda": [k.signature.as_data() for k in cuda.KERNELS],
        },
    }


def described(model: Model) -> dict[str, Any]:
    """Describe a model's parameters, states, inputs and exposures; what is absent is left out."""
    periods = {s.name: s.period for s in model.state_variables}
    return {
        "name": model.name,
        "hash": model.hash,
        "generator": VERSION,
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
            _without_none(
                name=s.name,
                initial=list(s.initial),
                lower=s.lower,
                upper=s.upper,
                period=s.period,
                unit=s.unit,
            )
            for s in model.state_variables
        ],
        "inputs": [_without_none(name=i.name, default=i.default, unit=i.unit) for i in model.inputs],
        "exposures": [
            _without_none(
                name=e.name, unit=e.unit, description=e.description, period=periods.get(str(e.value))
            )
            for e in model.exposures
        ],
        "noise": [n.variable for n in model.noises],
    }


def _without_none(**entries: Any) -> dict[str, Any]:
    """Leave out what is not there."""
    return {k: v for k, v in entries.items() if v is not None and v != ""}

"""The driver script of a model."""

from __future__ import annotations

from rateloom.generator.ir.program import Program
from rateloom.generator.version import VERSION

from .templates import rendered, tidy


def driver_script(program: Program) -> str:
    """Write the driver script of a program."""
    model = program.model
    scalar = next((p for p in model.parameters if p.name == "G"), next(iter(model.parameters), None))
    example = f" --sweep {scalar.name}={scalar.values[0]:g},{scalar.values[0] + 0.1:g}" if scalar else ""
    return tidy(rendered("driver", "script", model=model, version=VERSION, example=example))

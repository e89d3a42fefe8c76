"""The exposures of a model that measures are taken of."""

from __future__ import annotations

from rateloom.drivers.model.description import describe, measurable
from rateloom.dsl.model import Model
from rateloom.generator.targets.description import described


def measured_exposures(model: Model) -> list[str]:
    """Return the names of a model's exposures that are not angles.

    Raises
    ------
    InputError
        If all of them are angles.
    """
    names = [exposure.name for exposure in model.exposures]
    return measurable(names, describe(described(model)).angles, "measures")

"""The integration schemes that can be named, known before any code of a model is generated."""

from __future__ import annotations

from rateloom.drivers.support.arguments import one_of
from rateloom.generator.schemes.registry import SCHEMES


def check_integrator(integrator: object) -> None:
    """Raise InputError if there is no integration scheme of this name; the message lists all."""
    one_of("integrator", integrator, tuple(SCHEMES))

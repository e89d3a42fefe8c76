"""Euler's scheme, with additive or multiplicative noise in the sense of Itô (Euler and Maruyama)."""

from __future__ import annotations

from rateloom.generator.ir.nodes import Node

from .step import Scheme, Step


def increments(step: Step) -> dict[str, Node]:
    """x' = x + dt f(x) + noise."""
    return step.whole(step.times(step.dt, step.slopes(step.states, 0)))


EULER = Scheme("euler", "x' = x + dt f(x) + noise", 1, (0.0,), True, increments)

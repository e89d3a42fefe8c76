"""Heun's scheme as The Virtual Brain has it: coupling and noise of a step are the same in both stages."""

from __future__ import annotations

from rateloom.generator.ir.nodes import Node

from .step import Scheme, Step


def increments(step: Step) -> dict[str, Node]:
    """y = x + dt f(x) + noise, x' = x + dt/2 (f(x) + f(y)) + noise."""
    slopes = step.slopes(step.states, 0)
    predicted = step.moved(step.times(step.dt, slopes), "_predicted")
    both = step.sum(slopes, step.slopes(predicted, 1))
    return step.whole(step.times(step.scaled(0.5, "half_dt"), both))


HEUN = Scheme(
    "heun",
    "y = x + dt f(x) + noise, then x' = x + dt/2 (f(x) + f(y)) + noise",
    2,
    (0.0, 1.0),
    True,
    increments,
)

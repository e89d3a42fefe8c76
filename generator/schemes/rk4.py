"""The classical Runge-Kutta scheme of fourth order; the coupling of a step is the same in all stages.

It is The Virtual Brain's ``RungeKutta4thOrderDeterministic``: of fourth order for nodes that are not coupled,
and for equations without noise alone.
"""

from __future__ import annotations

from rateloom.generator.ir.nodes import Node

from .step import Scheme, Step


def increments(step: Step) -> dict[str, Node]:
    """x' = x + dt/6 (k1 + 2 k2 + 2 k3 + k4)."""
    graph = step.equations.graph
    half = step.scaled(0.5, "half_dt")
    first = step.slopes(step.states, 0)
    second = step.slopes(step.moved(step.times(half, first), "_first"), 1)
    third = step.slopes(step.moved(step.times(half, second), "_second"), 2)
    fourth = step.slopes(step.moved(step.times(step.dt, third), "_third"), 3)
    two = graph.constant(2.0)
    total = step.sum(first, step.times(two, second), step.times(two, third), fourth)
    return step.whole(step.times(step.scaled(1.0 / 6.0, "sixth_dt"), total))


RK4 = Scheme(
    "rk4",
    "x' = x + dt/6 (k1 + 2 k2 + 2 k3 + k4), where the k are f at x, twice half a step on, and a step on",
    4,
    (0.0, 0.5, 0.5, 1.0),
    False,
    increments,
)

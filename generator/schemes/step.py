"""The parts of an integration scheme: slopes at a stage, and states moved by increments.

A scheme is a function of a `Step` that says what the step adds to the states. It serves twice: to print a
step, where slopes come from calls of the model's right-hand side, and to count its cost, where they are
computed in place. How increments are added up is the same for every scheme: see `advanced`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rateloom.generator.ir.nodes import Node
from rateloom.generator.lowering import (
    Equations,
    NextStates,
    Values,
    advanced,
    carry_leaves,
    clamped,
    couplings_of,
    derivatives_of,
    noise_of,
    scope_of,
    state_leaves,
    time_leaf,
)


@dataclass(frozen=True)
class Scheme:
    """An integration scheme.

    Attributes
    ----------
    name, description : str
    order : int
        Of convergence, for nodes that are not coupled.
    stages : tuple of float
        Time of each evaluation of the right-hand side, in steps after the beginning of the step.
    noise : bool
        Whether it is one for stochastic equations.
    increments : callable
        From a `Step` to what it adds to the states.
    renews_coupling : bool
        Whether the last stage reads the coupling of the next step, which predicted states take part in. The
        step is then made in two traversals of all nodes, by a kernel of its own, and has two stages: at its
        beginning and at its end.
    """

    name: str
    description: str
    order: int
    stages: tuple[float, ...]
    noise: bool
    increments: Callable[[Step], dict[str, Node]]
    renews_coupling: bool = False

    @property
    def n_traversal(self) -> int:
        """Return how often a step goes over all nodes."""
        return 2 if self.renews_coupling else 1


@dataclass(eq=False)
class Step(ABC):
    """One step of one node: its states, the length of the step, and the noise that is added to the states."""

    equations: Equations
    scheme: Scheme
    dt: Node
    noise: Mapping[str, Node]

    @property
    def states(self) -> dict[str, Node]:
        """States before the step."""
        return state_leaves(self.equations)

    @abstractmethod
    def slopes(self, states: Values, stage: int) -> dict[str, Node]:
        """Evaluate the right-hand sides at a stage."""

    def scaled(self, factor: float, name: str = "") -> Node:
        """Return a part of the step's length."""
        part = self.equations.graph.multiply(self.equations.graph.constant(factor), self.dt)
        return self.equations.graph.name(part, name) if name else part

    def times(self, factor: Node, slopes: Values) -> dict[str, Node]:
        """Multiply slopes with a time."""
        return {v: self.equations.graph.multiply(factor, slope) for v, slope in slopes.items()}

    def sum(self, *terms: Values) -> dict[str, Node]:
        """Add up slopes, from left to right."""
        graph, total = self.equations.graph, dict(terms[0])
        for term in terms[1:]:
            total = {v: graph.add(total[v], term[v]) for v in total}
        return total

    def moved(self, increments: Values, suffix: str) -> dict[str, Node]:
        """Add increments and the noise to the states before the step, and keep them within their bounds."""
        graph, values = self.equations.graph, {}
        for name, state in self.states.items():
            value = graph.add(state, increments[name])
            values[name] = graph.add(value, self.noise[name]) if name in self.noise else value
        return clamped(self.equations, values, suffix)

    def whole(self, increments: Values) -> dict[str, Node]:
        """Return what a step adds to the states: what rounding left of the last one, increments and noise."""
        graph, values = self.equations.graph, {}
        for name, carry in carry_leaves(self.equations).items():
            value = graph.add(carry, increments[name])
            value = graph.add(value, self.noise[name]) if name in self.noise else value
            values[name] = graph.name(value, f"increment_{name}")
        return values


def stage_suffix(stage: int) -> str:
    """Return what ends the names of a stage's slopes: nothing at the first, then ``_2``, ``_3``, …."""
    return f"_{stage + 1}" if stage else ""


@dataclass(eq=False)
class Evaluation:
    """A call of the right-hand side: the states that it is called with, and the leaves of its results."""

    states: dict[str, Node]
    stage: int
    slopes: dict[str, Node]


@dataclass(eq=False)
class PrintedStep(Step):
    """A step whose slopes are results of calls."""

    evaluations: list[Evaluation] = field(default_factory=list)

    def slopes(self, states: Values, stage: int) -> dict[str, Node]:
        """Return leaves for the slopes, and note the call that gives them."""
        suffix = stage_suffix(stage)
        leaves = {v: self.equations.leaf(f"slope {v}{suffix}") for v in states}
        self.evaluations.append(Evaluation(dict(states), stage, leaves))
        return leaves


@dataclass(eq=False)
class WholeStep(Step):
    """A step whose slopes are computed in place."""

    couplings: Mapping[str, Node] = field(default_factory=dict)

    def slopes(self, states: Values, stage: int) -> dict[str, Node]:
        """Lower the right-hand sides."""
        scope = {**scope_of(self.equations, states, self.time(stage)), **self.couplings}
        return derivatives_of(self.equations, scope, stage_suffix(stage))

    def time(self, stage: int) -> Node:
        """Time of a stage."""
        return time_after(self.equations, self.scheme.stages[stage])


def time_after(equations: Equations, steps: float) -> Node:
    """Time some steps after the beginning of a step."""
    graph = equations.graph
    later = graph.multiply(graph.constant(steps), equations.constants["dt"])
    return graph.add(time_leaf(equations), later) if steps else time_leaf(equations)


def whole_step(equations: Equations, scheme: Scheme) -> tuple[NextStates, dict[str, Node]]:
    """Lower a step with nothing called: what comes after it, and its couplings."""
    scope = scope_of(equations, state_leaves(equations))
    couplings = couplings_of(equations, scope)
    step = WholeStep(
        equations, scheme, equations.constants["dt"], noise_of(equations, scope), couplings=couplings
    )
    return advanced(equations, scheme.increments(step)), couplings

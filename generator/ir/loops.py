"""Loops of a kernel as typed nodes: over blocks of steps, nodes and steps, with what happens in each.

A node says what is read, written and summed, and in which order. How a target lays it out in memory and
spreads it over lanes and threads is the target's template of that node. Passes walk and rebuild the tree
(`walk`, `rebuilt`): they can drop, reverse and add to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .program import Accumulator, EdgeSum


@dataclass(frozen=True)
class Action:
    """An action at one place of the loops."""


@dataclass(frozen=True)
class Loop(Action):
    """Actions that are done again and again, in their order."""

    body: tuple[Action, ...]


@dataclass(frozen=True)
class BlockLoop(Loop):
    """Over blocks of steps, in which the nodes need nothing of each other but over short edges."""


@dataclass(frozen=True)
class NodeLoop(Loop):
    """Over the nodes."""


@dataclass(frozen=True)
class StepLoop(Loop):
    """Over the steps of a block, in order; where a step takes two traversals, over these."""


@dataclass(frozen=True)
class OnTraversal(Loop):
    """Actions of one of a step's two traversals of the nodes: 0 predicts, 1 corrects."""

    traversal: int


@dataclass(frozen=True)
class SumWindows(Action):
    """Sum the history over edges, for all steps of a block: every accumulator that is not switched off."""

    sums: tuple[Accumulator, ...]


@dataclass(frozen=True)
class LoadNode(Action):
    """Read what a node keeps from block to block: hoisted rows, states, sums of windows, factors."""

    states: tuple[str, ...]
    factors: tuple[str, ...]
    exposures: tuple[str, ...]


@dataclass(frozen=True)
class ReadInputs(Action):
    """Read the values of inputs at a step."""

    inputs: tuple[str, ...]


@dataclass(frozen=True)
class ReadClock(Action):
    """Compute what depends on time alone, at each stage of the step and after it."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class SumTerms(Action):
    """Compute a term on each edge and sum them, for one step."""

    sum: EdgeSum


@dataclass(frozen=True)
class DrawNormals(Action):
    """Draw the normal deviates of a step."""

    normals: tuple[str, ...]


@dataclass(frozen=True)
class AdvanceNode(Action):
    """Couplings, noise and one step of the scheme; exposures are added to the sums of the window."""

    states: tuple[str, ...]
    exposures: tuple[str, ...]


@dataclass(frozen=True)
class RestoreHistory(Action):
    """Write the factors of the states into the slot of those that were predicted for this step."""

    factors: tuple[str, ...]


@dataclass(frozen=True)
class PredictNode(Action):
    """Couplings, noise and the states that a step predicts."""

    states: tuple[str, ...]


@dataclass(frozen=True)
class CorrectNode(Action):
    """Couplings of the predicted states, and the states after the step; exposures are added to the window."""

    states: tuple[str, ...]
    exposures: tuple[str, ...]


@dataclass(frozen=True)
class WriteHistory(Action):
    """Write the factors of the states after the step into the history's next slot."""

    factors: tuple[str, ...]


@dataclass(frozen=True)
class CloseWindow(Action):
    """At the end of a window give its mean as a sample, and begin the next."""

    exposures: tuple[str, ...]


@dataclass(frozen=True)
class StoreNode(Action):
    """Write what a node keeps from block to block, and the step at which it diverged."""

    states: tuple[str, ...]
    exposures: tuple[str, ...]


def walk(action: Action) -> Iterator[Action]:
    """Visit an action and all within it, each before what it holds."""
    yield action
    if isinstance(action, Loop):
        for inner in action.body:
            yield from walk(inner)


def rebuilt(action: Action, change: Callable[[Action], Action | None]) -> Action | None:
    """Change actions from the innermost outwards; None leaves one out.

    Parameters
    ----------
    action : Action
    change : callable
        From an action, whose body is changed already, to what stands in its place.
    """
    if isinstance(action, Loop):
        body = (rebuilt(inner, change) for inner in action.body)
        action = replace(action, body=tuple(inner for inner in body if inner is not None))
    return change(action)

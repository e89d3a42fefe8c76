"""The program: what the passes make of a model, and all that a target needs to print it.

Names here are the model's, or made from them, and unique; a target changes those that its language forbids.
"""

from __future__ import annotations

from dataclasses import dataclass

from rateloom.dsl.model import Model

from .nodes import Node


@dataclass(frozen=True)
class Statement:
    """One assignment: each name is assigned once (static single assignment).

    ``comment`` says what the statements from this one on compute, where the model says it; ``unit`` is that
    of a definition without a description.
    """

    name: str
    value: Node
    comment: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Block:
    """Statements in order, and what they compute.

    Attributes
    ----------
    statements : tuple of Statement
    results : tuple of Node
        What is computed, in the order that the block's user expects.
    leaves : frozenset of str
        Names that the block reads and does not assign.
    rows : tuple of Node
        Hoisted values that the block reads.
    names : dict of Node to str
        The name of each node that has one.
    """

    statements: tuple[Statement, ...]
    results: tuple[Node, ...]
    leaves: frozenset[str]
    rows: tuple[Node, ...]
    names: dict[Node, str]


@dataclass(frozen=True)
class Procedure:
    """A function that the loops call for one node and one work item.

    Attributes
    ----------
    name, description : str
    arguments : tuple of str
        Names of its arguments; hoisted values and those of the clock come beside them.
    clock : tuple of str
        Names of the clock's values that it reads.
    block : Block
    results : tuple of str
        Names of its results where they are not given others.
    """

    name: str
    description: str
    arguments: tuple[str, ...]
    clock: tuple[str, ...]
    block: Block
    results: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """The call of a procedure at a stage: names of its results and of its arguments."""

    results: tuple[str, ...]
    procedure: str
    arguments: tuple[str, ...]
    stage: int


@dataclass(frozen=True)
class SchemeBody:
    """One step of a node by a scheme.

    Attributes
    ----------
    name, description : str
    arguments : tuple of str
        States before the step, couplings, inputs, carries, noise, and `dt`; the same for every scheme that
        makes its step in one traversal.
    stages : tuple of float
        Time of each stage, in steps after the beginning of the step.
    statements : tuple of Statement or Call
    results : tuple of str
        Names of what the step adds to the states.
    predicted : tuple of str
        Names of the states that the last stage evaluates the right-hand sides at.
    names : dict of Node to str
    """

    name: str
    description: str
    arguments: tuple[str, ...]
    stages: tuple[float, ...]
    statements: tuple[Statement | Call, ...]
    results: tuple[str, ...]
    predicted: tuple[str, ...]
    names: dict[Node, str]


@dataclass(frozen=True)
class Traversals:
    """A step in two traversals over all nodes: one that predicts states, and one that corrects them.

    Attributes
    ----------
    predict : SchemeBody
        Its results are the predicted states, and then what is handed on that it computes.
    correct : SchemeBody
        Its arguments are the predicted states, what is handed on, couplings, carries and `dt`; its results
        are what the step adds to the states before it.
    predicted : tuple of str
        Names of the predicted states.
    factors : tuple of str
        Names of the history's rows in the predicted states.
    handed_on : tuple of str
        Names of what a node keeps from one traversal to the next: the states before the step first.
    """

    predict: SchemeBody
    correct: SchemeBody
    predicted: tuple[str, ...]
    factors: tuple[str, ...]
    handed_on: tuple[str, ...]

    @property
    def instead(self) -> dict[str, str]:
        """Names of the predicted states by those of the states before the step."""
        return dict(zip(self.handed_on, self.predicted, strict=False))


@dataclass(frozen=True)
class Accumulator:
    """A weighted sum over edges of one row of the history, delayed or taken now.

    ``leaf`` is what the sum is called in expressions. ``gates`` are hoisted rows: where one of them is zero
    for all work items and nodes, nothing reads the sum.
    """

    name: str
    leaf: str
    factor: int
    delayed: bool
    gates: tuple[int, ...]


@dataclass(frozen=True)
class EdgeSum:
    """A weighted sum over edges whose terms are computed on each edge: `pre` could not be split.

    ``leaf`` and ``gates`` are those of `Accumulator`.
    """

    name: str
    leaf: str
    delayed: bool
    block: Block
    gates: tuple[int, ...]


@dataclass(frozen=True)
class Angle:
    """An exposure that is an angle: its number, its period, and the name of the turns a step takes off."""

    exposure: int
    period: float
    turns: str


@dataclass(frozen=True)
class Program:
    """One model, ready to be printed for any target.

    Attributes
    ----------
    parameters : tuple of str
        Names of the rows of the parameter array; a vector takes a row an element.
    hoisted : Block
        What is computed once a work item (and regional node); its results are the hoisted rows.
    factors : tuple of str
        Names of the history's rows: functions of a source's states; that of a state, where it is one.
    next_factors : tuple of str
        Names of their values after a step.
    source_rows : dict of str to int
        For sums over edges that are not split: which row of the history holds a source's state.
    accumulators, edge_sums
        What the edge loops sum up.
    states, carries, inputs, normals, couplings : tuple of str
        Names of what a step reads; carries are what rounding left of a state's last step.
    angles : tuple of Angle
        Exposures whose averages count turns.
    weight_sum : str
        Name of a node's sum of weights.
    procedures : dict of str to Procedure
        ``couplings`` from sums over edges, ``noise`` from normal deviates, ``derivatives``; ``next_states``:
        states and carries, from states and what is added to them; ``factors`` and ``exposures`` of states,
        where these are not states themselves; ``clock``: what depends on time alone, in double precision.
        Absent where there is nothing to compute.
    exposures : tuple of str
        Names of what monitors see after a step.
    schemes : dict of str to SchemeBody
    traversals : Traversals, optional
        The step of the only scheme, where it renews the coupling.
    """

    model: Model
    parameters: tuple[str, ...]
    hoisted: Block
    factors: tuple[str, ...]
    next_factors: tuple[str, ...]
    source_rows: dict[str, int]
    accumulators: tuple[Accumulator, ...]
    edge_sums: tuple[EdgeSum, ...]
    states: tuple[str, ...]
    carries: tuple[str, ...]
    angles: tuple[Angle, ...]
    inputs: tuple[str, ...]
    normals: tuple[str, ...]
    couplings: tuple[str, ...]
    weight_sum: str
    procedures: dict[str, Procedure]
    exposures: tuple[str, ...]
    schemes: dict[str, SchemeBody]
    traversals: Traversals | None = None

    @property
    def n_traversal(self) -> int:
        """How often a step goes over all nodes."""
        return 2 if self.traversals else 1

    @property
    def sum_rows(self) -> int:
        """Number of rows of a window's sums: exposures, what rounding left of each sum, turns of angles."""
        return 2 * len(self.exposures) + len(self.angles)

    @property
    def state_rows(self) -> tuple[str, ...]:
        """Names of what a node keeps from step to step: states, carries, and what traversals hand on."""
        return (*self.states, *self.carries, *(self.traversals.handed_on if self.traversals else ()))

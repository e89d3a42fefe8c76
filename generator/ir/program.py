"""The program: what the passes make of a model, and all that the printers and templates need."""

from __future__ import annotations

from dataclasses import dataclass

from rateloom.dsl.model import Model

from .nodes import Node


@dataclass(frozen=True)
class Statement:
    """One assignment: each name is assigned once (static single assignment)."""

    name: str
    value: Node


@dataclass(frozen=True)
class Block:
    """The body of one loop.

    Attributes
    ----------
    step : tuple of Statement
        What depends on time alone; computed before the loop over lanes.
    statements : tuple of Statement
        The loop's body, in order.
    results : tuple of Node
        What the loop stores, in the order that the loop's template expects.
    leaves : frozenset of str
        Names that the body reads and does not assign.
    rows : tuple of Node
        Hoisted values that the body reads.
    names : dict of Node to str
        The identifier of each node that has one.
    """

    step: tuple[Statement, ...]
    statements: tuple[Statement, ...]
    results: tuple[Node, ...]
    leaves: frozenset[str]
    rows: tuple[Node, ...]
    names: dict[Node, str]


@dataclass(frozen=True)
class Accumulator:
    """A weighted sum over edges of one row of the history, delayed or taken now.

    ``gates`` are hoisted rows: where one of them is zero for all work items and nodes, nothing reads the sum.
    """

    name: str
    factor: int
    delayed: bool
    gates: tuple[int, ...]


@dataclass(frozen=True)
class EdgeSum:
    """A weighted sum over edges whose terms are computed on each edge: `pre` could not be split.

    ``gates`` are those of `Accumulator`.
    """

    name: str
    delayed: bool
    block: Block
    gates: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """One model, ready to be printed for any target.

    Attributes
    ----------
    parameters : tuple of str
        Identifiers of the rows of the parameter array; a vector takes a row an element.
    hoisted : Block
        What is computed once a work item (and regional node); its results are the hoisted rows.
    factors : tuple of str
        Identifiers of the history's rows: functions of a source's states.
    source_rows : dict of str to int
        For sums over edges that are not split: which row of the history holds a source's state.
    history : Block
        The factors of given states, for filling the history before the first step.
    accumulators, edge_sums
        What the edge loops sum up.
    states, inputs, normals : tuple of str
        Identifiers of the rows that a step reads.
    weight_sum : str
        Identifier of a node's sum of weights.
    schemes : dict of str to Block
        A node's update by each integrator: results are the next states, their factors and the exposures.
    """

    model: Model
    parameters: tuple[str, ...]
    hoisted: Block
    factors: tuple[str, ...]
    source_rows: dict[str, int]
    history: Block
    accumulators: tuple[Accumulator, ...]
    edge_sums: tuple[EdgeSum, ...]
    states: tuple[str, ...]
    inputs: tuple[str, ...]
    normals: tuple[str, ...]
    weight_sum: str
    schemes: dict[str, Block]

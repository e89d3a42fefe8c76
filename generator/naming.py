"""The names of a program: the model's where it has one, and else what a value is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .blocks import fused_block
from .ir.names import Names, composed_name
from .ir.nodes import Depends, Graph, Node
from .ir.program import Block
from .lowering import (
    Equations,
    carry_leaves,
    coupling_leaves,
    increment_leaves,
    normal_name,
    seen_angles,
    state_leaves,
)
from .passes.couple import WEIGHT_SUM
from .passes.schedule import frontier, is_hoisted, is_of_time

# characters of a hoisted row's name that is made of others
_LONGEST_ROW = 36


@dataclass(frozen=True)
class Naming:
    """Names that all blocks share, what others may be called, and what blocks read and do not compute."""

    graph: Graph
    names: Names
    clock: Mapping[Node, str]

    def is_leaf(self, node: Node) -> bool:
        """Whether a block reads a value and does not compute it."""
        return node.op == "leaf" or is_hoisted(node) or node in self.clock

    def block(self, roots: Sequence[Node], is_leaf: Callable[[Node], bool] | None = None) -> Block:
        """Fuse and schedule what is computed inside the time loop."""
        return fused_block(self.graph, roots, self.names, is_leaf or self.is_leaf)


def named(
    e: Equations, inside: list[Node], constants: Mapping[Node, str], factors: list[Node]
) -> tuple[Naming, list[Node]]:
    """Name leaves, hoisted rows and values of the clock: first the leaves, so that names stay the model's."""
    names = Names()
    _name_leaves(e, names)
    outside = [n for n in frontier(inside, is_hoisted) if not names.is_scalar(n)]
    known = {**e.graph.hints, **e.graph.names, **constants}
    for node in outside:
        words = known.get(node) or composed_name(node, {**known, **names.of}, _LONGEST_ROW)
        names.give(node, words)
    clock = {}
    for node in frontier(inside, is_of_time):
        clock[node] = names.give(node, e.graph.names.get(node) or e.graph.hints.get(node))
    for node in factors:
        e.graph.hint(node, names.give(node, f"coupled {composed_name(node, names.of) or ''}".strip()))
    return Naming(e.graph, names, clock), outside


def _name_leaves(e: Equations, names: Names) -> None:
    graph, model = e.graph, e.model
    names.give_scalar(e.constants["dt"], "dt")
    names.give_scalar(e.constants["n_node"], "node_count")
    names.give_scalar(graph.leaf("t", Depends.STEP), "t")
    for element in (x for p in model.parameters for x in p.elements):
        names.give(e.constants[element], element)
    for name, leaf in {**state_leaves(e), **state_leaves(e, "_j"), **coupling_leaves(e)}.items():
        names.give(leaf, name)
    ours = [
        *(i.name for i in model.inputs),
        *(str(leaf.value) for leaf in (*carry_leaves(e).values(), *increment_leaves(e).values())),
        *(normal_name(n.variable) for n in model.noises),
        *e.plan.accumulators.values(),
        *e.plan.edge_terms,
        WEIGHT_SUM,
    ]
    for name in ours:
        names.give(e.leaf(name), name)


def without(naming: Naming, nodes: list[Node]) -> Names:
    """Return names in which those of some nodes are free, for what computes them."""
    names = naming.names.copy()
    for node in nodes:
        if not is_hoisted(node):
            names.taken.discard(names.of.pop(node, ""))
    return names


@dataclass(frozen=True)
class StepNames:
    """Names of what a step computes and its parts hand on: none is one that the model gives to another."""

    slopes: tuple[str, ...]
    noises: tuple[str, ...]
    exposures: tuple[str, ...]
    next_states: tuple[str, ...]
    turns: dict[str, str]
    factors: tuple[str, ...]
    next_factors: tuple[str, ...]
    predicted_factors: tuple[str, ...]


def step_names(e: Equations, roots: Mapping[str, list[Node]], naming: Naming) -> StepNames:
    """Choose names beside those of the model: a state `x_next` leaves that of the next `x` to another."""
    names = naming.names.copy()
    names.taken |= {v.name for v in e.model.derived_variables}
    states = {names.of[leaf]: f"{names.of[leaf]}_next" for leaf in state_leaves(e).values()}
    next_states = {name: names.unique(wish) for name, wish in states.items()}
    carries = tuple(names.unique(f"{names.of[leaf]}_next") for leaf in carry_leaves(e).values())
    # one that is not computed has the name of what it is, which is an argument or a row
    factors = tuple(
        names.unique(f"coupled_{names.of[n]}") if naming.is_leaf(n) else names.of[n] for n in roots["factors"]
    )
    plain = all(names.of.get(n) in next_states for n in roots["factors"])
    of_factors = [(names.of[n], name) for n, name in zip(roots["factors"], factors, strict=True)]
    seen = set(seen_angles(e.model).values())
    return StepNames(
        slopes=tuple(names.unique(f"d_{d.variable}") for d in e.model.time_derivatives),
        noises=tuple(names.unique(f"noise_{n.variable}") for n in e.model.noises),
        exposures=tuple(names.unique(f"exposed_{x.name}") for x in e.model.exposures),
        next_states=(*next_states.values(), *carries),
        turns={v.name: names.unique(f"turns_{v.name}") for v in e.model.state_variables if v.name in seen},
        factors=factors,
        next_factors=tuple(
            next_states[state] if plain else names.unique(f"{name}_next") for state, name in of_factors
        ),
        predicted_factors=tuple(
            state if plain else names.unique(f"{name}_predicted") for state, name in of_factors
        ),
    )

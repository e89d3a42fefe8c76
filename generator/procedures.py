"""The procedures of a step: the parts that loops and schemes call for one node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .blocks import fused_block
from .ir.nodes import Node
from .ir.program import Block, Procedure
from .lowering import Equations, coupling_leaves, couplings_read, increment_leaves, normal_name, state_leaves
from .naming import Naming, StepNames, without
from .passes.couple import WEIGHT_SUM


def procedures_of(
    e: Equations, roots: Mapping[str, list[Node]], naming: Naming, step: StepNames
) -> dict[str, Procedure]:
    """Make a procedure of each part of a step that has something to compute."""
    states = {naming.names.of[n] for n in state_leaves(e).values()}
    couplings = couplings_read(e, [*roots["derivatives"], *roots["exposures"]])
    following = (*step.next_states, *step.turns.values())
    parts = {
        "couplings": ("What couplings make of the sums over edges.", couplings),
        "noise": ("What the step's noise adds to states.", step.noises),
        "derivatives": ("Right-hand sides, per ms.", step.slopes),
        "factors": ("What couplings need of a node's states.", step.factors),
        "exposures": ("What monitors see.", step.exposures),
        "next_states": ("States after a step, and what rounding left of it, for the next.", following),
    }
    procedures = {}
    if naming.clock:
        block = naming.block(list(naming.clock), lambda node: node.op == "leaf")
        values = tuple(naming.clock.values())
        procedures["clock"] = Procedure("clock", "What depends on time alone.", ("t",), (), block, values)
    for name, (about, results) in parts.items():
        plain = name in ("factors", "exposures") and all(
            naming.names.of.get(n) in states for n in roots[name]
        )
        if not results or plain:
            continue
        computed = {"factors": [n for n in roots[name] if n.op != "leaf"]}
        computed["couplings"] = list(coupling_leaves(e).values())
        names = without(naming, computed.get(name, []))
        # what the step before has left in the history is not computed again
        carried = set(roots["factors"]) if name == "couplings" else set()
        block = fused_block(naming.graph, roots[name], names, _leaf_test(naming, carried))
        arguments = _arguments(e, block, naming, roots["factors"])
        clock = tuple(value for value in naming.clock.values() if value in block.leaves)
        procedures[name] = Procedure(name, about, arguments, clock, block, results)
    return procedures


def _leaf_test(naming: Naming, carried: set[Node]) -> Callable[[Node], bool]:
    """Return what says whether a block reads a node, the carried ones among them."""
    return lambda node: naming.is_leaf(node) or node in carried


def _arguments(e: Equations, block: Block, naming: Naming, factors: Sequence[Node]) -> tuple[str, ...]:
    """Order the names that a procedure reads, hoisted values and those of the clock left out."""
    of = naming.names.of
    rows = {block.names[n] for n in block.rows}
    leaves = [
        *state_leaves(e).values(),
        *factors,
        *coupling_leaves(e).values(),
        *(e.leaf(name) for name in (*e.plan.accumulators.values(), *e.plan.edge_terms, WEIGHT_SUM)),
        *(e.leaf(normal_name(n.variable)) for n in e.model.noises),
        *(e.leaf(i.name) for i in e.model.inputs),
        *increment_leaves(e).values(),
        e.constants["dt"],
        e.constants["n_node"],
    ]
    return tuple(dict.fromkeys(of[n] for n in leaves if of[n] in block.leaves and of[n] not in rows))


def sums_read(procedures: Mapping[str, Procedure]) -> set[str]:
    """Return the names that couplings read which something reads."""
    if "couplings" not in procedures:
        return set()
    return set(procedures["couplings"].block.leaves)

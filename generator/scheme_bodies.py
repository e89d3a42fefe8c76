"""One step of a node by a scheme: calls of the right-hand side, and what is computed between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .blocks import fused_block
from .ir.names import Names
from .ir.nodes import Graph, Node
from .ir.program import Call, Procedure, SchemeBody, Statement
from .lowering import Equations, carry_leaves, increment_leaves, state_leaves
from .naming import Naming, StepNames, without
from .schemes.step import PrintedStep, Scheme, stage_suffix


@dataclass(eq=False)
class _Body:
    """The statements of a step so far, the nodes that they compute, and all names."""

    graph: Graph
    names: Names
    statements: list[Statement | Call] = field(default_factory=list)
    computed: set[Node] = field(default_factory=set)

    def compute(self, roots: Sequence[Node]) -> list[str]:
        """Add the statements that some nodes need, and return the nodes' names."""
        names, computed = self.names, self.computed
        block = fused_block(self.graph, roots, names, lambda node: node.op == "leaf" or node in computed)
        self.statements.extend(block.statements)
        for node, name in block.names.items():
            if node not in names.of:
                names.of[node] = name
                names.taken.add(name)
        computed.update(s.value for s in block.statements)
        for root, image in zip(roots, block.results, strict=True):
            if image in names.of:
                names.of.setdefault(root, names.of[image])
                computed.add(root)
        return [names.of[root] for root in roots]


def scheme_body(
    e: Equations,
    scheme: Scheme,
    naming: Naming,
    names_of_step: StepNames,
    procedures: Mapping[str, Procedure],
) -> SchemeBody:
    """Write one step of a node: calls of the right-hand side, and what is computed between them."""
    graph, of = e.graph, naming.names.of
    known_names, known_hints = dict(graph.names), dict(graph.hints)
    dt = e.leaf("step dt")
    noise = {n.variable: e.leaf(f"noise {n.variable}") for n in e.model.noises}
    step = PrintedStep(e, scheme, dt, noise if scheme.noise else {})
    increments = scheme.increments(step)
    names = without(naming, list(increment_leaves(e).values()))
    names.of[dt] = "dt"
    names.of |= dict(zip(noise.values(), names_of_step.noises, strict=True))
    names.taken.update(names_of_step.noises)
    body = _Body(graph, names)
    call = procedures["derivatives"]
    states = {of[leaf]: leaf for leaf in state_leaves(e).values()}
    for evaluation in step.evaluations:
        values = dict(zip(states, body.compute(list(evaluation.states.values())), strict=True))
        suffix = stage_suffix(evaluation.stage)
        slopes = tuple(names.give(leaf, f"d_{v}{suffix}") for v, leaf in evaluation.slopes.items())
        arguments = tuple(values.get(a, a) for a in call.arguments)
        body.statements.append(Call(slopes, call.name, arguments, evaluation.stage))
    results = tuple(body.compute(list(increments.values())))
    graph.names, graph.hints = known_names, known_hints
    others = (a for a in call.arguments if a not in states and a != "dt")
    carries = (names.of[leaf] for leaf in carry_leaves(e).values())
    noises = (names.of[leaf] for leaf in noise.values())
    return SchemeBody(
        name=scheme.name,
        description=scheme.description,
        arguments=(*states, *others, *carries, *noises, "dt"),
        stages=scheme.stages,
        statements=tuple(body.statements),
        results=results,
        predicted=tuple(values.values()),
        names=names.of,
    )

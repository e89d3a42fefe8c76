"""One step of a node by a scheme: calls of the right-hand side, and what is computed between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .blocks import fused_block
from .ir.nodes import Node
from .ir.program import Call, Procedure, SchemeBody, Statement
from .lowering import Equations, carry_leaves, increment_leaves, state_leaves
from .naming import Naming, StepNames, without
from .schemes.step import PrintedStep, Scheme, stage_suffix


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
    computed: set[Node] = set()
    statements: list[Statement | Call] = []

    def compute(roots: Sequence[Node]) -> list[str]:
        block = fused_block(graph, roots, names, lambda node: node.op == "leaf" or node in computed)
        statements.extend(block.statements)
        images = dict(zip(roots, block.results, strict=True))
        for node, name in block.names.items():
            if node not in names.of:
                names.of[node] = name
                names.taken.add(name)
        computed.update(s.value for s in block.statements)
        for root, image in images.items():
            if image in names.of:
                names.of.setdefault(root, names.of[image])
                computed.add(root)
        return [names.of[root] for root in roots]

    call = procedures["derivatives"]
    states = {of[leaf]: leaf for leaf in state_leaves(e).values()}
    for evaluation in step.evaluations:
        values = dict(zip(states, compute(list(evaluation.states.values())), strict=True))
        suffix = stage_suffix(evaluation.stage)
        slopes = tuple(names.give(leaf, f"d_{v}{suffix}") for v, leaf in evaluation.slopes.items())
        arguments = tuple(values.get(a, a) for a in call.arguments)
        statements.append(Call(slopes, call.name, arguments, evaluation.stage))
    results = tuple(compute(list(increments.values())))
    graph.names, graph.hints = known_names, known_hints
    others = (a for a in call.arguments if a not in states and a != "dt")
    carries = (names.of[leaf] for leaf in carry_leaves(e).values())
    noises = (names.of[leaf] for leaf in noise.values())
    return SchemeBody(
        name=scheme.name,
        description=scheme.description,
        arguments=(*states, *others, *carries, *noises, "dt"),
        stages=scheme.stages,
        statements=tuple(statements),
        results=results,
        predicted=tuple(values.values()),
        names=names.of,
    )

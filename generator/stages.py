"""The stages from a model to its program, in the order in which they run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rateloom.dsl.model import Model
from rateloom.generator.ir.nodes import Depends, Graph, Node
from rateloom.generator.ir.program import Accumulator, Block, EdgeSum, Program
from rateloom.generator.passes.couple import WEIGHT_SUM, plan_couplings
from rateloom.generator.passes.fuse import fuse
from rateloom.generator.passes.gate import gates
from rateloom.generator.passes.schedule import frontier, is_hoisted, schedule
from rateloom.generator.schemes.step import (
    INTEGRATORS,
    Setting,
    edge_term,
    factors_of,
    normal_name,
    setting,
    state_leaves,
    step,
)
from rateloom.generator.targets.code_functions import external_names
from rateloom.generator.targets.identifiers import Names, reserve


def build_program(model: Model, templates: Iterable[str]) -> Program:
    """Turn a model into a program.

    Parameters
    ----------
    model : Model
        A checked model.
    templates : iterable of str
        Texts of the templates that it will be printed into, whose identifiers are not given away.

    Raises
    ------
    GeneratorError
        Where code cannot be generated.
    """
    # 1. couplings: what the history holds and what edges sum
    plan = plan_couplings(model)
    # 2. lowering: everything as nodes of one graph, where equal expressions are one node
    graph = Graph()
    base = setting(graph, model, plan)
    constant_names = dict(graph.names)
    history = factors_of(base, state_leaves(base))
    edges = {name: edge_term(base, name) for name in plan.edge_terms}
    steps, wishes = {}, {}
    for integrator in INTEGRATORS:
        graph.names = dict(constant_names)
        steps[integrator] = _flat(step(base, integrator))
        wishes[integrator] = graph.names
    # 3. hoisting: what the time loop reads from outside
    names = _name_leaves(base, Names(reserve(templates) | external_names(model)))
    inside = [r for roots in steps.values() for r in roots] + history + list(edges.values())
    outside = [n for n in frontier(inside) if not names.is_scalar(n)]
    hoisted_names = {**wishes["heun"], **wishes["euler"], **constant_names}
    for node in outside:
        names.give(node, hoisted_names.get(node))
    leaves = names.copy()
    carried = [n for n in history if not is_hoisted(n)]
    for node in carried:
        names.give(node, f"coupled {names.describe(node)}")
    # 4. fusing and scheduling: statements of each loop, in order
    schemes = {i: _loop(graph, roots, names, wishes[i], set(carried)) for i, roots in steps.items()}
    read = frozenset().union(*(block.leaves for block in schemes.values()))
    # 5. sums over edges, and what switches them off
    leaf = {name: graph.leaf(name, Depends.NODE) for name in (*plan.accumulators.values(), *edges)}
    switches = gates(leaf.values(), [r for roots in steps.values() for r in roots])
    rows = {node: row for row, node in enumerate(outside)}
    off = {name: tuple(rows[g] for g in switches[node] if g in rows) for name, node in leaf.items()}
    accumulators = tuple(
        Accumulator(names.of[leaf[name]], row, delayed, off[name])
        for (row, delayed), name in plan.accumulators.items()
    )
    edge_sums = tuple(
        EdgeSum(names.of[leaf[n]], plan.edge_terms[n][1], _loop(graph, [e], leaves), off[n])
        for n, e in edges.items()
    )
    return Program(
        model=model,
        parameters=tuple(names.of[base.constants[e]] for p in model.parameters for e in p.elements),
        hoisted=_before_the_loop(graph, outside, names, constant_names),
        factors=tuple(names.of.get(n, "") for n in history),
        source_rows=_source_rows(base, names),
        history=_loop(graph, history, leaves),
        # a coupling that nothing reads is not computed
        accumulators=tuple(a for a in accumulators if a.name in read),
        edge_sums=tuple(e for e in edge_sums if e.name in read),
        states=tuple(names.of[n] for n in state_leaves(base).values()),
        inputs=tuple(names.of[graph.leaf(i.name, Depends.NODE)] for i in model.inputs),
        normals=tuple(names.of[graph.leaf(normal_name(n.variable), Depends.NODE)] for n in model.noises),
        weight_sum=names.of[graph.leaf(WEIGHT_SUM, Depends.NODE)],
        schemes=schemes,
    )


def _loop(
    graph: Graph,
    roots: list[Node],
    names: Names,
    wishes: Mapping[Node, str] | None = None,
    carried: Collection[Node] = (),
) -> Block:
    """Fuse and schedule what a loop inside the time loop computes."""
    images = fuse(
        graph, roots, wishes or {}, lambda node: node.op == "leaf" or node in carried or is_hoisted(node)
    )
    wanted = {images[node]: name for node, name in (wishes or {}).items() if node in images}
    return schedule([images[r] for r in roots], names, wanted, carried=carried)


def _before_the_loop(graph: Graph, roots: list[Node], names: Names, wishes: Mapping[Node, str]) -> Block:
    """Fuse and schedule what is computed once; the time loop reads the results by the same names."""
    images = fuse(graph, roots, {*roots, *wishes}, lambda node: node.op == "leaf")
    inner = names.copy()
    inner.of |= {images[node]: name for node, name in names.of.items() if node in images}
    wanted = {images[node]: name for node, name in wishes.items() if node in images}
    return schedule([images[r] for r in roots], inner, wanted, inside=False)


def _flat(results: dict[str, list[Node]]) -> list[Node]:
    return [*results["states"], *results["factors"], *results["exposures"]]


def _name_leaves(s: Setting, names: Names) -> Names:
    """Give every leaf its identifier: first of all names, so that the model's own stay as they are."""
    graph, model = s.graph, s.model
    # the templates provide these three, under names of their own
    names.give_scalar(s.constants["dt"], "dt")
    names.give_scalar(s.constants["n_node"], "node_count")
    names.give_scalar(graph.leaf("t", Depends.STEP), "time_now")
    for element in (e for p in model.parameters for e in p.elements):
        names.give(s.constants[element], element)
    for name, leaf in state_leaves(s).items():
        names.give(leaf, name)
    for name, leaf in state_leaves(s, "_j").items():
        names.give(leaf, name)
    ours = [
        *(i.name for i in model.inputs),
        *(normal_name(n.variable) for n in model.noises),
        *s.plan.accumulators.values(),
        *s.plan.edge_terms,
        WEIGHT_SUM,
    ]
    for name in ours:
        names.give(graph.leaf(name, Depends.NODE), name)
    return names


def _source_rows(s: Setting, names: Names) -> dict[str, int]:
    """Map the identifier of a source's state to the row of the history that holds it."""
    sources = state_leaves(s, "_j")
    return {
        names.of[sources[f"{factor.name}_j"]]: row
        for factor, row in s.plan.factors.items()
        if s.plan.edge_terms and factor.is_Symbol and f"{factor.name}_j" in sources
    }

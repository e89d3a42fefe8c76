"""The stages from a model to its program, in the order in which they run.

| stage | where | from | to |
| --- | --- | --- | --- |
| couplings | `passes.couple` | `pre` and `post` of the model | factors in the history, sums over edges |
| lowering | `lowering` | SymPy expressions | nodes of one graph: equal expressions are one node |
| names | `naming` | nodes | names, the model's where it has one |
| hoisting | `naming` | nodes that depend on parameters or on time alone | rows computed once, the clock |
| fusing, scheduling | `procedures`, `blocks` | what each procedure computes | its statements, in order |
| schemes | `scheme_bodies` | a scheme and the procedures | the step of a node |
| gates | `passes.gate` | sums over edges | the rows that switch them off |

`rateloom.generator.targets` prints a program.
"""

from __future__ import annotations

from collections.abc import Mapping

from rateloom.dsl.model import Model

from .blocks import once_block
from .ir.names import Names
from .ir.nodes import Graph, Node
from .ir.program import Accumulator, Angle, EdgeSum, Program
from .lowering import (
    Equations,
    carry_leaves,
    coupling_leaves,
    couplings_of,
    derivatives_of,
    edge_term,
    equations_of,
    exposures_of,
    lowered,
    normal_name,
    reached,
    scope_of,
    seen_angles,
    state_leaves,
)
from .naming import StepNames, named, step_names
from .passes.couple import WEIGHT_SUM, plan_couplings
from .passes.gate import gates
from .procedures import procedures_of, sums_read
from .scheme_bodies import scheme_body
from .schemes.registry import SCHEMES, schemes_of
from .schemes.traversals import traversals_of


def build_program(model: Model, scheme: str = "heun") -> Program:
    """Turn a model into a program.

    Parameters
    ----------
    model : Model
    scheme : str
        One of the integration schemes that the program is to have: see `schemes_of`.

    Raises
    ------
    GeneratorError
        Where code cannot be generated.
    """
    plan = plan_couplings(model)
    graph = Graph()
    equations = equations_of(graph, model, plan)
    constants = dict(graph.names)
    roots = lowered(equations)
    summed = reached(roots["couplings"])
    edges = {name: edge_term(equations, name) for name in plan.edge_terms if equations.leaf(name) in summed}
    inside = [node for nodes in roots.values() for node in nodes] + list(edges.values())
    naming, outside = named(equations, inside, constants, roots["factors"])
    step = step_names(equations, roots, naming)
    procedures = procedures_of(equations, roots, naming, step)
    rows = {node: row for row, node in enumerate(outside)}
    off = _switches(equations, rows)
    names = naming.names
    states = tuple(names.of[n] for n in state_leaves(equations).values())
    schemes = {s.name: scheme_body(equations, s, naming, step, procedures) for s in schemes_of(scheme)}
    sums = {name: names.of[equations.leaf(name)] for name in (*plan.accumulators.values(), *edges)}
    read = sums_read(procedures)
    return Program(
        model=model,
        parameters=tuple(names.of[equations.constants[e]] for p in model.parameters for e in p.elements),
        hoisted=once_block(graph, outside, names, constants),
        factors=tuple(names.of.get(n, "") for n in roots["factors"]),
        next_factors=step.next_factors,
        source_rows=_source_rows(equations, names),
        accumulators=tuple(
            Accumulator(sums[name], name, row, delayed, off[name])
            for (row, delayed), name in plan.accumulators.items()
            if sums[name] in read  # a sum that nothing reads is not computed
        ),
        edge_sums=tuple(
            EdgeSum(sums[name], name, plan.edge_terms[name][1], naming.block([term]), off[name])
            for name, term in edges.items()
            if sums[name] in read
        ),
        states=states,
        carries=tuple(names.of[n] for n in carry_leaves(equations).values()),
        angles=_angles(model, step),
        inputs=tuple(names.of[equations.leaf(i.name)] for i in model.inputs),
        normals=tuple(names.of[equations.leaf(normal_name(n.variable))] for n in model.noises),
        couplings=tuple(names.of[n] for n in coupling_leaves(equations).values()),
        weight_sum=names.of[equations.leaf(WEIGHT_SUM)],
        procedures=procedures,
        exposures=tuple(e.name for e in model.exposures),
        schemes=schemes,
        traversals=traversals_of(schemes[scheme], states, step.noises, step.predicted_factors)
        if SCHEMES[scheme].renews_coupling
        else None,
    )


def _angles(model: Model, step: StepNames) -> tuple[Angle, ...]:
    """Return the exposures that are angles."""
    periods = {v.name: v.period for v in model.state_variables}
    return tuple(Angle(k, periods[name] or 0.0, step.turns[name]) for k, name in seen_angles(model).items())


def _switches(e: Equations, rows: Mapping[Node, int]) -> dict[str, tuple[int, ...]]:
    """Find the hoisted rows that switch each sum over edges off."""
    now = scope_of(e, state_leaves(e))
    couplings = couplings_of(e, now)
    whole = {**now, **couplings}
    needed = [*derivatives_of(e, whole).values(), *exposures_of(e, whole)]
    leaves = {name: e.leaf(name) for name in (*e.plan.accumulators.values(), *e.plan.edge_terms)}
    switches = gates(leaves.values(), needed)
    return {name: tuple(rows[g] for g in switches[leaf] if g in rows) for name, leaf in leaves.items()}


def _source_rows(e: Equations, names: Names) -> dict[str, int]:
    """Map the name of a source's state to the row of the history that holds it."""
    sources = state_leaves(e, "_j")
    return {
        names.of[sources[f"{factor.name}_j"]]: row
        for factor, row in e.plan.factors.items()
        if e.plan.edge_terms and factor.is_Symbol and f"{factor.name}_j" in sources
    }

"""The stages from a model to its program, in the order in which they run.

| stage | from | to |
| --- | --- | --- |
| couplings | `pre` and `post` of the model | factors that the history holds, sums over edges |
| lowering | SymPy expressions | nodes of one graph, where equal expressions are one node |
| names | nodes | names, the model's where it has one |
| hoisting | nodes that depend on parameters, or on time, alone | rows computed once, and the clock |
| fusing, scheduling | what each procedure computes | its statements, in order |
| schemes | a scheme and the procedures | the step of a node |
| gates | sums over edges | the rows that switch them off |

`rateloom.generator.targets` prints a program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rateloom.dsl.model import Model

from .ir.names import Names, composed_name
from .ir.nodes import Depends, Graph, Node
from .ir.program import Accumulator, Angle, Block, Call, EdgeSum, Procedure, Program, SchemeBody, Statement
from .lowering import (
    Equations,
    advanced,
    carry_leaves,
    coupling_leaves,
    couplings_of,
    derivatives_of,
    edge_term,
    equations_of,
    exposures_of,
    factors_of,
    increment_leaves,
    noise_of,
    normal_name,
    scope_of,
    seen_angles,
    state_leaves,
)
from .passes.couple import WEIGHT_SUM, plan_couplings
from .passes.fuse import fuse
from .passes.gate import gates
from .passes.schedule import Vocabulary, frontier, is_hoisted, is_of_time, schedule
from .schemes.registry import schemes_of
from .schemes.step import PrintedStep, Scheme, stage_suffix
from .schemes.sweeps import sweeps_of

# characters of a hoisted row's name that is made of others
_LONGEST_ROW = 36


@dataclass(frozen=True)
class _Naming:
    """Names that all blocks share, what others may be called, and what blocks read and do not compute."""

    graph: Graph
    names: Names
    clock: Mapping[Node, str]

    def is_leaf(self, node: Node) -> bool:
        return node.op == "leaf" or is_hoisted(node) or node in self.clock

    def block(self, roots: Sequence[Node], is_leaf: Callable[[Node], bool] | None = None) -> Block:
        """Fuse and schedule what is computed inside the time loop."""
        return fused_block(self.graph, roots, self.names, is_leaf or self.is_leaf)


@dataclass(frozen=True)
class _StepNames:
    """Names of what a step computes and its parts hand on: none is one that the model gives to another."""

    slopes: tuple[str, ...]
    noises: tuple[str, ...]
    exposures: tuple[str, ...]
    next_states: tuple[str, ...]
    turns: dict[str, str]
    factors: tuple[str, ...]
    next_factors: tuple[str, ...]
    predicted_factors: tuple[str, ...]


def _step_names(e: Equations, roots: Mapping[str, list[Node]], naming: _Naming) -> _StepNames:
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
    seen = set(seen_angles(e.model).values())
    of_factors = [
        (names.of[n], "") if plain else ("", name) for n, name in zip(roots["factors"], factors, strict=True)
    ]
    return _StepNames(
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


def build_program(model: Model, renewed: str | None = None) -> Program:
    """Turn a model into a program.

    Parameters
    ----------
    model : Model
    renewed : str, optional
        The scheme whose kernel is to be made, where it is one that renews the coupling: see `schemes_of`.

    Raises
    ------
    GeneratorError
        Where code cannot be generated.
    """
    plan = plan_couplings(model)
    graph = Graph()
    equations = equations_of(graph, model, plan)
    constants = dict(graph.names)
    roots = _lowered(equations)
    summed = _reached(roots["couplings"])
    edges = {name: edge_term(equations, name) for name in plan.edge_terms if equations.leaf(name) in summed}
    inside = [node for nodes in roots.values() for node in nodes] + list(edges.values())
    naming, outside = _named(equations, inside, constants, roots["factors"])
    step = _step_names(equations, roots, naming)
    procedures = _procedures(equations, roots, naming, step)
    rows = {node: row for row, node in enumerate(outside)}
    off = _switches(equations, rows)
    names = naming.names
    states = tuple(names.of[n] for n in state_leaves(equations).values())
    schemes = {s.name: _scheme(equations, s, naming, step, procedures) for s in schemes_of(renewed)}
    sums = {name: names.of[equations.leaf(name)] for name in (*plan.accumulators.values(), *edges)}
    read = _sums_read(procedures)
    return Program(
        model=model,
        parameters=tuple(names.of[equations.constants[e]] for p in model.parameters for e in p.elements),
        hoisted=_before_the_loop(graph, outside, names, constants),
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
        sweeps=sweeps_of(schemes[renewed], states, step.noises, step.predicted_factors) if renewed else None,
    )


def _angles(model: Model, step: _StepNames) -> tuple[Angle, ...]:
    """Return the exposures that are angles."""
    periods = {v.name: v.period for v in model.state_variables}
    return tuple(Angle(k, periods[name] or 0.0, step.turns[name]) for k, name in seen_angles(model).items())


def _lowered(e: Equations) -> dict[str, list[Node]]:
    """Lower all that a step computes, each part from leaves of what the others give it."""
    states, couplings = state_leaves(e), coupling_leaves(e)
    now = scope_of(e, states)
    after = advanced(e, increment_leaves(e))
    derivatives = list(derivatives_of(e, {**now, **couplings}).values())
    exposures = exposures_of(e, {**now, **couplings})
    read = _couplings_read(e, [*derivatives, *exposures])
    return {
        "couplings": [node for name, node in couplings_of(e, now).items() if name in read],
        "noise": list(noise_of(e, now).values()),
        "derivatives": derivatives,
        "factors": factors_of(e, states),
        "exposures": exposures,
        "next_states": [*after.states.values(), *after.carries.values(), *after.turns.values()],
    }


def _couplings_read(e: Equations, roots: Sequence[Node]) -> tuple[str, ...]:
    """Return the names of the couplings that something reads."""
    reached = _reached(roots)
    return tuple(name for name, leaf in coupling_leaves(e).items() if leaf in reached)


def _reached(roots: Sequence[Node]) -> set[Node]:
    """Return the leaves below some nodes."""
    return set(frontier(roots, lambda node: node.op == "leaf"))


def _named(
    e: Equations, inside: list[Node], constants: Mapping[Node, str], factors: list[Node]
) -> tuple[_Naming, list[Node]]:
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
    return _Naming(e.graph, names, clock), outside


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


def fused_block(graph: Graph, roots: Sequence[Node], names: Names, is_leaf: Callable[[Node], bool]) -> Block:
    """Fuse and schedule statements; nodes keep their names."""
    words = Vocabulary(graph.names, graph.hints, graph.comments, graph.units)
    return _fused(graph, roots, names, words, is_leaf)


def _before_the_loop(graph: Graph, roots: list[Node], names: Names, constants: Mapping[Node, str]) -> Block:
    """Fuse and schedule what is computed once; results keep the names that the time loop reads."""
    words = Vocabulary(constants, graph.hints | graph.names, graph.comments, graph.units)
    return _fused(graph, roots, names, words, lambda node: node.op == "leaf", roots)


def _fused(
    graph: Graph, roots: Sequence[Node], names: Names, words: Vocabulary, is_leaf: Callable[[Node], bool],
    apart: Sequence[Node] = (),
) -> Block:  # fmt: skip
    """Fuse and schedule; nodes with a name, and those `apart`, get statements of their own."""
    images = fuse(graph, roots, {*words.names, *apart}, is_leaf)
    own = names.copy()
    own.of |= _of_images(names.of, images)
    words = replace(words, names=_of_images(words.names, images), hints=_of_images(words.hints, images))
    return schedule([images[root] for root in roots], own, words, is_leaf)


def _of_images(names: Mapping[Node, str], images: Mapping[Node, Node]) -> dict[Node, str]:
    """Give what stands for a node after fusing the node's name."""
    return {images[node]: name for node, name in names.items() if node in images}


def _procedures(
    e: Equations, roots: Mapping[str, list[Node]], naming: _Naming, step: _StepNames
) -> dict[str, Procedure]:
    """Make a procedure of each part of a step that has something to compute."""
    states = {naming.names.of[n] for n in state_leaves(e).values()}
    couplings = _couplings_read(e, [*roots["derivatives"], *roots["exposures"]])
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
        names = _without(naming, computed.get(name, []))
        # what the step before has left in the history is not computed again
        carried = set(roots["factors"]) if name == "couplings" else set()
        block = fused_block(naming.graph, roots[name], names, _leaf_test(naming, carried))
        arguments = _arguments(e, block, naming, roots["factors"])
        clock = tuple(value for value in naming.clock.values() if value in block.leaves)
        procedures[name] = Procedure(name, about, arguments, clock, block, results)
    return procedures


def _leaf_test(naming: _Naming, carried: set[Node]) -> Callable[[Node], bool]:
    """Return what says whether a block reads a node, the carried ones among them."""
    return lambda node: naming.is_leaf(node) or node in carried


def _without(naming: _Naming, nodes: list[Node]) -> Names:
    """Return names in which those of some nodes are free, for what computes them."""
    names = naming.names.copy()
    for node in nodes:
        if not is_hoisted(node):
            names.taken.discard(names.of.pop(node, ""))
    return names


def _arguments(e: Equations, block: Block, naming: _Naming, factors: Sequence[Node]) -> tuple[str, ...]:
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


def _scheme(
    e: Equations,
    scheme: Scheme,
    naming: _Naming,
    names_of_step: _StepNames,
    procedures: Mapping[str, Procedure],
) -> SchemeBody:
    """Write one step of a node: calls of the right-hand side, and what is computed between them."""
    graph, of = e.graph, naming.names.of
    known_names, known_hints = dict(graph.names), dict(graph.hints)
    dt = e.leaf("step dt")
    noise = {n.variable: e.leaf(f"noise {n.variable}") for n in e.model.noises}
    step = PrintedStep(e, scheme, dt, noise if scheme.noise else {})
    increments = scheme.increments(step)
    names = _without(naming, list(increment_leaves(e).values()))
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


def _switches(e: Equations, rows: Mapping[Node, int]) -> dict[str, tuple[int, ...]]:
    """Find the hoisted rows that switch each sum over edges off."""
    now = scope_of(e, state_leaves(e))
    couplings = couplings_of(e, now)
    whole = {**now, **couplings}
    needed = [*derivatives_of(e, whole).values(), *exposures_of(e, whole)]
    leaves = {name: e.leaf(name) for name in (*e.plan.accumulators.values(), *e.plan.edge_terms)}
    switches = gates(leaves.values(), needed)
    return {name: tuple(rows[g] for g in switches[leaf] if g in rows) for name, leaf in leaves.items()}


def _sums_read(procedures: Mapping[str, Procedure]) -> set[str]:
    """Return the names that couplings read which something reads."""
    if "couplings" not in procedures:
        return set()
    return set(procedures["couplings"].block.leaves)


def _source_rows(e: Equations, names: Names) -> dict[str, int]:
    """Map the name of a source's state to the row of the history that holds it."""
    sources = state_leaves(e, "_j")
    return {
        names.of[sources[f"{factor.name}_j"]]: row
        for factor, row in e.plan.factors.items()
        if e.plan.edge_terms and factor.is_Symbol and f"{factor.name}_j" in sources
    }

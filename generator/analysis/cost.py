"""The cost of a model's step, counted on the program's statements, never on the text printed of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from rateloom.dsl.model import Model
from rateloom.dsl.operations import Call
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.ir.program import Block, Program
from rateloom.generator.lowering import equations_of, exposures_of, factors_of, scope_of, state_leaves
from rateloom.generator.passes.couple import plan_couplings
from rateloom.generator.passes.fuse import fuse
from rateloom.generator.passes.schedule import frontier, is_hoisted, is_of_time
from rateloom.generator.schemes.registry import SCHEMES
from rateloom.generator.schemes.step import Scheme, time_after, whole_step

from .operations import Operations, combine, operations_of
from .switched_off import needed_leaves

# Philox4x32-10: ten rounds of two products to 64 bits, which take the time of two others, two shifts and two
# exclusive ors of three words; the sums of the key are the same for all nodes and work items
_PHILOX = 10 * (2 * 2 + 2 + 2)


@dataclass(frozen=True)
class StepCost:
    """Operations of one step: those that time alone decides, and each node's; and how often edges count."""

    step: Operations
    node: Operations
    traversals: int = 1


@dataclass(frozen=True)
class FunctionCost:
    """Operations of one call of a function together with the derivatives that the model takes of it."""

    derivatives: tuple[tuple[str, ...], ...]
    operations: Operations


@dataclass(frozen=True)
class Cost:
    """The cost of a model, in operations and in numbers that are stored or read.

    Attributes
    ----------
    item : Operations
        Once a work item, and for each node where a parameter is regional.
    schemes : mapping of str to StepCost
        By integrator, without what follows.
    edge : Operations
        For each edge and traversal; a step is one traversal, or two where it renews the coupling.
    noise : Operations
        For each node and step, where noise is on: random numbers and normal deviates.
    monitor : Operations
        For each node and step: sums for the averages.
    functions : mapping of str to FunctionCost
        The model's own functions that its equations call.
    states, exposures, factors, hoisted : int
        Numbers that a node has of each: states, outputs, values in the history, values computed before.
    reads : int
        Values of the history that each edge and step reads.
    """

    item: Operations
    schemes: Mapping[str, StepCost]
    edge: Operations
    noise: Operations
    monitor: Operations
    functions: Mapping[str, FunctionCost]
    states: int
    exposures: int
    factors: int
    hoisted: int
    reads: int


def count_cost(program: Program, parameters: Mapping[str, float] | None = None) -> Cost:
    """Count what a program computes.

    Parameters
    ----------
    program : Program
        See `build_program`.
    parameters : mapping of str to float, optional
        Values other than the model's. A sum over edges that reaches nothing but products with what they make
        zero is not counted.
    """
    whole = {name: _Whole(program.model, scheme) for name, scheme in SCHEMES.items()}
    read = _sums_read(program.model, whole["euler"], parameters or {})
    products = [a for a in program.accumulators if a.leaf in read]
    terms = [e for e in program.edge_sums if e.leaf in read]
    sources = [e.block.leaves & set(program.source_rows) for e in terms]
    sums = len(products) + len(terms)
    once_an_edge = Operations(adds=sums, multiplies=sums, fused=sums)
    factors = {a.factor for a in products} | {program.source_rows[s] for one in sources for s in one}
    return Cost(
        item=operations_of(program.hoisted.results, frozenset()),
        schemes={name: step.cost for name, step in whole.items()},
        edge=combine([*(_of_block(e.block) for e in terms), once_an_edge]),
        noise=_noise(len(program.normals)),
        monitor=Operations(adds=len(program.model.exposures)),
        functions=function_costs(program.model),
        states=len(program.states),
        exposures=len(program.model.exposures),
        factors=len(factors),
        hoisted=len(program.hoisted.results),
        reads=len(products) + sum(len(one) for one in sources),
    )


class _Whole:
    """One step of a node with nothing called: what stages share is counted once, as a compiler has it."""

    def __init__(self, model: Model, scheme: Scheme) -> None:
        graph = Graph()
        e = equations_of(graph, model, plan_couplings(model))
        carried = set(factors_of(e, state_leaves(e)))
        step, couplings = whole_step(e, scheme)
        after = {**scope_of(e, step.states, time_after(e, 1.0)), **couplings}
        roots = [
            *(*step.states.values(), *step.carries.values(), *step.turns.values()),
            *(*factors_of(e, step.states), *exposures_of(e, after, "_after")),
        ]
        # a second traversal evaluates couplings anew, of predicted states, and the first writes their factors
        again = [*couplings.values(), *factors_of(e, state_leaves(e))] if scheme.renews_coupling else []
        images = fuse(
            graph, [*roots, *again], graph.names, lambda n: n.op == "leaf" or n in carried or is_hoisted(n)
        )
        self.roots = [images[root] for root in roots]
        self.again = [images[root] for root in again]
        self.of_time = frozenset(frontier(self.roots, is_of_time))
        self.carried = frozenset(carried)
        self.traversals = scheme.n_traversal

    @property
    def cost(self) -> StepCost:
        """Return the operations of the step."""
        return StepCost(
            step=operations_of(self.of_time, frozenset(), inside=True),
            node=combine(
                [
                    operations_of(self.roots, self.of_time | self.carried, inside=True),
                    operations_of(self.again, self.of_time, inside=True),
                ]
            ),
            traversals=self.traversals,
        )


def _sums_read(model: Model, step: _Whole, parameters: Mapping[str, float]) -> set[str]:
    """Return the leaves, sums over edges among them, that a step needs with these parameters."""
    values = {e: v for p in model.parameters for e, v in zip(p.elements, p.values, strict=True)}
    return {str(leaf.value) for leaf in needed_leaves(step.roots, {**values, **parameters})}


def function_costs(model: Model) -> dict[str, FunctionCost]:
    """Count one call of each function that the equations call, with the derivatives taken of it."""
    calls: dict[str, list[tuple[str, ...]]] = {}
    for expression in _equations(model):
        for call in sorted(expression.atoms(Call), key=str):
            wanted = calls.setdefault(call.function, [()])
            if call.wrt not in wanted:
                wanted.append(call.wrt)
    return {f.name: _function(model, f.name, calls[f.name]) for f in model.functions if f.name in calls}


def _equations(model: Model) -> list[sympy.Expr]:
    return [
        *(v.value for v in model.derived_variables),
        *(d.value for d in model.time_derivatives),
        *(n.sigma for n in model.noises),
        *(e.value for e in model.exposures),
        *(c.post for c in model.couplings),
    ]


def _function(model: Model, name: str, wanted: list[tuple[str, ...]]) -> FunctionCost:
    graph = Graph()
    base = equations_of(graph, model, plan_couplings(model))
    function = base.functions.by_name[name]
    actual = [graph.leaf(f"actual {a}", Depends.NODE) for a in function.arguments]
    results = [base.functions.call(graph, name, actual, wrt) for wrt in wanted]
    images = fuse(graph, results, frozenset(), lambda node: node.op == "leaf" or is_hoisted(node))
    operations = operations_of([images[r] for r in results], frozenset(), inside=True)
    return FunctionCost(tuple(sorted(w for w in wanted if w)), operations)


def _of_block(block: Block) -> Operations:
    """Count what a loop computes; what it reads and does not compute are its leaves."""
    leaves = frozenset(node for node, name in block.names.items() if name in block.leaves)
    return operations_of(block.results, leaves, inside=True)


def _noise(normals: int) -> Operations:
    """Philox makes four words at once, Box-Muller two deviates of two words."""
    pairs, blocks = -(-normals // 2), -(-normals // 4)
    functions = {"log": pairs, "cos": pairs, "sin": normals // 2}
    return Operations(
        adds=pairs,
        multiplies=3 * pairs + normals,
        roots=pairs,
        functions={name: times for name, times in functions.items() if times},
        integers=_PHILOX * blocks,
    )

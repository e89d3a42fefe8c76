"""The model's equations as nodes of a graph: what every step of every scheme is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rateloom.dsl.model import Model, StateVariable

from .calls import Functions
from .ir.nodes import Depends, Graph, Node
from .lower import lower, lower_variables
from .passes.couple import WEIGHT_SUM, CouplingPlan
from .passes.schedule import frontier

Values = Mapping[str, Node]


@dataclass(frozen=True)
class Equations:
    """A graph, a model, and what the model's names mean before a step.

    ``constants`` are parameters, derived parameters, `dt` and `n_node`.
    """

    graph: Graph
    model: Model
    functions: Functions
    constants: dict[str, Node]
    plan: CouplingPlan

    def leaf(self, name: str) -> Node:
        """Return the node of a value that a node has at each step."""
        return self.graph.leaf(name, Depends.NODE)


def equations_of(graph: Graph, model: Model, plan: CouplingPlan) -> Equations:
    """Make the leaves for parameters and lower the derived parameters."""
    scope: dict[str, Node] = {
        name: graph.leaf(name, Depends.ITEM) for p in model.parameters for name in p.elements
    }
    scope["dt"] = graph.leaf("dt", Depends.ITEM)
    scope["n_node"] = graph.leaf("n_node", Depends.ITEM)
    functions = Functions({f.name: f for f in model.functions}, scope)
    for derived in model.derived_parameters:
        scope[derived.name] = graph.name(lower(graph, derived.value, scope, functions), derived.name)
    return Equations(graph, model, functions, scope, plan)


def state_leaves(e: Equations, suffix: str = "") -> dict[str, Node]:
    """Leaves of the states: a node's own, or with the suffix ``_j`` an edge's source's."""
    depends = Depends.SOURCE if suffix else Depends.NODE
    return {v.name + suffix: e.graph.leaf(v.name + suffix, depends) for v in e.model.state_variables}


def coupling_leaves(e: Equations) -> dict[str, Node]:
    """Leaves of the couplings' values."""
    return {c.name: e.leaf(f"coupling {c.name}") for c in e.model.couplings}


def time_leaf(e: Equations) -> Node:
    """Return the leaf of the time."""
    return e.graph.leaf("t", Depends.STEP)


def scope_of(e: Equations, states: Values, time: Node | None = None) -> dict[str, Node]:
    """Return what names mean for given states: constants, inputs, states and the time."""
    inputs = {i.name: e.leaf(i.name) for i in e.model.inputs}
    return {**e.constants, **inputs, **states, "t": time or time_leaf(e)}


def factors_of(e: Equations, states: Values) -> list[Node]:
    """Compute the history's rows from the given states.

    A row that turns out to be a number gets a node of its own: its name must not be that number's elsewhere.
    """
    rows = [lower(e.graph, factor, {**e.constants, **states}, e.functions) for factor in e.plan.factors]
    return [e.graph.make("plus_zero", row) if row.is_constant else row for row in rows]


def edge_term(e: Equations, name: str) -> Node:
    """Lower the `pre` of a coupling that is evaluated on every edge."""
    pre, _ = e.plan.edge_terms[name]
    scope = {**e.constants, **state_leaves(e), **state_leaves(e, "_j"), "t": time_leaf(e)}
    return lower(e.graph, pre, scope, e.functions)


def couplings_of(e: Equations, scope: Values) -> dict[str, Node]:
    """Evaluate every coupling's `post`."""
    sums = {name: e.leaf(name) for name in e.plan.accumulators.values()}
    sums |= {name: e.leaf(name) for name in e.plan.edge_terms}
    sums[WEIGHT_SUM] = e.leaf(WEIGHT_SUM)
    values = {}
    for coupling in e.model.couplings:
        gx = lower(e.graph, e.plan.gx[coupling.name], {**scope, **sums}, e.functions)
        post = lower(e.graph, coupling.post, {**scope, "gx": gx}, e.functions)
        values[coupling.name] = e.graph.name(post, coupling.name)
    return values


def noise_of(e: Equations, scope: Values) -> dict[str, Node]:
    """Return the noise of a step: sigma sqrt(dt) N(0, 1)."""
    root_dt = e.graph.sqrt(e.constants["dt"])
    increments = {}
    for noise in e.model.noises:
        sigma = lower(e.graph, noise.sigma, scope, e.functions)
        scale = e.graph.name(e.graph.multiply(root_dt, sigma), f"noise_strength_{noise.variable}")
        increment = e.graph.multiply(scale, e.leaf(normal_name(noise.variable)))
        increments[noise.variable] = e.graph.hint(increment, f"noise_{noise.variable}")
    return increments


def normal_name(variable: str) -> str:
    """Name of the normal deviate that drives a state variable; no model's name has a space."""
    return f"normal {variable}"


def derivatives_of(e: Equations, scope: Values, suffix: str = "") -> dict[str, Node]:
    """Evaluate the right-hand sides."""
    inner = lower_variables(e.graph, e.model.derived_variables, scope, e.functions, suffix)
    slopes = {}
    for derivative in e.model.time_derivatives:
        node = lower(e.graph, derivative.value, inner, e.functions)
        slopes[derivative.variable] = e.graph.name(node, f"d_{derivative.variable}{suffix}")
    return slopes


def exposures_of(e: Equations, scope: Values, suffix: str = "") -> list[Node]:
    """Evaluate what monitors see."""
    inner = lower_variables(e.graph, e.model.derived_variables, scope, e.functions, suffix)
    return [lower(e.graph, exposure.value, inner, e.functions) for exposure in e.model.exposures]


def bounded(e: Equations, variable: StateVariable, value: Node) -> Node:
    """Keep a state within its bounds; a NaN passes through."""
    for bound, clamp in ((variable.lower, "at_least"), (variable.upper, "at_most")):
        if bound is not None:
            value = e.graph.make(clamp, value, e.graph.constant(bound))
    return value


def clamped(e: Equations, values: Values, suffix: str) -> dict[str, Node]:
    """Keep states within their bounds, and name them."""
    return {
        v.name: e.graph.name(bounded(e, v, values[v.name]), v.name + suffix) for v in e.model.state_variables
    }


def carry_leaves(e: Equations) -> dict[str, Node]:
    """Leaves of what rounding left of each state's last step."""
    return {v.name: e.leaf(f"carry {v.name}") for v in e.model.state_variables}


def increment_leaves(e: Equations) -> dict[str, Node]:
    """Leaves of what a step adds to each state."""
    return {v.name: e.leaf(f"increment {v.name}") for v in e.model.state_variables}


@dataclass(frozen=True)
class NextStates:
    """States after a step, what rounding left of it, and turns taken off angles that monitors see."""

    states: dict[str, Node]
    carries: dict[str, Node]
    turns: dict[str, Node]


def advanced(e: Equations, increments: Values) -> NextStates:
    """Add up states and increments.

    Nothing is left of a step where a state meets a bound. An angle loses whole turns, and what that rounds is
    carried as well.
    """
    graph, states = e.graph, state_leaves(e)
    seen = seen_angles(e.model).values()
    following, carries, turns = {}, {}, {}
    for variable in e.model.state_variables:
        name = variable.name
        moved = graph.hint(graph.add(states[name], increments[name]), f"{name}_moved")
        after = bounded(e, variable, moved)
        left = graph.make("rounding_error", states[name], increments[name], moved)
        if after is not moved:
            left = graph.make("select", graph.make("==", after, moved), left, graph.constant(0.0))
        if variable.period is not None:
            after = graph.make("wrapped", moved, value=variable.period)
            left = graph.add(left, graph.make("wrapping_error", moved, after, value=variable.period))
            if name in seen:
                taken = graph.make("turns_between", moved, after, value=variable.period)
                turns[name] = graph.name(taken, f"turns_{name}")
        following[name] = graph.name(after, f"{name}_next")
        carries[name] = graph.name(left, f"carry_{name}_next")
    return NextStates(following, carries, turns)


def seen_angles(model: Model) -> dict[int, str]:
    """Return which exposures are angles themselves, and which ones: their averages count turns."""
    angles = {v.name for v in model.state_variables if v.period is not None}
    return {k: str(x.value) for k, x in enumerate(model.exposures) if str(x.value) in angles}


def lowered(e: Equations) -> dict[str, list[Node]]:
    """Lower all that a step computes, each part from leaves of what the others give it."""
    states, couplings = state_leaves(e), coupling_leaves(e)
    now = scope_of(e, states)
    after = advanced(e, increment_leaves(e))
    derivatives = list(derivatives_of(e, {**now, **couplings}).values())
    exposures = exposures_of(e, {**now, **couplings})
    read = couplings_read(e, [*derivatives, *exposures])
    return {
        "couplings": [node for name, node in couplings_of(e, now).items() if name in read],
        "noise": list(noise_of(e, now).values()),
        "derivatives": derivatives,
        "factors": factors_of(e, states),
        "exposures": exposures,
        "next_states": [*after.states.values(), *after.carries.values(), *after.turns.values()],
    }


def couplings_read(e: Equations, roots: Sequence[Node]) -> tuple[str, ...]:
    """Return the names of the couplings that something reads."""
    read = reached(roots)
    return tuple(name for name, leaf in coupling_leaves(e).items() if leaf in read)


def reached(roots: Sequence[Node]) -> set[Node]:
    """Return the leaves below some nodes."""
    return set(frontier(roots, lambda node: node.op == "leaf"))

"""The model's equations as nodes of a graph: what every step of every scheme is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rateloom.dsl.model import Model

from .calls import Functions
from .ir.nodes import Depends, Graph, Node
from .lower import lower, lower_variables
from .passes.couple import WEIGHT_SUM, CouplingPlan

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
    """Compute the history's rows from the given states."""
    return [lower(e.graph, factor, {**e.constants, **states}, e.functions) for factor in e.plan.factors]


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


def clamped(e: Equations, values: Values, suffix: str) -> dict[str, Node]:
    """Keep states within their bounds; a NaN passes through."""
    graph, result = e.graph, {}
    for variable in e.model.state_variables:
        value = values[variable.name]
        for bound, clamp in ((variable.lower, "at_least"), (variable.upper, "at_most")):
            if bound is not None:
                value = graph.make(clamp, value, graph.constant(bound))
        result[variable.name] = graph.name(value, variable.name + suffix)
    return result


def carry_leaves(e: Equations) -> dict[str, Node]:
    """Leaves of what rounding left of each state's last step."""
    return {v.name: e.leaf(f"carry {v.name}") for v in e.model.state_variables}


def increment_leaves(e: Equations) -> dict[str, Node]:
    """Leaves of what a step adds to each state."""
    return {v.name: e.leaf(f"increment {v.name}") for v in e.model.state_variables}


def advanced(e: Equations, increments: Values) -> tuple[dict[str, Node], dict[str, Node]]:
    """Return the states after a step, and what rounding left of it: nothing where a state meets a bound."""
    graph, states = e.graph, state_leaves(e)
    moved = {
        name: graph.hint(graph.add(state, increments[name]), f"{name}_moved")
        for name, state in states.items()
    }
    following = clamped(e, moved, "_next")
    carries = {}
    for name, state in states.items():
        value, kept = moved[name], following[name]
        left = graph.make("rounding_error", state, increments[name], value)
        if kept is not value:
            left = graph.make("select", graph.make("==", kept, value), left, graph.constant(0.0))
        carries[name] = graph.name(left, f"carry_{name}_next")
    return following, carries

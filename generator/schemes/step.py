"""Integration schemes: one step of one node, Euler or Heun, as nodes of the graph.

Both are those of DESIGN's numerics and of The Virtual Brain: the coupling and the noise of a step are the
same in both of Heun's stages, and every stage is clamped to the state's bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from rateloom.dsl.model import Model
from rateloom.generator.calls import Functions
from rateloom.generator.ir.nodes import Depends, Graph, Node
from rateloom.generator.lower import lower, lower_variables
from rateloom.generator.passes.couple import WEIGHT_SUM, CouplingPlan

INTEGRATORS = ("euler", "heun")


@dataclass(frozen=True)
class Setting:
    """What a step of any scheme is made from: the graph and what names mean before the step."""

    graph: Graph
    model: Model
    functions: Functions
    constants: dict[str, Node]
    plan: CouplingPlan


def setting(graph: Graph, model: Model, plan: CouplingPlan) -> Setting:
    """Make the leaves for parameters and lower the derived parameters."""
    scope: dict[str, Node] = {
        name: graph.leaf(name, Depends.ITEM) for p in model.parameters for name in p.elements
    }
    scope["dt"] = graph.leaf("dt", Depends.ITEM)
    scope["n_node"] = graph.leaf("n_node", Depends.ITEM)
    functions = Functions({f.name: f for f in model.functions}, scope)
    for derived in model.derived_parameters:
        scope[derived.name] = graph.name(lower(graph, derived.value, scope, functions), derived.name)
    return Setting(graph, model, functions, scope, plan)


def state_leaves(s: Setting, suffix: str = "") -> dict[str, Node]:
    """Leaves of the states: a node's own, or with the suffix ``_j`` an edge's source's."""
    depends = Depends.SOURCE if suffix else Depends.NODE
    return {v.name + suffix: s.graph.leaf(v.name + suffix, depends) for v in s.model.state_variables}


def factors_of(s: Setting, states: Mapping[str, Node]) -> list[Node]:
    """Compute the history's rows from the given states."""
    scope = {**s.constants, **states}
    return [lower(s.graph, factor, scope, s.functions) for factor in s.plan.factors]


def edge_term(s: Setting, name: str) -> Node:
    """Lower the `pre` of a coupling that is evaluated on every edge."""
    pre, _ = s.plan.edge_terms[name]
    scope = {**s.constants, **state_leaves(s), **state_leaves(s, "_j"), "t": s.graph.leaf("t", Depends.STEP)}
    return lower(s.graph, pre, scope, s.functions)


def step(s: Setting, integrator: str) -> dict[str, list[Node]]:
    """One step of one node.

    Returns
    -------
    dict
        Nodes of the next ``states``, of their ``factors`` for the history, and of the ``exposures``.
    """
    graph, model = s.graph, s.model
    dt, t = s.constants["dt"], graph.leaf("t", Depends.STEP)
    states = state_leaves(s)
    now = _scope(s, states, t)
    coupled = _couplings(s, now)
    noise = _noise(s, now)
    slopes = _derivatives(s, {**now, **coupled}, "")
    later = graph.add(t, dt)

    if integrator == "euler":
        increments = {v: graph.multiply(dt, slopes[v]) for v in slopes}
    else:
        full = {v: graph.multiply(dt, slopes[v]) for v in slopes}
        predicted = _advance(s, states, full, noise, "_predicted")
        second = _derivatives(s, {**_scope(s, predicted, later), **coupled}, "_2")
        half = graph.name(graph.multiply(graph.constant(0.5), dt), "half_dt")
        increments = {v: graph.multiply(half, graph.add(slopes[v], second[v])) for v in slopes}
    following = _advance(s, states, increments, noise, "_next")

    after = {**_scope(s, following, later), **coupled}
    after = lower_variables(graph, model.derived_variables, after, s.functions, "_after")
    exposures = [lower(graph, e.value, after, s.functions) for e in model.exposures]
    return {
        "states": [following[v.name] for v in model.state_variables],
        "factors": factors_of(s, following),
        "exposures": exposures,
    }


def _scope(s: Setting, states: Mapping[str, Node], t: Node) -> dict[str, Node]:
    inputs = {i.name: s.graph.leaf(i.name, Depends.NODE) for i in s.model.inputs}
    return {**s.constants, **inputs, **states, "t": t}


def _couplings(s: Setting, scope: Mapping[str, Node]) -> dict[str, Node]:
    """Evaluate every coupling's `post` on the states before the step."""
    sums = {name: s.graph.leaf(name, Depends.NODE) for name in s.plan.accumulators.values()}
    sums |= {name: s.graph.leaf(name, Depends.NODE) for name in s.plan.edge_terms}
    sums[WEIGHT_SUM] = s.graph.leaf(WEIGHT_SUM, Depends.NODE)
    values = {}
    for coupling in s.model.couplings:
        gx = lower(s.graph, s.plan.gx[coupling.name], {**scope, **sums}, s.functions)
        post = lower(s.graph, coupling.post, {**scope, "gx": gx}, s.functions)
        values[coupling.name] = s.graph.name(post, coupling.name)
    return values


def _noise(s: Setting, scope: Mapping[str, Node]) -> dict[str, Node]:
    """Return the noise of a step: sigma sqrt(dt) N(0, 1)."""
    root_dt = s.graph.sqrt(s.constants["dt"])
    increments = {}
    for noise in s.model.noises:
        sigma = lower(s.graph, noise.sigma, scope, s.functions)
        normal = s.graph.leaf(normal_name(noise.variable), Depends.NODE)
        scale = s.graph.name(s.graph.multiply(root_dt, sigma), "noise_strength")
        increments[noise.variable] = s.graph.multiply(scale, normal)
    return increments


def normal_name(variable: str) -> str:
    """Name of the normal deviate that drives a state variable; no model's name has a space."""
    return f"normal {variable}"


def _derivatives(s: Setting, scope: Mapping[str, Node], suffix: str) -> dict[str, Node]:
    inner = lower_variables(s.graph, s.model.derived_variables, scope, s.functions, suffix)
    slopes = {}
    for derivative in s.model.time_derivatives:
        value: sympy.Expr = derivative.value
        node = lower(s.graph, value, inner, s.functions)
        slopes[derivative.variable] = s.graph.name(node, f"d_{derivative.variable}{suffix}")
    return slopes


def _advance(
    s: Setting,
    states: Mapping[str, Node],
    increments: Mapping[str, Node],
    noise: Mapping[str, Node],
    suffix: str,
) -> dict[str, Node]:
    """Add the increments and the noise, then clamp; a NaN passes through the clamp."""
    graph = s.graph
    result = {}
    for variable in s.model.state_variables:
        value = graph.add(states[variable.name], increments[variable.name])
        if variable.name in noise:
            value = graph.add(value, noise[variable.name])
        for bound, beyond in ((variable.lower, "<"), (variable.upper, ">")):
            if bound is not None:
                limit = graph.constant(bound)
                graph.name(value, f"{variable.name}_free{suffix}")
                value = graph.make("select", graph.make(beyond, value, limit), limit, value)
        result[variable.name] = graph.name(value, variable.name + suffix)
    return result

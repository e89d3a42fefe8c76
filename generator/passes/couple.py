"""Couplings: which rows the history has, what the edge loops sum, and what `post` makes of the sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy

from rateloom.dsl.model import Coupling, Model
from rateloom.dsl.operations import symbol

from .separate import Product, separate

# names with a space: no name of a model can be the same
WEIGHT_SUM = "weight sum"
# the same for every source, so that they stay on the target's side: the history holds none of them
_COMMON = frozenset({"t", "dt", "n_node"})


@dataclass(frozen=True)
class CouplingPlan:
    """The plan by which all couplings of a model are computed.

    ``factors`` are the history's rows as expressions of a node's own states (the ``_j`` taken off);
    ``accumulators`` maps (row, delayed) to the name of its sum; ``edge_terms`` maps a name to (`pre` with
    ``_j`` names, delayed) where it could not be split; ``gx`` is what `post` sees, for each coupling.
    """

    factors: dict[sympy.Expr, int] = field(default_factory=dict)
    accumulators: dict[tuple[int, bool], str] = field(default_factory=dict)
    edge_terms: dict[str, tuple[sympy.Expr, bool]] = field(default_factory=dict)
    gx: dict[str, sympy.Expr] = field(default_factory=dict)


def plan_couplings(model: Model) -> CouplingPlan:
    """Decide for each coupling whether its `pre` is kept as factors or evaluated on every edge."""
    plan = CouplingPlan()
    states = {s.name for s in model.state_variables}
    own = {symbol(f"{s}_j"): symbol(s) for s in states}
    for coupling in model.couplings:
        products = separate(coupling.pre, states | _COMMON)
        if products is None:
            plan.gx[coupling.name] = _on_every_edge(plan, coupling, own)
        else:
            plan.gx[coupling.name] = sympy.Add(*(_factored(plan, p, coupling, own) for p in products))
    return plan


def _factored(
    plan: CouplingPlan, product: Product, coupling: Coupling, own: Mapping[sympy.Symbol, sympy.Symbol]
) -> sympy.Expr:
    if not product.source.free_symbols:
        return product.target * product.source * symbol(WEIGHT_SUM)
    row = plan.factors.setdefault(product.source.xreplace(own), len(plan.factors))
    key = (row, coupling.delays)
    name = plan.accumulators.setdefault(key, f"sum {len(plan.accumulators)}")
    return product.target * symbol(name)


def _on_every_edge(
    plan: CouplingPlan, coupling: Coupling, own: Mapping[sympy.Symbol, sympy.Symbol]
) -> sympy.Expr:
    for source, state in own.items():
        if source in coupling.pre.free_symbols:
            plan.factors.setdefault(state, len(plan.factors))
    name = f"edge sum {len(plan.edge_terms)}"
    plan.edge_terms[name] = (coupling.pre, coupling.delays)
    return symbol(name)

"""The kernel that advances the nodes, for Numba: the loops, and what happens in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rateloom.generator.ir.loops import Action, AdvanceNode, CorrectNode, Loop, PredictNode, SumTerms
from rateloom.generator.ir.program import Accumulator, EdgeSum, Program
from rateloom.generator.targets.program_text import TEMPLATES
from rateloom.generator.targets.templates import rendered

from .edge_term_text import of_edge_terms
from .layout import ADVANCE
from .node_text import counts_nodes, node_arguments
from .page import Page

# functions of a node: with sines of small angles, and of any
_FUNCTIONS: Mapping[type[Action], tuple[str, str]] = {
    AdvanceNode: ("advance_node", "advance_any_node"),
    PredictNode: ("predict_node", "predict_any_node"),
    CorrectNode: ("correct_node", "correct_any_node"),
}


def advance_text(page: Page, loops: Action) -> str:
    """Write the kernel."""
    program = page.program
    scalars = {"dt": "real(step_size)"}
    if counts_nodes(program) or any("node_count" in e.block.leaves for e in program.edge_sums):
        scalars[page.inner.identifiers("node_count")] = "real(n_node)"
    return rendered(
        "numba", "advance",
        signature=ADVANCE, rows=page.rows, scalars=scalars, switches=_switch_lines(program),
        factors=program.factors, edge_sums=program.edge_sums, normals=program.normals,
        accumulators=program.accumulators, loops=_text(page, loops), traversals=page.program.n_traversal,
    )  # fmt: skip


def _switch_lines(program: Program) -> list[str]:
    """Write which sums over edges parameters leave on."""
    lines = []
    sums: list[Accumulator | EdgeSum] = [*program.accumulators, *program.edge_sums]
    if any(s.gates for s in sums):
        lines.append("# sums over edges that parameters multiply with zero throughout are left out")
    if program.accumulators:
        lines.append(f"accumulators = (FACTORS, DELAYED, {_switches(program.accumulators)})")
    if program.edge_sums:
        lines.append(f"on_edges = {_switches(program.edge_sums)}")
    return lines


def _switches(sums: Sequence[Accumulator | EdgeSum]) -> str:
    on = [f"switched_on(hoisted, {s.gates!r})" if s.gates else "1" for s in sums]
    return f"({', '.join(on)}{',' if len(on) == 1 else ''})"


def _text(page: Page, action: Action) -> str:
    """Write an action and all within it."""
    body = "".join(_text(page, inner) for inner in action.body) if isinstance(action, Loop) else ""
    context = {k: v for k, v in vars(action).items() if k not in ("body", "sums", "sum", "factors")}
    node, any_node = _FUNCTIONS.get(type(action), ("", ""))
    own = of_edge_terms(page, action.sum) if isinstance(action, SumTerms) else {}
    return rendered(
        "numba", TEMPLATES[type(action)],
        **{
            "rows": page.rows, "n_hoisted": page.rows.n_hoisted, "n_state": len(page.program.states),
            "angles": page.program.angles, "factors": page.program.factors,
            "accumulators": page.program.accumulators, "normals": page.program.normals,
            "n_stage": page.n_stage + 1, "has_angles": bool(page.angles), "arguments": node_arguments(page),
            "traversals": page.program.n_traversal, "node": node, "any_node": any_node, "body": body,
            **context, **own,
        },
    )  # fmt: skip

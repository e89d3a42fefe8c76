"""Warnings about definitions that are never used, couplings without effect, defaults outside their range."""

from __future__ import annotations

from collections.abc import Iterator

from .checks_values import constant
from .diagnostics import Diagnostic
from .draft import Definition, Draft
from .scopes import KINDS, arguments

_CODES = {
    "Parameter": "W201",
    "Coupling": "W202",
    "DerivedVariable": "W203",
    "ConditionalDerivedVariable": "W203",
    "DerivedParameter": "W205",
    "Input": "W206",
    "Function": "W207",
}


def unused(draft: Draft) -> Iterator[Diagnostic]:
    """Warn of definitions that no other expression uses."""
    used = {name for d in draft.definitions for name in _outside(d)}
    for d in draft.of(*_CODES):
        if d.name not in used:
            yield Diagnostic(d.where, _CODES[d.tag], f"{d.label} is never used; remove it or use it")
    for function in draft.of("Function"):
        variables = [part for part in function.parts if part.tag in KINDS]
        inside = {name for part in function.parts for name in _outside(part)}
        for part in variables:
            if part.name not in inside:
                message = f"{part.label} is never used; remove it or use it"
                yield Diagnostic(part.where, "W203", message)


def couplings_without_source(draft: Draft) -> Iterator[Diagnostic]:
    """Warn of couplings whose `pre` reads nothing of the node that an edge comes from."""
    states = {state.name for state in draft.of("StateVariable")}
    for d in draft.of("Coupling"):
        for expression in d.expressions.get("pre", ()):
            names = {n.name for n in expression.parsed.names}
            if any(name.endswith("_j") for name in names):
                continue
            own = sorted(names & states)
            mend = f"write {own[0]}_j for that node's {own[0]}" if own else "a state's name and _j does"
            message = f"pre of {d.label} reads nothing of the node that an edge comes from"
            yield Diagnostic(d.where, "W208", f"{message}, so that nodes do not interact; {mend}")


def defaults_outside_range(draft: Draft) -> Iterator[Diagnostic]:
    """Warn of parameters whose value is not between their own min and max."""
    for d in draft.of("Parameter"):
        low, high = constant(d, "min"), constant(d, "max")
        for expression in d.expressions.get("value", ()):
            value = expression.parsed.constant
            if value is None:
                continue
            if (low is not None and value < low) or (high is not None and value > high):
                message = f"the value {value:g} of {d.label} lies outside its own range, min to max"
                yield Diagnostic(d.where, "W204", message)
                break


def _outside(d: Definition) -> set[str]:
    """Return the names and functions that a definition uses, without those that it defines."""
    declared = {d.name} | (
        {*arguments(d), *(part.name for part in d.parts)} if d.tag == "Function" else set()
    )
    # A TimeDerivative is no definition of the name that it carries.
    declared -= {d.name} if d.tag in ("TimeDerivative", "Noise", "Exposure") else set()
    names = {n.name for e in d.all_expressions() for n in e.parsed.names}
    return (names - declared) | {c.function for e in d.all_expressions() for c in e.parsed.calls}

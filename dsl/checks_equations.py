"""Checks of equations: one derivative a state, complete conditionals, couplings that couple, no cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from .diagnostics import Diagnostic
from .draft import Definition, Draft
from .identifiers import did_you_mean, short
from .scopes import KINDS, dependencies

_MOST_CYCLES = 10
_LONGEST_CYCLE = 10


def states_without_derivative(draft: Draft) -> Iterator[Diagnostic]:
    """Report state variables without a time derivative."""
    derived = {d.name for d in draft.of("TimeDerivative")}
    if all(child.tag != "Dynamics" for child in draft.root.children):
        return
    for state in draft.of("StateVariable"):
        if state.name and state.name not in derived:
            mend = f'add <TimeDerivative variable="{short(state.name)}" value="..."/> to Dynamics'
            yield Diagnostic(state.where, "E107", f"{state.label} has no TimeDerivative; {mend}")


def equations_of_no_state(draft: Draft) -> Iterator[Diagnostic]:
    """Report derivatives and noises of names that are no state variables."""
    states = {d.name for d in draft.of("StateVariable")}
    kinds = {d.name: KINDS[d.tag] for d in draft.of(*KINDS)}
    for d in draft.of("TimeDerivative", "Noise"):
        if d.name not in states and d.name not in draft.assumed and "variable" in d.element.attributes:
            declared_as = kinds.get(d.name, "not declared")
            message = f"{d.label} is of no StateVariable: '{short(d.name)}' is {declared_as}"
            yield Diagnostic(d.where, "E108", message + did_you_mean(d.name, states))


def repeated_equations(draft: Draft) -> Iterator[Diagnostic]:
    """Report second derivatives, or second noises, of one state variable."""
    for tag in ("TimeDerivative", "Noise"):
        first: dict[str, int] = {}
        for d in draft.of(tag):
            if d.name in first:
                message = f"{d.label}: there is already a {tag} of '{short(d.name)}' in line {first[d.name]}"
                yield Diagnostic(d.where, "E105", message)
            elif d.name:
                first[d.name] = d.where.line


def conditionals(draft: Draft) -> Iterator[Diagnostic]:
    """Report conditionals without an otherwise case, or with one that is not the last."""
    parts = [part for function in draft.of("Function") for part in function.parts]
    for d in (*draft.of("ConditionalDerivedVariable"), *parts):
        if d.tag != "ConditionalDerivedVariable" or not d.parts:
            continue
        if "condition" in d.parts[-1].element.attributes:
            message = f'{d.label} has no otherwise case; end it with <Case value="..."/> without a condition'
            yield Diagnostic(d.where, "E113", message)
        for case in d.parts[:-1]:
            if "condition" not in case.element.attributes:
                message = f"a Case without a condition must be the last of {d.label}"
                yield Diagnostic(case.where, "E113", message)


def posts_without_sum(draft: Draft) -> Iterator[Diagnostic]:
    """Report couplings whose value does not depend on the coupled sum."""
    for d in draft.of("Coupling"):
        for expression in d.expressions.get("post", ()):
            if "gx" not in {n.name for n in expression.parsed.names}:
                message = f"{expression.label} has no gx, so the coupling couples nothing; multiply by gx"
                yield Diagnostic(d.where, "E114", message)


def cycles(draft: Draft) -> Iterator[Diagnostic]:
    """Report definitions that depend on themselves."""
    yield from _cycles_among(draft.of("DerivedParameter"))
    yield from _cycles_among(draft.of("DerivedVariable", "ConditionalDerivedVariable"))
    yield from _cycles_among(draft.of("Function"))
    for function in draft.of("Function"):
        yield from _cycles_among(tuple(part for part in function.parts if part.tag in KINDS))


def _cycles_among(definitions: tuple[Definition, ...]) -> Iterator[Diagnostic]:
    """Report cycles that have no definition in common, up to a readable number of them."""
    by_name = {d.name: d for d in definitions}
    depends = dependencies(definitions)
    for _ in range(_MOST_CYCLES):
        cycle = _cycle(depends)
        if not cycle:
            return
        start = by_name[cycle[0]]
        shown = cycle if len(cycle) <= _LONGEST_CYCLE else (*cycle[: _LONGEST_CYCLE - 1], "...", cycle[-1])
        path = " -> ".join(short(name) for name in (*shown, cycle[0]))
        hint = "; a function cannot call itself" if start.tag == "Function" else ""
        yield Diagnostic(start.where, "E109", f"{start.label} depends on itself: {path}{hint}")
        remaining = {name: needs for name, needs in depends.items() if name not in cycle}
        depends = {name: tuple(n for n in needs if n in remaining) for name, needs in remaining.items()}


def _cycle(depends: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the names of one cycle, each followed by a name that it depends on, the file's first first."""
    try:
        TopologicalSorter(depends).prepare()
    except CycleError as error:
        names = list(error.args[1])[:0:-1]
        order = list(depends)
        first = min(range(len(names)), key=lambda i: order.index(names[i]))
        return tuple(names[first:] + names[:first])
    return ()

"""Scopes: the names that each expression of a model may see, and the order of dependent definitions."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from .draft import Definition, Draft
from .identifiers import CONSTANTS

# tag of a named definition -> its name in messages; all of these share one set of names
KINDS = {
    "Parameter": "a parameter",
    "DerivedParameter": "a derived parameter",
    "StateVariable": "a state variable",
    "Coupling": "a coupling",
    "Input": "an input",
    "DerivedVariable": "a derived variable",
    "ConditionalDerivedVariable": "a derived variable",
}
_PARAMETERS = ("Parameter", "DerivedParameter")
_EVERYTHING = tuple(KINDS)
_SEES: dict[str, tuple[str, ...]] = {
    "constant": (),
    "parameter": _PARAMETERS,
    "function": _PARAMETERS,
    "plugin": _PARAMETERS,
    "sigma": (*_PARAMETERS, "StateVariable"),
    "pre": (*_PARAMETERS, "StateVariable"),
    "post": (*_PARAMETERS, "StateVariable"),
    "dynamics": _EVERYTHING,
}
_SYMBOLS: dict[str, tuple[str, ...]] = {
    "constant": (),
    "parameter": ("dt", "n_node"),
    "function": ("dt", "n_node"),
    "plugin": ("dt", "n_node"),
    "sigma": ("dt", "n_node"),
    "pre": ("t", "dt", "n_node"),
    "post": ("gx", "t", "dt", "n_node"),
    "dynamics": ("t", "dt", "n_node"),
}
WORDS = {
    "constant": "only numbers, pi and elementary functions",
    "parameter": "only parameters, derived parameters, dt and n_node",
    "function": "only the function's arguments and variables, parameters, derived parameters, dt and n_node",
    "plugin": "only parameters, derived parameters, dt and n_node",
    "sigma": "only parameters, derived parameters, state variables, dt and n_node",
    "pre": "only parameters, derived parameters, state variables, and these with _j",
    "post": "only gx, parameters, derived parameters and state variables",
    "dynamics": "only parameters, states, couplings, inputs and derived variables",
}
SYMBOLS = {
    "t": "the time",
    "dt": "the integration step",
    "n_node": "the number of nodes",
    "gx": "the coupled sum",
}


def visible_names(draft: Draft) -> dict[tuple[str, str], frozenset[str]]:
    """Map each scope, with the function around it, to the names that its expressions may use."""
    names = {}
    for scope, tags in _SEES.items():
        visible = frozenset(d.name for d in draft.of(*tags)) | {*_SYMBOLS[scope], *CONSTANTS}
        if scope == "pre":
            visible |= {f"{d.name}_j" for d in draft.of("StateVariable")}
        names[scope, ""] = visible
    for function, local in local_names(draft).items():
        names["function", function] = names["function", ""] | local
    return names


def local_names(draft: Draft) -> dict[str, frozenset[str]]:
    """Map each function to its arguments and variables."""
    return {
        d.name: frozenset((*arguments(d), *(part.name for part in d.parts if part.tag in KINDS)))
        for d in draft.of("Function")
    }


def arguments(function: Definition) -> tuple[str, ...]:
    """Return the formal arguments of a Function."""
    text = function.element.attributes.get("arguments", "")
    return tuple(argument.strip() for argument in text.split(",")) if text.strip() else ()


def dependencies(definitions: Iterable[Definition]) -> dict[str, tuple[str, ...]]:
    """Map each name to the names among `definitions` that its expressions use, in order of first use."""
    several = tuple(definitions)
    names = {d.name for d in several}
    return {d.name: tuple(dict.fromkeys(n for n in uses(d) if n in names)) for d in several}


def uses(definition: Definition) -> tuple[str, ...]:
    """Return the names and called functions in a definition's expressions."""
    return tuple(
        name
        for expression in definition.all_expressions()
        for name in (
            *(n.name for n in expression.parsed.names),
            *(c.function for c in expression.parsed.calls),
        )
    )


def sort_by_dependency(depends: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Sort names so that each follows its dependencies, otherwise in their own order; omit cycles."""
    position = {name: index for index, name in enumerate(depends)}
    names = list(depends)
    waiting = {name: len(needs) for name, needs in depends.items()}
    users: dict[str, list[str]] = {name: [] for name in depends}
    for name, needs in depends.items():
        for need in needs:
            users[need].append(name)
    ready = [position[name] for name in names if not waiting[name]]
    heapq.heapify(ready)
    order = []
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, position[user])
    return tuple(order)

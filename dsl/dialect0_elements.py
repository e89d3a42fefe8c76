"""The elements and attributes that RateML's files may have: those that its templates read."""

from __future__ import annotations

from collections.abc import Iterator

from .diagnostics import Diagnostic
from .identifiers import short
from .tree import Element

# tag -> (attributes that must be there, attributes that may be there, children); symbols are not used
_KNOWN: dict[str, tuple[set[str], set[str], set[str]]] = {
    "Lems": (set(), {"description"}, {"ComponentType"}),
    "ComponentType": (
        {"name"},
        {"description"},
        {"Parameter", "DerivedParameter", "Constant", "Exposure", "Dynamics"},
    ),
    "Parameter": ({"name"}, {"dimension", "description", "symbol"}, set()),
    "DerivedParameter": ({"name", "value"}, {"dimension", "description", "symbol"}, set()),
    "Constant": ({"name", "value"}, {"dimension", "description", "symbol"}, set()),
    "Exposure": ({"name"}, {"dimension", "description", "symbol"}, set()),
    "Dynamics": (
        set(),
        set(),
        {"StateVariable", "DerivedVariable", "ConditionalDerivedVariable", "TimeDerivative"},
    ),
    "StateVariable": ({"name", "dimension"}, {"exposure", "description", "symbol"}, set()),
    "DerivedVariable": ({"name", "value"}, {"dimension", "description", "symbol"}, set()),
    "ConditionalDerivedVariable": ({"name"}, {"dimension", "description", "symbol"}, {"Case"}),
    "Case": ({"value"}, {"condition"}, set()),
    "TimeDerivative": ({"variable", "value"}, set(), set()),
}

# Names that RateML's own documentation uses although its schema does not have them.
_CORRECT_NAMES = {"expression": "value", "default": "value", "domain": "dimension"}


def unknown_parts(element: Element) -> Iterator[Diagnostic]:
    """Report elements and attributes of a tree that RateML does not read, and those that are missing."""
    required, optional, children = _KNOWN[element.tag]
    present = set(element.attributes)
    for name in sorted(present - required - optional):
        correct_name = _CORRECT_NAMES.get(name)
        hint = f"write '{correct_name}'" if correct_name in required | optional else "remove it"
        yield Diagnostic(element.where, "E403", f"{element.tag} has no attribute '{short(name)}'; {hint}")
    for name in sorted(required - present - {_CORRECT_NAMES.get(extra) for extra in present}):
        yield Diagnostic(element.where, "E403", f"{element.tag} needs the attribute '{name}'; add it")
    for child in element.children:
        if child.tag in children:
            yield from unknown_parts(child)
        else:
            expected = ", ".join(sorted(children)) or "nothing"
            message = f"'{short(child.tag)}' is not read inside {element.tag} (only {expected}); remove it"
            yield Diagnostic(child.where, "E402", message)

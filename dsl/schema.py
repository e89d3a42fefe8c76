"""The elements of the language: their parents, their numbers and their attributes.

`rateloom.xsd` is the same schema for editors; the one here gives messages that help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .code_targets import CODE_TARGETS
from .diagnostics import Diagnostic
from .identifiers import did_you_mean, short
from .tree import Element

MANY: int | None = None


@dataclass(frozen=True)
class Rule:
    """The attributes and children of an element; children map to their least and greatest number."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    children: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    text: bool = False


_VARIABLES: dict[str, tuple[int, int | None]] = {
    "DerivedVariable": (0, MANY),
    "ConditionalDerivedVariable": (0, MANY),
}

RULES: dict[str, Rule] = {
    "Model": Rule(
        required=("name",),
        optional=("version",),
        children={
            "Description": (0, 1),
            "Reference": (0, MANY),
            "Parameter": (0, MANY),
            "DerivedParameter": (0, MANY),
            "StateVariable": (1, MANY),
            "Coupling": (0, MANY),
            "Input": (0, MANY),
            "Function": (0, MANY),
            "Dynamics": (1, 1),
            "Noise": (0, MANY),
            "Exposure": (0, MANY),
        },
    ),
    "Description": Rule(text=True),
    "Reference": Rule(optional=("doi", "citation")),
    "Parameter": Rule(("name", "value"), ("min", "max", "unit", "description", "size")),
    "DerivedParameter": Rule(("name", "value"), ("unit", "description")),
    "StateVariable": Rule(("name", "initial"), ("lower", "upper", "period", "unit", "description")),
    "Coupling": Rule(("name", "pre"), ("post", "delays", "description")),
    "Input": Rule(("name",), ("default", "unit", "description")),
    "Function": Rule(
        required=("name", "arguments"),
        optional=(
            "plugin",
            "parameters",
            *CODE_TARGETS,
            "symbol",
            "differentiation",
            "step",
            "description",
        ),
        children=_VARIABLES | {"Return": (0, 1)},
    ),
    "Dynamics": Rule(children=_VARIABLES | {"TimeDerivative": (0, MANY)}),
    "DerivedVariable": Rule(("name", "value"), ("unit", "description")),
    "ConditionalDerivedVariable": Rule(("name",), ("unit", "description"), {"Case": (1, MANY)}),
    "Case": Rule(("value",), ("condition",)),
    "Return": Rule(("value",)),
    "TimeDerivative": Rule(("variable", "value")),
    "Noise": Rule(("variable", "sigma")),
    "Exposure": Rule(("name",), ("value", "unit", "description")),
}

_CHOICES = {
    ("Model", "version"): ("1",),
    ("Coupling", "delays"): ("true", "false"),
    ("Function", "differentiation"): ("exact", "central"),
}


def check_schema(root: Element) -> tuple[Diagnostic, ...]:
    """Return an error for every element and attribute that is unknown, missing or in the wrong place."""
    if root.tag != "Model":
        message = f"the file begins with <{short(root.tag)}>; a model begins with <Model>"
        return (Diagnostic(root.where, "E013", message),)
    return tuple(_check(root))


def known_children(element: Element) -> tuple[Element, ...]:
    """Return the child elements that the language allows in an element."""
    rule = RULES.get(element.tag, Rule())
    return tuple(child for child in element.children if child.tag in rule.children)


def _check(element: Element) -> Iterator[Diagnostic]:
    rule = RULES[element.tag]
    yield from _check_attributes(element, rule)
    if element.text and not rule.text:
        message = f"text '{short(element.text)}' in {label(element)}; values belong in attributes"
        yield Diagnostic(element.where, "E013", message)
    yield from _check_children(element, rule)
    for child in known_children(element):
        yield from _check(child)


def _check_attributes(element: Element, rule: Rule) -> Iterator[Diagnostic]:
    allowed = (*rule.required, *rule.optional)
    missing = [name for name in rule.required if name not in element.attributes]
    for name, value in element.attributes.items():
        if name not in allowed:
            has = f"it has {', '.join(allowed)}" if allowed else "it has none"
            message = f"unknown attribute '{short(name)}' in {label(element)}"
            yield Diagnostic(element.where, "E011", message + (did_you_mean(name, allowed) or f"; {has}"))
        choices = _CHOICES.get((element.tag, name))
        if choices is not None and value.strip() not in choices:
            choices_text = " or ".join(f"'{choice}'" for choice in choices)
            message = f"{name} of {label(element)} is '{short(value)}'; it must be {choices_text}"
            yield Diagnostic(element.where, "E014", message)
    for name in missing:
        yield Diagnostic(element.where, "E012", f'{label(element)} lacks the attribute {name}="..."')


def _check_children(element: Element, rule: Rule) -> Iterator[Diagnostic]:
    for child in element.children:
        if child.tag in rule.children:
            continue
        if child.tag in RULES:
            parents = [f"<{tag}>" for tag, parent_rule in RULES.items() if child.tag in parent_rule.children]
            advice = f"it belongs in {' or '.join(parents)}" if parents else "it is the outermost element"
            yield Diagnostic(child.where, "E013", f"<{child.tag}> cannot stand in {label(element)}; {advice}")
            continue
        hint = did_you_mean(child.tag, rule.children) or did_you_mean(child.tag, RULES)
        has = f"; it may hold {', '.join(rule.children)}" if rule.children else "; it holds no elements"
        message = f"unknown element <{short(child.tag)}> in {label(element)}"
        yield Diagnostic(child.where, "E010", message + (hint or has))
    counts = Counter(child.tag for child in element.children)
    for tag, (least, most) in rule.children.items():
        if counts[tag] < least:
            number = "a" if most == 1 else "at least one"
            yield Diagnostic(element.where, "E013", f"{label(element)} lacks {number} <{tag}>")
        if most is not None and counts[tag] > most:
            last = [child for child in element.children if child.tag == tag][most]
            yield Diagnostic(last.where, "E013", f"{label(element)} has more than one <{tag}>")


def label(element: Element) -> str:
    """Name an element in a message, as in ``TimeDerivative 'r'``."""
    name = element.attributes.get("name", element.attributes.get("variable"))
    plugin = f" (plug-in '{short(element.attributes['plugin'])}')" if "plugin" in element.attributes else ""
    return f"<{element.tag}>" if name is None else f"{element.tag} '{short(name)}'{plugin}"

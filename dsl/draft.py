"""A model file whose expressions are parsed, but in which nothing has been checked or put in order yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .diagnostics import Diagnostic, Location
from .expressions import ExpressionError, Parsed, parse
from .names import short
from .schema import RULES, known_children, label
from .tokens import split_list
from .tree import Element

# What the expressions of a definition may see: `scopes.visible` says which names these are.
_SCOPES = {
    "Parameter": "constant",
    "StateVariable": "constant",
    "Input": "constant",
    "DerivedParameter": "parameter",
    "Noise": "sigma",
}
_EXPRESSIONS = {
    "value",
    "min",
    "max",
    "initial",
    "lower",
    "upper",
    "pre",
    "post",
    "default",
    "condition",
    "sigma",
}
_LISTS = {("Parameter", "value"), ("StateVariable", "initial")}


@dataclass(frozen=True)
class Expression:
    """One expression of the file, with its place and the scope in which its names are looked up."""

    parsed: Parsed
    where: Location
    label: str
    scope: str
    function: str = ""


@dataclass(frozen=True)
class Definition:
    """An element that defines something.

    ``name`` is the state variable for a TimeDerivative or Noise. ``expressions`` holds, for each attribute that
    is an expression, its parts: several for a list. ``parts`` are the Case elements of a conditional, or the
    variables and the Return of a Function.
    """

    element: Element
    name: str
    expressions: dict[str, tuple[Expression, ...]]
    parts: tuple[Definition, ...] = ()

    @property
    def tag(self) -> str:
        """The element's name in the language."""
        return self.element.tag

    @property
    def where(self) -> Location:
        """The element's place in the file."""
        return self.element.where

    @property
    def label(self) -> str:
        """How messages call it, as in ``TimeDerivative 'r'``."""
        return label(self.element)

    def all_expressions(self) -> Iterator[Expression]:
        """Every expression of this definition and of its parts."""
        for several in self.expressions.values():
            yield from several
        for part in self.parts:
            yield from part.all_expressions()


@dataclass(frozen=True)
class Draft:
    """All definitions of a file; ``assumed`` are names that unknown elements seem to declare."""

    root: Element
    definitions: tuple[Definition, ...]
    assumed: tuple[str, ...] = ()

    def of(self, *tags: str) -> tuple[Definition, ...]:
        """Return the definitions with these tags, in the order of the file."""
        return tuple(d for d in self.definitions if d.tag in tags)


def make_draft(root: Element) -> tuple[Draft, tuple[Diagnostic, ...]]:
    """Parse all expressions of a tree; what cannot be parsed is left out and reported."""
    errors: list[Diagnostic] = []
    definitions: list[Definition] = []
    assumed: list[str] = []
    for parent in (root, *(e for e in known_children(root) if e.tag == "Dynamics")):
        known = known_children(parent)
        assumed += [
            e.attributes["name"] for e in parent.children if e not in known and "name" in e.attributes
        ]
        for element in known:
            if element.tag not in ("Dynamics", "Description", "Reference"):
                definitions.append(_definition(element, _SCOPES.get(element.tag, "dynamics"), "", errors))
    return Draft(root, tuple(definitions), tuple(assumed)), tuple(errors)


def _definition(
    element: Element, scope: str, function: str, errors: list[Diagnostic], parent: str = ""
) -> Definition:
    """Parse one element and the ones in it."""
    name = element.attributes.get("name", element.attributes.get("variable", "")).strip()
    if element.tag == "Function":
        scope, function = "function", name
    elif element.tag == "Exposure" and "value" not in element.attributes:
        element = replace(element, attributes=element.attributes | {"value": name})
    elif element.tag == "Coupling":
        element = replace(element, attributes={"post": "gx"} | element.attributes)
    elif element.tag == "Input":
        element = replace(element, attributes={"default": "0"} | element.attributes)
    owner = f"{element.tag} of {parent}" if element.tag in ("Case", "Return") else label(element)
    expressions: dict[str, tuple[Expression, ...]] = {}
    for attribute, text in element.attributes.items():
        if attribute in _EXPRESSIONS & {*RULES[element.tag].required, *RULES[element.tag].optional}:
            place = attribute if attribute in ("pre", "post") else scope
            what = owner if attribute in ("value", "sigma") else f"{attribute} of {owner}"
            parsed = _parse_all(element, attribute, text, what, place, function, errors)
            if parsed:
                expressions[attribute] = parsed
    parts = tuple(_definition(child, scope, function, errors, owner) for child in known_children(element))
    return Definition(element, name, expressions, parts)


def _parse_all(
    element: Element,
    attribute: str,
    text: str,
    what: str,
    scope: str,
    function: str,
    errors: list[Diagnostic],
) -> tuple[Expression, ...]:
    """Parse an attribute's expression or its list of expressions; nothing if any is wrong."""
    if not text.strip() and scope == "constant":
        errors.append(Diagnostic(element.where, "E112", f"{what} is empty; give a number"))
        return ()
    pieces = split_list(text) if (element.tag, attribute) in _LISTS else ((text, 0),)
    result = []
    for piece, offset in pieces:
        try:
            parsed = parse(piece, condition=attribute == "condition")
        except ExpressionError as error:
            column = error.column + offset
            message = f'{error.message} (column {column} of "{short(text)}") in {what}'
            errors.append(Diagnostic(element.where, error.code, message))
            return ()
        result.append(Expression(parsed, element.where, what, scope, function))
    return tuple(result)

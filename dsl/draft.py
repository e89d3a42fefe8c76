"""Drafts: model files whose expressions are parsed, but neither checked nor sorted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import limits
from .diagnostics import Diagnostic, Location
from .identifiers import short
from .parser import ExpressionError, Parsed, parse
from .plugin_parameters import parse_parameters
from .schema import RULES, known_children, label
from .tokens import split_list
from .tree import Element

# The scope of a definition's expressions; `scopes.visible_names` lists the names of each scope.
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
    "period",
    "pre",
    "post",
    "default",
    "condition",
    "sigma",
    "step",
    "parameters",
}
# attributes whose scope is not that of their element
_ATTRIBUTE_SCOPES = {"pre": "pre", "post": "post", "step": "constant", "parameters": "plugin"}
_LISTS = {("Parameter", "value"), ("StateVariable", "initial")}
# the values of attributes that take numbers alone, unless it is one number
_NUMBERS = {
    ("Parameter", "value"): ", which takes a number, or several with commas between them",
    (
        "StateVariable",
        "initial",
    ): ", which takes a number, or the two ends of a range with a comma between them",
}


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

    ``name`` is the state variable for a TimeDerivative or Noise. ``expressions`` holds, for each attribute
    that is an expression, its parts: several for a list, none if it could not be parsed, which is then in
    ``errors``. ``parts`` are the Case elements of a conditional, or the variables and Return of a Function.
    """

    element: Element
    name: str
    label: str
    expressions: dict[str, tuple[Expression, ...]]
    errors: tuple[Diagnostic, ...] = ()
    parts: tuple[Definition, ...] = ()

    @property
    def tag(self) -> str:
        """Return the element's name in the language."""
        return self.element.tag

    @property
    def where(self) -> Location:
        """Return the element's place in the file."""
        return self.element.where

    def all_expressions(self) -> Iterator[Expression]:
        """Yield every expression of this definition and of its parts."""
        for several in self.expressions.values():
            yield from several
        for part in self.parts:
            yield from part.all_expressions()


@dataclass(frozen=True)
class Draft:
    """All definitions of a file; ``assumed`` are names that unknown elements seem to declare."""

    root: Element
    definitions: tuple[Definition, ...]
    assumed: frozenset[str] = frozenset()

    def of(self, *tags: str) -> tuple[Definition, ...]:
        """Return the definitions with these tags, in the order of the file."""
        return tuple(d for d in self.definitions if d.tag in tags)


def make_draft(root: Element) -> Draft:
    """Parse all expressions of a `Model` tree, whatever other errors it has."""
    definitions: list[Definition] = []
    assumed: list[str] = []
    for parent in (root, *(e for e in known_children(root) if e.tag == "Dynamics")):
        unknown = [e for e in parent.children if e.tag not in RULES]
        assumed += [e.attributes["name"].strip() for e in unknown if "name" in e.attributes]
        definitions += [
            _definition(e, _SCOPES.get(e.tag, "dynamics"), "", "")
            for e in known_children(parent)
            if e.tag not in ("Dynamics", "Description", "Reference")
        ]
    return Draft(root, tuple(definitions), frozenset(assumed))


def _definition(element: Element, scope: str, function: str, parent: str) -> Definition:
    """Parse one element and its child elements."""
    name = element.attributes.get("name", element.attributes.get("variable", "")).strip()
    element_name = element.tag if element.tag in ("Case", "Return") else label(element)
    owner = f"{element_name} of {parent}" if parent else element_name
    if element.tag == "Function":
        scope, function = "function", name
    expressions: dict[str, tuple[Expression, ...]] = {}
    errors: list[Diagnostic] = []
    for attribute, text in _expression_texts(element, name):
        attribute_scope = _ATTRIBUTE_SCOPES.get(attribute, scope)
        attribute_label = owner if attribute in ("value", "sigma") else f"{attribute} of {owner}"
        try:
            parsed = _parse_all(text, attribute, (element.tag, attribute) in _LISTS, attribute_scope)
        except ExpressionError as error:
            column = f' (column {error.column} of "{short(text)}")' if text.strip() else ""
            expected = ""
            if attribute_scope == "constant" and text.strip():
                expected = _NUMBERS.get((element.tag, attribute), ", which takes a number")
            errors.append(
                Diagnostic(
                    element.where, error.code, f"{error.message}{column} in {attribute_label}{expected}"
                )
            )
        else:
            expressions[attribute] = tuple(
                Expression(
                    p,
                    element.where,
                    attribute_label,
                    attribute_scope,
                    function if attribute_scope == "function" else "",
                )
                for p in parsed
            )
    parts = tuple(_definition(child, scope, function, owner) for child in known_children(element))
    return Definition(element, name, owner, expressions, tuple(errors), parts)


def _expression_texts(element: Element, name: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes that are expressions, with the defaults of absent ones."""
    rule = RULES[element.tag]
    defaults = {"Exposure": {"value": name}, "Coupling": {"post": "gx"}, "Input": {"default": "0"}}
    attributes = defaults.get(element.tag, {}) | element.attributes
    for attribute in (*rule.required, *rule.optional):
        if attribute in _EXPRESSIONS and attribute in attributes:
            yield attribute, attributes[attribute]


def _parse_all(text: str, attribute: str, several: bool, scope: str) -> tuple[Parsed, ...]:
    """Parse the expression, or the list of expressions, of an attribute."""
    if attribute == "parameters":
        return tuple(argument.parsed for argument in parse_parameters(text))
    pieces = split_list(text) if several else ((text, 0),)
    if len(pieces) > limits.VECTOR_SIZE:
        raise ExpressionError(f"a list has at most {limits.VECTOR_SIZE:,} values", 1, "E004")
    result = []
    for piece, offset in pieces:
        if not piece.strip() and scope == "constant":
            raise ExpressionError("a number is missing", offset + 1, "E112")
        try:
            result.append(parse(piece, condition=attribute == "condition"))
        except ExpressionError as error:
            raise ExpressionError(error.message, error.column + offset, error.code) from None
    return tuple(result)

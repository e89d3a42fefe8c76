"""Where a function's statements come from: the file itself, a plug-in, or a pair of code files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .diagnostics import Diagnostic
from .identifiers import IDENTIFIER, refusal
from .parser import ExpressionError
from .plugin_parameters import parse_parameters, values_of
from .plugin_statements import Values, plugin_statements
from .plugins import PluginError, find_plugin
from .schema import label
from .tree import Element

PAIR = ("cuda", "numba", "symbol")
# What a function is until its own statements are mended: it has a value, so that its calls are no errors.
_NOTHING = Element("Return", {"value": "0"})


def expand_plugins(root: Element) -> tuple[Element, tuple[Diagnostic, ...]]:
    """Give every function that names a plug-in the statements that the plug-in makes.

    Only plug-ins that the model names are run.

    Returns
    -------
    tuple of Element and of Diagnostic
        The model's tree, in which such a function has a body like any other, and what went wrong.
    """
    errors: list[Diagnostic] = []
    children = []
    for element in root.children:
        if element.tag == "Function":
            found = tuple(_check_kind(element))
            errors += found
            if "plugin" in element.attributes and not found:
                body, problems = _body(root, element)
                errors += problems
                element = replace(element, children=(*element.children, *body))
            elif found:
                element = replace(element, children=(replace(_NOTHING, where=element.where),))
        children.append(element)
    return replace(root, children=tuple(children)), tuple(errors)


def _check_kind(function: Element) -> Iterator[Diagnostic]:
    """A function has statements, or a plug-in, or a pair of files: one of these."""
    given = [f"'{name}'" for name in ("plugin", *PAIR) if name in function.attributes]
    tags = {child.tag for child in function.children}
    own = bool(tags & {"Return", "DerivedVariable", "ConditionalDerivedVariable"})
    pair = [name for name in PAIR if name in function.attributes]
    if not given and "Return" not in tags:
        message = f'{label(function)} has no value; add <Return value="..."/>, a plugin, or cuda and numba'
    elif given and own:
        message = f"{label(function)} has {', '.join(given)} and statements of its own; keep one or the other"
    elif pair and "plugin" in function.attributes:
        message = f"{label(function)} has a plugin and {', '.join(pair)}; keep one or the other"
    elif "parameters" in function.attributes and "plugin" not in function.attributes:
        message = f"{label(function)} has parameters but no plugin; expressions see the model's parameters"
    else:
        return
    yield Diagnostic(function.where, "E125", message)


def _body(root: Element, function: Element) -> tuple[tuple[Element, ...], tuple[Diagnostic, ...]]:
    """Return the statements that a plug-in makes, or why it makes none."""
    arguments = tuple(a.strip() for a in function.attributes.get("arguments", "").split(","))
    values = _values(root, function.attributes.get("parameters", ""))
    nothing = replace(_NOTHING, where=function.where)
    if values is None or any(refusal(a) for a in arguments) or len(set(arguments)) < len(arguments):
        return (nothing,), ()
    try:
        build = find_plugin(function.attributes["plugin"].strip())
        return plugin_statements(build, arguments, values, function.where), ()
    except (PluginError, RecursionError) as error:
        message, code = "its expressions are nested too deep", "E129"
        if isinstance(error, PluginError):
            message, code = str(error), error.code
        model = root.attributes.get("name", "").strip()
        said = f"{label(function)} of Model '{model}': {message}"
        return (nothing,), (Diagnostic(function.where, code, said),)


def _values(root: Element, text: str) -> Values | None:
    """Return what the model gives for a plug-in's parameters; None if that is wrong, as is reported later."""
    scalars, vectors = {"dt", "n_node"}, {}
    for element in root.children:
        name = element.attributes.get("name", "").strip()
        if element.tag in ("Parameter", "DerivedParameter") and IDENTIFIER.match(name):
            size = element.attributes.get("size", "").strip()
            if size.isascii() and size.isdigit() and len(size) < 6:
                vectors[name] = int(size)
            elif not size:
                scalars.add(name)
    try:
        return values_of(parse_parameters(text), scalars, vectors)
    except ExpressionError:
        return None

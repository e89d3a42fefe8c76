"""The bodies of functions: statements in the file, a plug-in's statements, or files of code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .code_targets import CODE_TARGETS
from .diagnostics import Diagnostic
from .identifiers import IDENTIFIER, refusal
from .parser import ExpressionError
from .plugin_parameters import parse_parameters, values_of
from .plugin_statements import Values, plugin_statements
from .plugins import PluginError, find_plugin
from .schema import label
from .tree import Element

OF_CODE = (*CODE_TARGETS, "symbol")
# The body of a function whose own statements are wrong: it has a value, so that its calls are no errors.
_EMPTY_BODY = Element("Return", {"value": "0"})


def expand_plugins(root: Element) -> tuple[Element, tuple[Diagnostic, ...]]:
    """Give each function that names a plug-in the statements that the plug-in makes.

    Only plug-ins that the model names are run.

    Returns
    -------
    tuple of Element and of Diagnostic
        The model's tree, in which such a function has a body like any other, and the errors.
    """
    errors: list[Diagnostic] = []
    children = []
    for element in root.children:
        if element.tag == "Function":
            body_errors = tuple(_check_body_source(element))
            errors += body_errors
            if "plugin" in element.attributes and not body_errors:
                body, problems = _body(root, element)
                errors += problems
                element = replace(element, children=(*element.children, *body))
            elif body_errors:
                element = replace(element, children=(replace(_EMPTY_BODY, where=element.where),))
        children.append(element)
    return replace(root, children=tuple(children)), tuple(errors)


def _check_body_source(function: Element) -> Iterator[Diagnostic]:
    """Report a function that does not have exactly one body: statements, a plug-in or code."""
    listed = [f"'{name}'" for name in ("plugin", *OF_CODE) if name in function.attributes]
    tags = {child.tag for child in function.children}
    has_statements = bool(tags & {"Return", "DerivedVariable", "ConditionalDerivedVariable"})
    code = [name for name in OF_CODE if name in function.attributes]
    if not listed and "Return" not in tags:
        files = " and ".join(CODE_TARGETS)
        message = f'{label(function)} has no value; add <Return value="..."/>, a plugin, or {files}'
    elif listed and has_statements:
        message = (
            f"{label(function)} has {', '.join(listed)} and statements of its own; keep one or the other"
        )
    elif code and "plugin" in function.attributes:
        message = f"{label(function)} has a plugin and {', '.join(code)}; keep one or the other"
    elif "parameters" in function.attributes and "plugin" not in function.attributes:
        message = f"{label(function)} has parameters but no plugin; expressions see the model's parameters"
    else:
        return
    yield Diagnostic(function.where, "E125", message)


def _body(root: Element, function: Element) -> tuple[tuple[Element, ...], tuple[Diagnostic, ...]]:
    """Return the statements that a plug-in makes, or the error that keeps it from making them."""
    arguments = tuple(a.strip() for a in function.attributes.get("arguments", "").split(","))
    values = _values(root, function.attributes.get("parameters", ""))
    empty_body = replace(_EMPTY_BODY, where=function.where)
    if values is None or any(refusal(a) for a in arguments) or len(set(arguments)) < len(arguments):
        return (empty_body,), ()
    try:
        build = find_plugin(function.attributes["plugin"].strip())
        return plugin_statements(build, arguments, values, function.where), ()
    except (PluginError, RecursionError) as error:
        message, code = "its expressions are nested too deep", "E129"
        if isinstance(error, PluginError):
            message, code = str(error), error.code
        model = root.attributes.get("name", "").strip()
        line = f"{label(function)} of Model '{model}': {message}"
        return (empty_body,), (Diagnostic(function.where, code, line),)


def _values(root: Element, text: str) -> Values | None:
    """Return the values of a plug-in's parameters; None if the attribute is wrong: a check reports that."""
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

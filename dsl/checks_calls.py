"""Checks of calls of functions, of their derivatives, and of elements of vectors."""

from __future__ import annotations

from collections.abc import Iterator

from .diagnostics import Diagnostic
from .draft import Definition, Draft, Expression
from .identifiers import ELEMENTARY_NAMES, did_you_mean, short
from .operations import symbol
from .parser import Called
from .scopes import KINDS, arguments, local_names, visible_names


def unknown_functions(draft: Draft) -> Iterator[Diagnostic]:
    """Report calls of names that are no functions."""
    functions = {d.name for d in draft.of("Function")}
    kinds = {d.name: KINDS[d.tag] for d in draft.of(*KINDS)}
    for expression, called in _calls(draft):
        name = called.function
        if name in functions or name in draft.assumed:
            continue
        if name in kinds:
            message = f"'{name}' in {expression.label} is {kinds[name]}; to multiply, write {name} * (...)"
        else:
            hint = did_you_mean(name, {*functions, *ELEMENTARY_NAMES})
            message = f"unknown function '{short(name)}' in {expression.label}{hint}"
        yield Diagnostic(expression.where, "E102", message)


def numbers_of_arguments(draft: Draft) -> Iterator[Diagnostic]:
    """Report calls with too many or too few arguments."""
    formal = _formal_arguments(draft)
    for expression, called in _calls(draft):
        expected = formal.get(called.function)
        if expected is not None and called.count != len(expected):
            plural = "" if len(expected) == 1 else "s"
            message = f"'{called.function}' takes {len(expected)} argument{plural}, not {called.count}, in"
            yield Diagnostic(expression.where, "E103", f"{message} {expression.label}")


def derivatives_of_functions(draft: Draft) -> Iterator[Diagnostic]:
    """Report derivatives by names that are no formal arguments."""
    formal = _formal_arguments(draft)
    for expression, called in _calls(draft):
        formal_names = formal.get(called.function, called.wrt)
        for name in dict.fromkeys(called.wrt):
            if name not in formal_names:
                message = f"'{short(name)}' in {expression.label} is no argument of '{called.function}'"
                hint = did_you_mean(name, formal_names) or f"; diff by one of {', '.join(formal_names)}"
                yield Diagnostic(expression.where, "E122", message + hint)


def vectors(draft: Draft) -> Iterator[Diagnostic]:
    """Report vectors without an index, indices out of range, and indices of scalars."""
    sizes = {d.name: _size(d) for d in draft.of("Parameter") if "size" in d.element.attributes}
    local = local_names(draft)
    names = visible_names(draft)
    for definition in draft.definitions:
        for expression in definition.all_expressions():
            hidden = local.get(expression.function, frozenset())
            plugin_value = expression.parsed.expression if expression.scope == "plugin" else None
            for name, index in dict.fromkeys((n.name, n.index) for n in expression.parsed.names):
                # a plug-in may be given a vector as a whole
                if index is None and plugin_value == symbol(name):
                    continue
                problem = _misused(name, index, name in sizes and name not in hidden, sizes.get(name))
                # A name that the expression cannot see has an error of its own.
                if problem is not None and name in names[expression.scope, expression.function]:
                    yield Diagnostic(expression.where, "E118", f"{expression.label}: {problem}")


def _misused(name: str, index: int | None, vector: bool, size: int | None) -> str | None:
    """Return the fault of an index, or of its absence; None if there is none."""
    if index is None:
        return f"'{name}' is a vector; give it an index, as in {name}[0]" if vector else None
    if not vector:
        return f"'{name}' is no vector and has no index"
    if size is not None and index >= size:
        return f"there is no {name}[{index}]; '{name}' has {size} values, from {name}[0]"
    return None


def _size(d: Definition) -> int | None:
    text = d.element.attributes["size"].strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _formal_arguments(draft: Draft) -> dict[str, tuple[str, ...]]:
    return {d.name: arguments(d) for d in draft.of("Function")}


def _calls(draft: Draft) -> Iterator[tuple[Expression, Called]]:
    for definition in draft.definitions:
        for expression in definition.all_expressions():
            for called in dict.fromkeys(expression.parsed.calls):
                yield expression, called

"""Checks of syntax and names: declared once, not reserved, visible where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .diagnostics import Diagnostic, Location
from .draft import Definition, Draft, Expression
from .identifiers import did_you_mean, refusal, short
from .scopes import KINDS, SYMBOLS, WORDS, arguments, visible_names

# Nobody reads more for one expression, and looking for similar names takes time.
_MOST_NAMES = 20
_SHARED = (*KINDS, "Function")


def syntax(draft: Draft) -> Iterator[Diagnostic]:
    """Report expressions that could not be parsed."""
    for definition in draft.definitions:
        yield from _syntax(definition)


def _syntax(definition: Definition) -> Iterator[Diagnostic]:
    yield from definition.errors
    for part in definition.parts:
        yield from _syntax(part)


def model_name(draft: Draft) -> Iterator[Diagnostic]:
    """Report a model's name that cannot become the name of files and modules."""
    name = draft.root.attributes.get("name")
    reason = None if name is None else refusal(name.strip())
    if name is not None and reason is not None:
        yield Diagnostic(draft.root.where, "E106", f"a Model cannot be named '{short(name)}': {reason}")


def reserved_names(draft: Draft) -> Iterator[Diagnostic]:
    """Report declared names that are not allowed, with the reason."""
    for declared_as, name, where in _declared(draft):
        reason = refusal(name)
        if reason is not None:
            code = "E115" if name.endswith("_j") else "E106"
            yield Diagnostic(where, code, f"{declared_as} cannot be named '{short(name)}': {reason}")


def duplicate_names(draft: Draft) -> Iterator[Diagnostic]:
    """Report names that are declared twice; exposures have a set of names of their own."""
    yield from _repeated((d.name, d.label, d.where) for d in draft.of(*_SHARED))
    yield from _repeated((d.name, d.label, d.where) for d in draft.of("Exposure"))
    for function in draft.of("Function"):
        owner, where = function.label, function.where
        names = [(name, f"argument '{short(name)}' of {owner}", where) for name in arguments(function)]
        variables = [(p.name, p.label, p.where) for p in _variables(function)]
        yield from _repeated((*names, *variables))


def unknown_names(draft: Draft) -> Iterator[Diagnostic]:
    """Report names that are not declared, or that their expression may not see."""
    kinds = {d.name: KINDS[d.tag] for d in draft.of(*KINDS)}
    functions = {d.name for d in draft.of("Function")}
    names = visible_names(draft)
    for definition in draft.definitions:
        for expression in definition.all_expressions():
            visible = names[expression.scope, expression.function]
            used = dict.fromkeys(n.name for n in expression.parsed.names)
            unseen = [name for name in used if name not in visible and name not in draft.assumed]
            for name in unseen[:_MOST_NAMES]:
                code, message = _why(name, expression, visible, kinds, functions)
                yield Diagnostic(expression.where, code, message)


def _why(
    name: str, expression: Expression, visible: frozenset[str], kinds: dict[str, str], functions: set[str]
) -> tuple[str, str]:
    """Return the code and the reason why a name cannot be used in an expression."""
    label = expression.label
    if name.endswith("_j") and name[:-2] in kinds and expression.scope != "pre":
        return "E115", f"'{name}' in {label}: names that end in _j are only known in the pre of a Coupling"
    if name in functions:
        return "E121", f"'{name}' in {label} is a function; give it its arguments in brackets"
    if name in ("nan", "NaN", "NAN") and expression.scope == "constant":
        return "E112", f"{label} is not a number; give a finite one"
    declared_as = kinds.get(name) or SYMBOLS.get(name)
    if declared_as is not None:
        return "E121", f"'{name}' is {declared_as} and cannot be used in {label}: {WORDS[expression.scope]}"
    takes = ", which takes a number" if expression.scope == "constant" else did_you_mean(name, visible)
    return "E101", f"unknown name '{short(name)}' in {label}{takes}"


def _declared(draft: Draft) -> Iterator[tuple[str, str, Location]]:
    """Yield all names that a file declares, each after its tag and before its place."""
    for d in draft.of(*_SHARED, "Exposure"):
        if "name" not in d.element.attributes:
            continue
        # An exposure without a value has the name of a variable, which is reported where it is declared.
        if d.tag != "Exposure" or "value" in d.element.attributes:
            yield d.tag, d.name, d.where
        for argument in arguments(d) if d.tag == "Function" else ():
            yield f"an argument of {d.label}", argument, d.where
        for part in _variables(d) if d.tag == "Function" else ():
            yield part.tag, part.name, part.where


def _variables(function: Definition) -> tuple[Definition, ...]:
    return tuple(part for part in function.parts if part.tag in KINDS and "name" in part.element.attributes)


def _repeated(names: Iterable[tuple[str, str, Location]]) -> Iterator[Diagnostic]:
    first: dict[str, tuple[str, Location]] = {}
    for name, label, where in names:
        if name in first:
            first_label, line = first[name][0], first[name][1].line
            message = f"{label}: the name '{short(name)}' is already taken by {first_label} in line {line}"
            yield Diagnostic(where, "E105", message)
        elif name:
            first[name] = (label, where)

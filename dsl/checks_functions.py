"""Checks of how functions are differentiated: steps of central differences, and missing derivatives."""

from __future__ import annotations

import math
from collections.abc import Iterator

import sympy

from .diagnostics import Diagnostic
from .draft import Definition, Draft, Expression
from .identifiers import short
from .operations import OPERATIONS, Call
from .scopes import arguments

_WHOLE = {OPERATIONS[name]: name for name in ("floor", "ceil", "sign", "heaviside")}
# an operation whose values are whole numbers: its name, and the expression that uses it
_WholeNumberUse = tuple[str, Expression]


def steps_of_differences(draft: Draft) -> Iterator[Diagnostic]:
    """Report central differences without a step above zero, and exact derivatives with a step."""
    for d in draft.of("Function"):
        differentiation = d.element.attributes.get("differentiation", "exact").strip()
        if differentiation == "central" and "step" not in d.element.attributes:
            message = f'{d.label} has differentiation="central" and lacks its step; add step="1e-7"'
            yield Diagnostic(d.where, "E123", message)
        elif differentiation == "exact" and "step" in d.element.attributes:
            message = f"{d.label} has a step, but exact derivatives need none"
            mend = 'leave it out, or add differentiation="central"'
            yield Diagnostic(d.where, "E123", f"{message}; {mend}")
        for expression in d.expressions.get("step", ()):
            step = expression.parsed.constant
            if step is not None and not (math.isfinite(step) and step > 0):
                message = f"{expression.label} is {step:g}; it must be above zero and finite"
                yield Diagnostic(d.where, "E123", message)


def derivatives_of_whole_numbers(draft: Draft) -> Iterator[Diagnostic]:
    """Report exact derivatives through an operation whose values are whole numbers."""
    functions = {d.name: d for d in draft.of("Function")}
    memo: dict[tuple[str, str], _WholeNumberUse | None] = {}
    for definition in draft.definitions:
        for expression in definition.all_expressions():
            for called in dict.fromkeys(expression.parsed.calls):
                function = functions.get(called.function)
                if function is None or _is_central(function):
                    continue
                uses_by_argument = (_whole_numbers(function, a, functions, memo) for a in called.wrt)
                first_use = next((f for f in uses_by_argument if f is not None), None)
                if first_use is not None:
                    message = _message(expression, called.function, first_use)
                    yield Diagnostic(expression.where, "E124", message)


def _message(expression: Expression, function: str, use: _WholeNumberUse) -> str:
    operation, owner = use
    return (
        f"diff of '{short(function)}' in {expression.label} meets {operation} in {owner.label}, "
        "whose values are whole numbers: its derivative is zero or does not exist; use a smooth function, "
        "or a ConditionalDerivedVariable, of which the case that holds is differentiated"
    )


def _is_central(function: Definition) -> bool:
    return function.element.attributes.get("differentiation", "").strip() == "central"


def _whole_numbers(
    function: Definition,
    argument: str,
    functions: dict[str, Definition],
    memo: dict[tuple[str, str], _WholeNumberUse | None],
) -> _WholeNumberUse | None:
    """Return the first operation with whole numbers as values that a derivative by an argument meets."""
    key = function.name, argument
    if key not in memo:
        # a function that calls itself is reported as a cycle
        memo[key] = None
        memo[key] = next(_whole_number_uses(function, argument, functions, memo), None)
    return memo[key]


def _whole_number_uses(
    function: Definition,
    argument: str,
    functions: dict[str, Definition],
    memo: dict[tuple[str, str], _WholeNumberUse | None],
) -> Iterator[_WholeNumberUse]:
    values = _values(function)
    varying = _varying(argument, values)
    for _, expression in values:
        for part in sympy.preorder_traversal(expression.parsed.expression):
            if type(part) in _WHOLE and _uses(part.args[0], varying):
                yield _WHOLE[type(part)], expression
            inner = functions.get(part.function) if isinstance(part, Call) else None
            if inner is None:
                continue
            for formal, actual in zip(arguments(inner), part.actual, strict=False):
                inner_use = _whole_numbers(inner, formal, functions, memo) if _uses(actual, varying) else None
                if inner_use is not None:
                    yield inner_use


def _values(function: Definition) -> list[tuple[str, Expression]]:
    """List the values of a function's variables, by name, and of its Return; not its conditions."""
    return [
        (part.name, expression)
        for part in function.parts
        for piece in (part, *part.parts)
        for expression in piece.expressions.get("value", ())
    ]


def _varying(argument: str, values: list[tuple[str, Expression]]) -> set[str]:
    """Return the names in a function's body that change smoothly with an argument."""
    names, size = {argument}, 0
    while len(names) > size:
        size = len(names)
        names |= {name for name, e in values if name and _uses(e.parsed.expression, names)}
    return names


def _uses(expression: sympy.Expr, names: set[str]) -> bool:
    return any(symbol.name in names for symbol in expression.free_symbols)

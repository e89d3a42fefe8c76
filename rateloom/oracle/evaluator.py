"""The oracle's own evaluator of expressions, with NumPy's arithmetic or with dual numbers."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from rateloom.dsl.model import Code, Function
from rateloom.dsl.operations import Call, External

from .arithmetic import NUMPY, Arithmetic
from .duals import DUALS, Dual, parts

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """A model's functions, and the parameters that they use besides their arguments."""

    functions: Mapping[str, Function]
    parameters: Values


def evaluate(expression: Any, values: Values, scope: Scope, arithmetic: Arithmetic | None = None) -> Any:
    """Return the value of an expression; ``values`` maps every name to a number or an array."""
    arithmetic = arithmetic or NUMPY
    if isinstance(expression, sympy.Symbol):
        return values[expression.name]
    if isinstance(expression, sympy.Number | sympy.NumberSymbol):
        return arithmetic.number(expression)
    if isinstance(expression, Call):
        actual = [evaluate(argument, values, scope, arithmetic) for argument in expression.actual]
        function = scope.functions[expression.function]
        if function.differentiation == "central":
            return _central(function, actual, expression.wrt, scope)
        if expression.wrt:
            return _derivative(function, actual, expression.wrt, scope)
        return _call(function, actual, scope, arithmetic)
    if isinstance(expression, External):
        actual = [evaluate(argument, values, scope, arithmetic) for argument in expression.actual]
        return _python(scope.functions[expression.function].code)(*actual)
    arguments = [evaluate(argument, values, scope, arithmetic) for argument in expression.args]
    if isinstance(expression, sympy.Add):
        return functools.reduce(operator.add, arguments)
    if isinstance(expression, sympy.Mul):
        return functools.reduce(operator.mul, arguments)
    if isinstance(expression, sympy.Pow):
        return arithmetic.power(*arguments)
    return arithmetic.operations[type(expression)](*arguments)


def _call(function: Function, actual: list[Any], scope: Scope, arithmetic: Arithmetic) -> Any:
    """Return the value of a model's function; its intermediate variables are evaluated in order."""
    values = {**scope.parameters, **dict(zip(function.arguments, actual, strict=True))}
    for variable in function.variables:
        values[variable.name] = evaluate(variable.value, values, scope, arithmetic)
    return evaluate(function.result, values, scope, arithmetic)


def _derivative(function: Function, actual: list[Any], wrt: tuple[str, ...], scope: Scope) -> Any:
    """Differentiate exactly, once by each argument in turn."""
    for name in wrt:
        moving = function.arguments.index(name)
        actual = [Dual(x, float(index == moving)) for index, x in enumerate(actual)]
    result = _call(function, actual, scope, DUALS)
    for _ in wrt:
        result = parts(result)[1]
    return result


def _central(function: Function, actual: list[Any], wrt: tuple[str, ...], scope: Scope) -> Any:
    """Return the value, or a derivative, of a function that central differences differentiate."""
    if any(isinstance(x, Dual) for x in actual):
        values, slopes = zip(*map(parts, actual), strict=True)
        moved = zip(function.arguments, slopes, strict=True)
        slope = sum(_central(function, list(values), (*wrt, name), scope) * s for name, s in moved)
        return Dual(_central(function, list(values), wrt, scope), slope)
    return _difference(function, actual, wrt, scope)


def _difference(function: Function, actual: list[Any], wrt: tuple[str, ...], scope: Scope) -> Any:
    """Differentiate once by each argument in turn, or twice by the same one, with central differences."""
    if not wrt:
        return _call(function, actual, scope, NUMPY)
    h = function.step
    first = function.arguments.index(wrt[0])

    def at(shift: float, then: tuple[str, ...] = ()) -> Any:
        moved = [*actual[:first], actual[first] + shift, *actual[first + 1 :]]
        return _difference(function, moved, then, scope)

    if len(wrt) == 2 and wrt[0] == wrt[1]:
        return (at(h) - 2 * at(0.0) + at(-h)) / h**2
    return (at(h, wrt[1:]) - at(-h, wrt[1:])) / (2 * h)


@functools.cache
def _python(code: Code) -> Callable[..., Any]:
    """Return the Python code of a function that exists only as code, for arrays."""
    names: dict[str, Any] = {}
    exec(code["numba"].text, names)
    return np.vectorize(names[code.symbol], otypes=[float])

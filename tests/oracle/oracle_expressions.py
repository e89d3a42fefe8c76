"""The oracle's own evaluator: walks an expression tree with NumPy, or with mpmath for derivatives."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import scipy.special
import sympy

from rateloom.dsl.functions import COMPARISONS, OPERATIONS, Call, External, Select
from rateloom.dsl.model import Code, Function

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Arithmetic:
    """How numbers are made and what the language's operations do to them."""

    number: Callable[[Any], Any]
    power: Callable[[Any, Any], Any]
    operations: dict[type, Callable[..., Any]]


@dataclass(frozen=True)
class Scope:
    """What a model's functions see besides their arguments, and the functions themselves."""

    functions: Mapping[str, Function]
    parameters: Values


def evaluate(expression: Any, values: Values, scope: Scope, arithmetic: Arithmetic | None = None) -> Any:
    """Value of an expression; ``values`` gives every name a number or an array."""
    arithmetic = arithmetic or NUMPY
    if isinstance(expression, sympy.Symbol):
        return values[expression.name]
    if isinstance(expression, sympy.Number | sympy.NumberSymbol):
        return arithmetic.number(expression)
    if isinstance(expression, Call):
        actual = [evaluate(argument, values, scope, arithmetic) for argument in expression.actual]
        if expression.wrt:
            return _derivative(scope.functions[expression.function], actual, expression.wrt, scope)
        return _call(scope.functions[expression.function], actual, scope, arithmetic)
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
    """Value of a model function, its intermediate variables in their order."""
    values = {**scope.parameters, **dict(zip(function.arguments, actual, strict=True))}
    for variable in function.variables:
        values[variable.name] = evaluate(variable.value, values, scope, arithmetic)
    return evaluate(function.result, values, scope, arithmetic)


def _derivative(function: Function, actual: list[Any], wrt: tuple[str, ...], scope: Scope) -> Any:
    """Differentiate numerically with 50 digits, element by element; or by the differences asked for."""
    if function.differentiation == "central":
        return _difference(function, actual, wrt, scope)
    orders = tuple(wrt.count(name) for name in function.arguments)
    names = list(scope.parameters)
    columns = np.broadcast_arrays(*actual, *(scope.parameters[name] for name in names))
    result = np.empty(columns[0].shape)
    with mpmath.workdps(50):
        for index in np.ndindex(result.shape):
            numbers = [mpmath.mpf(float(column[index])) for column in columns]
            inner = Scope(scope.functions, dict(zip(names, numbers[len(actual) :], strict=True)))
            value = mpmath.diff(
                lambda *x, inner=inner: _call(function, list(x), inner, MPMATH),
                tuple(numbers[: len(actual)]),
                orders,
            )
            result[index] = float(value)
    return result


def _difference(function: Function, actual: list[Any], wrt: tuple[str, ...], scope: Scope) -> Any:
    """Differentiate once by each argument in turn, or twice by the same one, with central differences."""
    h = function.step
    first = function.arguments.index(wrt[0])

    def at(shift: float, then: tuple[str, ...] = ()) -> Any:
        moved = [*actual[:first], actual[first] + shift, *actual[first + 1 :]]
        if then:
            return _difference(function, moved, then, scope)
        return _call(function, moved, scope, NUMPY)

    if len(wrt) == 2 and wrt[0] == wrt[1]:
        return (at(h) - 2 * at(0.0) + at(-h)) / h**2
    return (at(h, wrt[1:]) - at(-h, wrt[1:])) / (2 * h)


@functools.cache
def _python(code: Code) -> Callable[..., Any]:
    """The Python side of a function that exists only as code, for arrays."""
    names: dict[str, Any] = {}
    exec(code.numba, names)
    return np.vectorize(names[code.symbol], otypes=[float])


def _mp_number(number: Any) -> Any:
    if number is sympy.pi:
        return +mpmath.pi
    if isinstance(number, sympy.Rational) and number.is_finite:
        return mpmath.mpf(number.p) / number.q
    return mpmath.mpf(float(number))


def _np_power(base: Any, exponent: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.power(np.asarray(base, float), exponent)


def _table(functions: dict[str, Callable[..., Any]]) -> dict[type, Callable[..., Any]]:
    """Operations by their class instead of their name."""
    classes: dict[str, type] = {**OPERATIONS, **COMPARISONS, "select": Select}
    return {classes[name]: function for name, function in functions.items()}


NUMPY = Arithmetic(
    float,
    _np_power,
    _table({
        "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log10": np.log10,
        "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
        "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
        "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "sign": np.sign,
        "heaviside": lambda x: np.where(np.isnan(x), x, np.where(np.asarray(x) >= 0, 1.0, 0.0)),
        "erf": scipy.special.erf, "erfc": scipy.special.erfc, "min": np.minimum, "max": np.maximum,
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
        "==": np.equal, "!=": np.not_equal,
        "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "select": np.where,
    }),
)  # fmt: skip

MPMATH = Arithmetic(
    _mp_number,
    lambda base, exponent: mpmath.mpf(base) ** exponent,
    _table({
        "exp": mpmath.exp, "expm1": mpmath.expm1,
        "log": mpmath.log, "log1p": mpmath.log1p, "log10": mpmath.log10,
        "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan,
        "asin": mpmath.asin, "acos": mpmath.acos, "atan": mpmath.atan,
        "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
        "abs": abs, "floor": mpmath.floor, "ceil": mpmath.ceil, "sign": mpmath.sign,
        "heaviside": lambda x: mpmath.mpf(x >= 0),
        "erf": mpmath.erf, "erfc": mpmath.erfc, "min": min, "max": max,
        "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
        "==": operator.eq, "!=": operator.ne,
        "and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": operator.not_,
        "select": lambda condition, yes, no: yes if condition else no,
    }),
)  # fmt: skip

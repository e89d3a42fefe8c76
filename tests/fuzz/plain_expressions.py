"""Expressions of a model's text in Python's own arithmetic, one number at a time.

Python parses and evaluates them: nothing of this project takes part. Derivatives are differences of numbers
with a hundred digits.
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import scipy.special

_WORDS = {
    "^": "**", ".lt.": "<", ".leq.": "<=", ".gt.": ">", ".geq.": ">=", ".eq.": "==", ".neq.": "!=",
    ".and.": " and ", ".or.": " or ", ".not.": " not ",
}  # fmt: skip
_TOKEN = re.compile(r"\.[a-z]+\.|\^|[A-Za-z]\w*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?")
_LOGIC = ("and", "or", "not")
# of the differences; the numbers have twice as many digits and more
_SMALL = 40


class _Calls(ast.NodeTransformer):
    """Numbers become calls of `_number_`, and derivatives are told of the call, not its value."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("_number_", ast.Load()), [ast.Constant(repr(node.value))], [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "_diff":
            call, *wrt = node.args
            assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            by = [ast.Constant(name.id) for name in wrt if isinstance(name, ast.Name)]
            return ast.Call(node.func, [call.func, *by, *map(self.visit, call.args)], [])
        return self.generic_visit(node)


@functools.cache
def _compiled(text: str) -> CodeType:
    """Compile an expression, with an underscore before each name: it may be a word of Python's."""

    def word(match: re.Match[str]) -> str:
        token = match[0]
        if token in _WORDS:
            return _WORDS[token]
        return f"_{token}" if token[0].isalpha() and token not in _LOGIC else token

    tree = _Calls().visit(ast.parse(_TOKEN.sub(word, text).strip(), mode="eval"))
    return compile(ast.fix_missing_locations(tree), text, "eval")


class Names(dict[str, Any]):
    """Values by name; those of `definitions` are computed when asked for, what is left is `outer`'s."""

    def __init__(
        self,
        values: Mapping[str, Any],
        definitions: Mapping[str, Callable[[Names], Any]] | None = None,
        outer: Names | None = None,
    ) -> None:
        super().__init__({f"_{name}": value for name, value in values.items()})
        self.definitions, self.outer = definitions or {}, outer

    def __missing__(self, name: str) -> Any:
        if name[1:] in self.definitions:
            self[name] = self.definitions[name[1:]](self)
            return self[name]
        if self.outer is None:
            raise KeyError(name)
        return self.outer[name]


def value_of(text: str, names: Names) -> Any:
    """Return the value of an expression."""
    return eval(_compiled(text), {"__builtins__": {}}, names)


def arithmetic(real: type[np.floating[Any]] | None) -> dict[str, Any]:
    """Return what the language knows, in a precision of NumPy's or, for None, with many digits."""
    if real is None:
        functions: dict[str, Any] = {name: getattr(mpmath, name) for name in _MANY_DIGITS}
        number: Callable[[Any], Any] = mpmath.mpf
    else:
        functions = {name: getattr(np, function) for name, function in _OF_NUMPY.items()}
        functions |= {"erf": scipy.special.erf, "erfc": scipy.special.erfc}
        number = real
    functions |= {
        "abs": abs,
        "min": min,
        "max": max,
        "heaviside": lambda x: number(1 if x >= 0 else 0),
        "sign": lambda x: number(int(x > 0) - int(x < 0)),
        "pow": lambda x, y: x**y,
        "pi": number(mpmath.pi if real is None else math.pi),
        "inf": number("inf"),
        "number_": number,
    }
    return functions


_OF_NUMPY = {
    "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "log10": "log10", "sqrt": "sqrt",
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "floor": "floor", "ceil": "ceil",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan",
}  # fmt: skip
_MANY_DIGITS = [*_OF_NUMPY, "erf", "erfc"]


def add_functions(
    names: Names, bodies: Mapping[str, SimpleNamespace], exact: Callable[[], Names] | None = None
) -> None:
    """Add the model's functions to a node's constants.

    Parameters
    ----------
    names : Names
        What functions see beside their arguments.
    bodies : mapping
        Of each function `arguments`, `definitions` of its variables, and the text `result`.
    exact : callable
        Makes the same with many digits, for derivatives; None where there are no derivatives.
    """

    def function(body: SimpleNamespace) -> Callable[..., Any]:
        def called(*actual: Any) -> Any:
            given = dict(zip(body.arguments, actual, strict=True))
            return value_of(body.result, Names(given, body.definitions, names))

        return called

    functions = {name: function(body) for name, body in bodies.items()}
    dict.update(names, {f"_{name}": called for name, called in functions.items()})

    def diff(of: Callable[..., Any], *parts: Any) -> Any:
        assert exact is not None
        name = next(n for n, f in functions.items() if f is of)
        with mpmath.workdps(3 * _SMALL):
            actual = [mpmath.mpf(float(part)) for part in parts if not isinstance(part, str)]
            moved = [bodies[name].arguments.index(part[1:]) for part in parts if isinstance(part, str)]
            return names["_number_"](float(_difference(exact()[f"_{name}"], actual, moved)))

    names["_diff"] = diff


def _difference(of: Callable[..., Any], actual: list[Any], moved: list[int]) -> Any:
    """Differentiate once by each argument in turn."""
    if not moved:
        return of(*actual)
    small = mpmath.mpf(10) ** -_SMALL
    above, below = ([x + sign * small * (k == moved[0]) for k, x in enumerate(actual)] for sign in (1, -1))
    return (_difference(of, above, moved[1:]) - _difference(of, below, moved[1:])) / (2 * small)


def conditional(cases: list[tuple[str | None, str]]) -> Callable[[Names], Any]:
    """Return what computes a conditional definition."""

    def value(names: Names) -> Any:
        return next(value_of(text, names) for when, text in cases if when is None or value_of(when, names))

    return value


def plain(text: str) -> Callable[[Names], Any]:
    """Return what computes a definition."""
    return lambda names: value_of(text, names)


def numbers(text: str) -> Iterator[float]:
    """Return the constants of a list."""
    constants = Names(arithmetic(np.float64))
    depth, begin = 0, 0
    for k, letter in enumerate(f"{text},"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield float(value_of(text[begin:k], constants))
            begin = k + 1

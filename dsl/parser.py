"""Parse an expression's text into SymPy; nothing is ever evaluated.

Every name and number is masked before Python's own grammar reads the text. So a model may call a state
`lambda`, and only Python's operators, calls and indices remain.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy

from . import limits
from .operations import COMPARISONS, ELEMENTARY, call, symbol
from .terms import Term, add, elementary, literal, multiply, negate, power
from .tokens import ExpressionError, Token, tokenize

__all__ = ["Called", "ExpressionError", "Named", "Parsed", "parse", "parse_condition", "parse_expression"]

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
# name -> least and greatest number of arguments; min and max nest
_ARITY = {name: (count, count) for name, count in ELEMENTARY.items()} | {
    "sqrt": (1, 1), "pow": (2, 2), "min": (2, 16), "max": (2, 16),
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A name used in an expression; ``index`` for an element of a vector."""

    name: str
    column: int
    index: int | None = None


@dataclass(frozen=True)
class Called:
    """A call of a function of the model; ``wrt`` are the formal arguments of its derivative."""

    function: str
    count: int
    column: int
    wrt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parsed:
    """An expression, its number if it is a constant, and all the names and calls that its text holds."""

    expression: sympy.Expr
    constant: float | None = None
    names: tuple[Named, ...] = ()
    calls: tuple[Called, ...] = ()


@dataclass(frozen=True)
class _Source:
    """The tokens behind a masked text, and the names and calls that were met in it."""

    tokens: tuple[Token, ...]
    starts: tuple[int, ...]
    names: list[Named] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)


def parse_expression(text: str) -> sympy.Expr:
    """Parse the text of a value.

    Raises
    ------
    ExpressionError
        With the message, the column in `text` (from 1) and the code.
    """
    return parse(text).expression


def parse_condition(text: str) -> sympy.Expr:
    """Parse the text of a condition; raise ExpressionError as `parse_expression` does."""
    return parse(text, condition=True).expression


def parse(text: str, condition: bool = False) -> Parsed:
    """Parse a value or a condition, with the names and calls in it; raise ExpressionError likewise."""
    tokens = tokenize(text)
    masked, starts = _mask(tokens)
    source = _Source(tokens, starts)
    try:
        tree = ast.parse(masked, mode="eval").body
    except SyntaxError as error:
        token = tokens[bisect_right(starts, max((error.offset or 1) - 1, 0)) - 1]
        raise ExpressionError(f"syntax error at '{token.text}'", token.column) from None
    except (RecursionError, MemoryError):
        raise _too_nested(1) from None
    if condition:
        return Parsed(_condition(tree, source, 0), None, tuple(source.names), tuple(source.calls))
    term = _value(tree, source, 0)
    return Parsed(term.expression, term.constant, tuple(source.names), tuple(source.calls))


def _mask(tokens: tuple[Token, ...]) -> tuple[str, tuple[int, ...]]:
    """Write the tokens with every name and number as ``_k``; return also the start of each token."""
    words, starts, position = [], [], 0
    for index, token in enumerate(tokens):
        word = token.text if token.kind == "operator" else f"_{index}"
        words.append(word)
        starts.append(position)
        position += len(word) + 1
    return " ".join(words), tuple(starts)


def _column(node: ast.expr, source: _Source) -> int:
    return source.tokens[bisect_right(source.starts, node.col_offset) - 1].column


def _token(node: ast.expr, source: _Source) -> Token | None:
    """Return the token of a node that is a name or number; None for other nodes."""
    return source.tokens[int(node.id[1:])] if isinstance(node, ast.Name) else None


def _value(node: ast.expr, source: _Source, depth: int) -> Term:
    """Turn a node into a real value."""
    if depth > limits.EXPRESSION_NESTING:
        raise _too_nested(_column(node, source))
    match node:
        case ast.Name():
            return _atom(node, source)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return _sum(node, source, depth)
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            return _product(node, source, depth)
        case ast.BinOp(op=ast.Pow()):
            base, exponent = (_value(side, source, depth + 1) for side in (node.left, node.right))
            return power(base, exponent, _column(node.right, source))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            operand = _value(node.operand, source, depth + 1)
            return negate(operand) if isinstance(node.op, ast.USub) else operand
        case ast.Call():
            return _call(node, source, depth)
        case ast.Subscript():
            return _element(node, source)
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            message = "a comparison is no value; use ConditionalDerivedVariable or heaviside(x)"
            raise ExpressionError(message, _column(node, source), "E120")
    raise ExpressionError("this is no part of the language", _column(node, source))


def _sum(node: ast.BinOp, source: _Source, depth: int) -> Term:
    """Add a whole chain of + and - at once: Python nests it as deep as it is long."""
    terms: list[Term] = []
    column = _column(node.right, source)
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):
        term = _value(left.right, source, depth + 1)
        terms.append(term if isinstance(left.op, ast.Add) else negate(term))
        left = left.left
    terms.append(_value(left, source, depth + 1))
    return add(terms[::-1], column)


def _product(node: ast.BinOp, source: _Source, depth: int) -> Term:
    """Multiply a whole chain of * and / at once."""
    factors: list[Term] = []
    inverses: list[Term] = []
    column = _column(node.right, source)
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult | ast.Div):
        term = _value(left.right, source, depth + 1)
        if isinstance(left.op, ast.Div):
            inverses.append(term)
            if term.constant == 0:
                column = _column(left.right, source)
        else:
            factors.append(term)
        left = left.left
    factors.append(_value(left, source, depth + 1))
    return multiply(factors[::-1], inverses[::-1], column)


def _atom(node: ast.Name, source: _Source) -> Term:
    """Turn a number or a name into a term."""
    token = source.tokens[int(node.id[1:])]
    if token.kind == "number":
        return literal(token.text, token.column)
    if token.text == "pi":
        return Term(sympy.pi, float(sympy.pi))
    if token.text == "inf":
        return Term(sympy.oo, float("inf"))
    if token.text in _ARITY or token.text == "diff":
        message = f"'{token.text}' is a function; give it its arguments in brackets"
        raise ExpressionError(message, token.column)
    source.names.append(Named(token.text, token.column))
    return Term(symbol(token.text))


def _element(node: ast.Subscript, source: _Source) -> Term:
    """Turn ``P[3]`` into the symbol named ``P[3]``."""
    vector, index = _token(node.value, source), _token(node.slice, source)
    column = _column(node, source)
    if vector is None or vector.kind != "name":
        raise ExpressionError("only a vector parameter has an index", column, "E118")
    if index is None or not index.text.isdigit() or len(index.text) > 6:
        raise ExpressionError(f"the index of '{vector.text}' must be a whole number from 0", column, "E118")
    source.names.append(Named(vector.text, column, int(index.text)))
    return Term(symbol(f"{vector.text}[{int(index.text)}]"))


def _call(node: ast.Call, source: _Source, depth: int) -> Term:
    """Apply an elementary function, or call a function of the model."""
    name = _token(node.func, source)
    if name is None or name.kind != "name" or node.keywords:
        raise ExpressionError("only a name can be called", _column(node, source))
    if name.text == "diff":
        return _derivative(node, name, source, depth)
    arguments = [_value(argument, source, depth + 1) for argument in node.args]
    if name.text not in _ARITY:
        source.calls.append(Called(name.text, len(arguments), name.column))
        return Term(call(name.text, tuple(a.expression for a in arguments)))
    least, most = _ARITY[name.text]
    if not least <= len(arguments) <= most:
        expected = f"{least}" if least == most else f"{least} to {most}"
        message = f"'{name.text}' takes {expected} argument{'' if most == 1 else 's'}, not {len(arguments)}"
        raise ExpressionError(message, name.column, "E103")
    return _apply(name, arguments)


def _apply(name: Token, arguments: Sequence[Term]) -> Term:
    if name.text == "sqrt":
        return power(arguments[0], Term(sympy.Rational(1, 2), 0.5), name.column)
    if name.text == "pow":
        return power(arguments[0], arguments[1], name.column)
    if len(arguments) == 1:
        return elementary(name.text, arguments, name.column)
    result = arguments[0]
    for argument in arguments[1:]:
        result = elementary(name.text, (result, argument), name.column)
    return result


def _derivative(node: ast.Call, name: Token, source: _Source, depth: int) -> Term:
    """Turn ``diff(F(a, b), x)`` or ``diff(F(a, b), x, y)`` into a call with formal arguments."""
    message = "write diff(F(a, b), x) or diff(F(a, b), x, y), with x and y arguments in the definition of F"
    if not 2 <= len(node.args) <= 3 or node.keywords:
        raise ExpressionError(f"'diff' takes 2 or 3 arguments: {message}", name.column, "E103")
    inner, formal = node.args[0], [_token(argument, source) for argument in node.args[1:]]
    function = _token(inner.func, source) if isinstance(inner, ast.Call) else None
    if not isinstance(inner, ast.Call) or inner.keywords or function is None or function.kind != "name":
        raise ExpressionError(message, name.column)
    if function.text in _ARITY or function.text == "diff":
        raise ExpressionError(f"'diff' is for the model's own functions: {message}", function.column)
    wrt = tuple(token.text for token in formal if token is not None and token.kind == "name")
    if len(wrt) < len(formal):
        raise ExpressionError(message, name.column)
    arguments = tuple(_value(argument, source, depth + 1).expression for argument in inner.args)
    source.calls.append(Called(function.text, len(arguments), function.column, wrt))
    return Term(call(function.text, arguments, wrt))


def _condition(node: ast.expr, source: _Source, depth: int) -> Any:
    """Turn a node into a condition."""
    if depth > limits.EXPRESSION_NESTING:
        raise _too_nested(_column(node, source))
    match node:
        case ast.Compare():
            sides = [_value(side, source, depth + 1).expression for side in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides, sides[1:], strict=False)
            return _join("and", [COMPARISONS[_COMPARE[type(op)]](a, b) for op, a, b in pairs], node, source)
        case ast.BoolOp():
            word = "and" if isinstance(node.op, ast.And) else "or"
            return _join(word, [_condition(value, source, depth + 1) for value in node.values], node, source)
        case ast.UnaryOp(op=ast.Not()):
            return COMPARISONS["not"](_condition(node.operand, source, depth + 1))
    message = "a condition must compare, for instance 'x > 0'"
    raise ExpressionError(message, _column(node, source), "E120")


def _join(word: str, parts: Sequence[Any], node: ast.expr, source: _Source) -> Any:
    """Join conditions by ``and`` or ``or``."""
    if len(parts) > limits.EXPRESSION_NESTING:
        raise _too_nested(_column(node, source))
    result = parts[0]
    for part in parts[1:]:
        result = COMPARISONS[word](result, part)
    return result


def _too_nested(column: int) -> ExpressionError:
    message = (
        f"nested more than {limits.EXPRESSION_NESTING} deep; split the expression into derived variables"
    )
    return ExpressionError(message, column, "E004")

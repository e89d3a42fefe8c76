"""Expressions as source text; what differs between languages is a small table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rateloom.generator.ir.nodes import FUSED, Node

# higher binds tighter; a conditional binds least in both languages
_PRECEDENCE = {
    "select": 0, "or": 1, "and": 2, "not": 3,
    "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4,
    "add": 5, "sub": 5, "plus_zero": 5, "mul": 6, "div": 6, "neg": 7,
}  # fmt: skip
_ATOM = 9
# they are told the angle's period, a number in double precision on every target
_OF_ANGLES = ("wrapped", "wrapping_error", "turns_between")
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


@dataclass(frozen=True)
class Language:
    """The spellings of one language, where languages differ.

    Attributes
    ----------
    functions : mapping of str to str
        The callee of each elementary function.
    logic : mapping of str to str
        The words for ``and``, ``or`` and ``not``.
    select : callable
        Writes a conditional from the texts of condition, value if true and value if false.
    infinity : str
        Positive infinity.
    number : str
        A number, from its ``value`` in double precision.
    """

    functions: Mapping[str, str]
    logic: Mapping[str, str]
    select: Callable[[str, str, str], str]
    infinity: str
    number: str = "real({value!r})"


def expression(node: Node, names: Mapping[Node, str], language: Language, whole: bool = False) -> str:
    """Write a node.

    Parameters
    ----------
    node : Node
        What to write.
    names : mapping of Node to str
        Nodes that have an identifier are written as it.
    language : Language
        The target language.
    whole : bool
        Write the node's operation even if it has an identifier: the right side of its own statement.
    """
    return _write(node, names, language, whole)[0]


def _write(node: Node, names: Mapping[Node, str], language: Language, whole: bool) -> tuple[str, int]:
    """Return the text and how tightly its outermost operation binds."""
    if node in names and not whole:
        return names[node], _ATOM
    if node.is_constant:
        assert isinstance(node.value, float)
        return _literal(node.value, language), _ATOM
    texts = [_write(a, names, language, False) for a in node.args]
    level = _PRECEDENCE.get(node.op, _ATOM)
    plain = [t for t, _ in texts]
    if node.op == "select":
        text = language.select(*(_wrap(t, 1) for t in texts))
        return (text, level) if whole else (f"({text})", _ATOM)
    if node.op in ("and", "or"):
        return f" {language.logic[node.op]} ".join(_wrap(t, level + 1) for t in texts), level
    if node.op == "not":
        return f"{language.logic['not']}({plain[0]})", _ATOM
    if node.op == "neg":
        return f"-{_wrap(texts[0], level + 1)}", level
    if node.op in FUSED:
        a, b, c = plain
        minus_product, minus_summand = FUSED[node.op]
        a = f"-{_wrap(texts[0], _PRECEDENCE['neg'] + 1)}" if minus_product else a
        c = f"-{_wrap(texts[2], _PRECEDENCE['neg'] + 1)}" if minus_summand else c
        return f"fma({a}, {b}, {c})", _ATOM
    if node.op == "exp_plus" and node.op not in language.functions:
        level = _PRECEDENCE["add"]
        return f"{language.functions['exp']}({plain[0]}) + {_wrap(texts[1], level + 1)}", level
    if node.op == "plus_zero":
        return f"{_wrap(texts[0], level)} + {_literal(0.0, language)}", level
    if level == _ATOM:
        period = [repr(node.value)] if node.op in _OF_ANGLES else []
        return f"{language.functions[node.op]}({', '.join([*plain, *period])})", _ATOM
    # the right operand of a left-associative operator keeps its brackets: rounding depends on order
    symbol = _INFIX.get(node.op, node.op)
    return f"{_wrap(texts[0], level)} {symbol} {_wrap(texts[1], level + 1)}", level


def _wrap(text: tuple[str, int], least: int) -> str:
    return text[0] if text[1] >= least else f"({text[0]})"


def _literal(value: float, language: Language) -> str:
    """Write a number in the working precision."""
    if math.isinf(value):
        return language.infinity if value > 0 else f"(-{language.infinity})"
    return language.number.format(value=value)

"""Split an expression into tokens and check their order, so that every error is reported at its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import limits


class ExpressionError(ValueError):
    """An error in one expression.

    Parameters
    ----------
    message : str
        One line: the fault and its remedy.
    column : int
        The place in the expression's text, counted from 1.
    code : str
        The code under which a model file's reader reports it.
    """

    def __init__(self, message: str, column: int, code: str = "E104") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.code = code


@dataclass(frozen=True)
class Token:
    """A number, a name or an operator; ``text`` is the operator as Python writes it."""

    kind: str
    text: str
    column: int


_LEMS = {
    ".lt.": "<", ".leq.": "<=", ".gt.": ">", ".geq.": ">=", ".eq.": "==", ".neq.": "!=",
    ".and.": "and", ".or.": "or", ".not.": "not",
}  # fmt: skip
_WORDS = {"and", "or", "not"}
_PREFIXES = {"+", "-", "not"}
_BRACKETS = {"(": ")", "[": "]"}
_HINTS = {
    "=": "compare with '=='", "&": "write 'and'", "|": "write 'or'", "!": "write 'not'",
    "{": "group with '(' and ')'", "}": "group with '(' and ')'", "%": "there is no remainder",
}  # fmt: skip

# "1.lt.2" is 1 < 2, so a number's point must not begin a LEMS operator.
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:[0-9]+(?:\.(?!(?:lt|leq|gt|geq|eq|neq|and|or|not)\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<lems>\.(?:lt|leq|gt|geq|eq|neq|and|or|not)\.)
    |(?P<operator>\*\*|<=|>=|==|!=|[-+*/^()\[\],<>])
    )""",
    re.VERBOSE,
)


def tokenize(text: str) -> tuple[Token, ...]:
    """Split an expression into tokens whose order and brackets are known to be right.

    Raises
    ------
    ExpressionError
        If a character or a sequence of tokens is no part of the language, or the text is too long.
    """
    if len(text) > limits.EXPRESSION_CHARACTERS:
        message = f"more than {limits.EXPRESSION_CHARACTERS:,} characters; split it into derived variables"
        raise ExpressionError(message, 1, "E004")
    tokens = _split(text)
    if not tokens:
        raise ExpressionError("the expression is empty", 1)
    if sum(token.kind != "operator" for token in tokens) > limits.EXPRESSION_OPERANDS:
        message = (
            f"more than {limits.EXPRESSION_OPERANDS:,} names and numbers; split it into derived variables"
        )
        raise ExpressionError(message, 1, "E004")
    _check_order(tokens, len(text) + 1)
    return tokens


def _split(text: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad_character(text, position)
        kind = str(match.lastgroup)
        word = match[kind]
        column = match.start(kind) + 1
        if kind == "lems" or word in _WORDS or kind == "operator":
            tokens.append(Token("operator", _LEMS.get(word, "**" if word == "^" else word), column))
        else:
            tokens.append(Token(kind, word, column))
        position = match.end()
    return tuple(tokens)


def _bad_character(text: str, position: int) -> ExpressionError:
    while text[position].isspace():
        position += 1
    character = text[position]
    hint = _HINTS.get(character, "it is no part of the language")
    return ExpressionError(f"unexpected {character!r}: {hint}", position + 1)


def _check_order(tokens: tuple[Token, ...], end: int) -> None:
    """Check that operands and operators alternate and that brackets match."""
    brackets: list[tuple[Token, bool]] = []
    previous: Token | None = None
    operand_wanted = True
    for token in tokens:
        if operand_wanted:
            operand_wanted = _operand(token, previous, brackets)
        else:
            operand_wanted = _after_operand(token, previous, brackets)
        if len(brackets) > limits.EXPRESSION_NESTING:
            message = f"brackets are nested more than {limits.EXPRESSION_NESTING} deep; split the expression"
            raise ExpressionError(message, token.column, "E004")
        previous = token
    if operand_wanted:
        raise ExpressionError(f"a value is missing after '{tokens[-1].text}'", end)
    if brackets:
        opening = brackets[-1][0]
        raise ExpressionError(f"'{opening.text}' is never closed", opening.column)


def _operand(token: Token, previous: Token | None, brackets: list[tuple[Token, bool]]) -> bool:
    """Check a token in an operand's place; tell whether an operand must still follow it."""
    if token.kind != "operator":
        return False
    if token.text == "(":
        brackets.append((token, False))
        return True
    if token.text in _PREFIXES:
        return True
    if token.text == ")" and previous is not None and previous.text == "(" and brackets and brackets[-1][1]:
        brackets.pop()
        return False
    raise ExpressionError(f"a value is missing before '{token.text}'", token.column)


def _after_operand(token: Token, previous: Token | None, brackets: list[tuple[Token, bool]]) -> bool:
    """Check a token after an operand; tell whether an operand must follow it."""
    called = previous is not None and previous.kind == "name"
    if token.kind != "operator" or token.text == "not" or (token.text in _BRACKETS and not called):
        raise ExpressionError(f"an operator is missing before '{token.text}'", token.column)
    if token.text in _BRACKETS:
        brackets.append((token, token.text == "("))
        return True
    if token.text in (")", "]"):
        if not brackets:
            raise ExpressionError(f"'{token.text}' closes nothing", token.column)
        opening, _ = brackets.pop()
        if _BRACKETS[opening.text] != token.text:
            raise ExpressionError(f"'{token.text}' does not close '{opening.text}'", token.column)
        return False
    if token.text == "," and not (brackets and brackets[-1][1]):
        raise ExpressionError("',' is only for the arguments of a function", token.column)
    return True


def split_list(text: str) -> tuple[tuple[str, int], ...]:
    """Split a list at the commas outside brackets; each piece comes with its offset in `text`."""
    pieces, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth <= 0:
            pieces.append((text[start:position], start))
            start = position + 1
    return (*pieces, (text[start:], start))

"""The texts of RateML's attributes: expressions, conditions, numbers and ranges."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from . import limits
from .parser import ExpressionError, parse

_FLOAT_SUFFIX = re.compile(r"(?<![\w.])((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[fF](?!\w)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_ONE_TERM = re.compile(r"\s*(?:\w+|\d*\.\d*)\s*")
_WHOLE_CALL = re.compile(r"\s*\w*\([^()]*\)\s*")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_RELATION = re.compile(
    r"[<>]|==|!=|\.(?:lt|leq|gt|geq|eq|neq|and|or|not)\.|\b(?:and|or|not)\b", re.IGNORECASE
)


def is_blank(text: str | None) -> bool:
    """Tell whether a text is absent, empty or ``none``, as RateML's files write it."""
    return text is None or text.strip().lower() in ("", "none")


def expression(text: str) -> str:
    """Rewrite an expression: ``{x^2}`` without its braces, C's ``1.0f`` without its suffix, one line."""
    if len(text) > limits.EXPRESSION_CHARACTERS:
        return text  # The parser refuses it.
    text = _FLOAT_SUFFIX.sub(r"\1", " ".join(text.split()))
    for _ in range(limits.EXPRESSION_NESTING):
        text = _BRACES.sub(_power, text)
    return text


def _power(match: re.Match[str]) -> str:
    """Replace an innermost pair of braces; within other braces, parentheses hold it together."""
    sides = _split_at_caret(match[1])
    if len(sides) != 2:
        return f"({match[1]})"
    before = match.string[: match.start()]
    power = f"{grouped(sides[0])}^{grouped(sides[1])}"
    return f"({power})" if before.count("{") > before.count("}") else power


def _split_at_caret(text: str) -> list[str]:
    """Split at each ``^`` that is in no parentheses."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "^" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def grouped(text: str) -> str:
    """Put a text into parentheses unless it is one name, number or call."""
    text = text.strip()
    return text if _ONE_TERM.fullmatch(text) or _WHOLE_CALL.fullmatch(text) else f"({text})"


def condition(text: str) -> tuple[str, bool]:
    """Rewrite a condition; the second value tells that it was a bare number, compared with 0 here."""
    text = expression(text).replace("&&", " and ").replace("||", " or ")
    if _RELATION.search(text):
        return " ".join(text.split()), False
    return f"{grouped(text)} != 0", True


def names(text: str) -> set[str]:
    """Return the names in an expression."""
    return set(_NAME.findall(text))


def renamed(text: str, new_names: Mapping[str, str]) -> str:
    """Replace whole names in an expression, all at once."""
    return _NAME.sub(lambda match: new_names.get(match[0], match[0]), text)


def number(text: str) -> float | None:
    """Return the value of a constant expression; None if it is not constant."""
    try:
        return parse(expression(text)).constant
    except ExpressionError:
        return None


def number_text(value: float) -> str:
    """Return the shortest text of a number."""
    return repr(value).removesuffix(".0")


def pair(text: str) -> tuple[float, float] | None:
    """Read two finite numbers ``low, high``, or one that stands for both; None if the text is neither."""
    values = [number(part) for part in text.split(",", 2)]
    finite = [v for v in values if v is not None and math.isfinite(v)]
    if len(finite) != len(values) or len(values) not in (1, 2):
        return None
    return finite[0], finite[-1]


def bounds(text: str | None) -> tuple[float | None, float | None] | None:
    """Read a lower and an upper bound, None for an absent or infinite one; None if that fails."""
    if text is None or is_blank(text):
        return None, None
    parts = text.split(",", 2)
    if len(parts) != 2:
        return None
    result: list[float | None] = []
    for part in parts:
        value = None if is_blank(part) else number(part)
        if (value is None and not is_blank(part)) or (value is not None and math.isnan(value)):
            return None
        result.append(value if value is not None and math.isfinite(value) else None)
    return result[0], result[1]


def domain(text: str | None) -> dict[str, float] | None:
    """Read ``lo=…, hi=…, step=…`` as numbers by their names; None if that fails."""
    if text is None or is_blank(text):
        return {}
    result = {}
    for part in text.split(",", 3):
        key, _, value = part.partition("=")
        parsed_value = number(value)
        if key.strip() not in ("lo", "hi", "step") or parsed_value is None or math.isnan(parsed_value):
            return None
        result[key.strip()] = parsed_value
    return result

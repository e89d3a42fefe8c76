"""Expressions, conditions and names of the model language as MathML, which browsers set by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from unicodedata import lookup
from xml.dom.minidom import Element, parseString

import sympy
from sympy.core.alphabets import greeks
from sympy.printing.mathml import MathMLPresentationPrinter

from .notation import GREEK_CAPITALS, name_parts
from .operations import COMPARISONS, Call, Comparison, Select

# Unicode and SymPy spell lambda without its b.
_GREEK = {
    name: lookup(f"GREEK {size} LETTER {name.lower().replace('lambda', 'lamda')}")
    for size, names in (("SMALL", (*greeks, "lambda")), ("CAPITAL", GREEK_CAPITALS))
    for name in names
}

_WORDS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "heaviside": "Θ"}
_BRACKETS = {"abs": ("|", "|"), "floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}
_RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "and": "∧", "or": "∨", "not": "¬"}
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;)\w+;")
_WORD_OF = {cls.__name__: word for word, cls in COMPARISONS.items()}


def name_mathml(name: str, index: str = "") -> str:
    """Write a name: Greek letters as such, what follows an underscore or is a final number as a subscript.

    Parameters
    ----------
    name : str
        A name of the model language, ``tau_E`` or ``P[3]`` for instance.
    index : str, optional
        One more subscript, for instance of a node.
    """
    first, *rest = name_parts(name)
    below = [*(_word(part) for part in rest), *([index] if index else [])]
    letter = f"<mi>{_word(first)}</mi>"
    return f"<msub>{letter}<mtext>{', '.join(below)}</mtext></msub>" if below else letter


def expression_mathml(expression: sympy.Expr, names: Mapping[str, str] | None = None) -> str:
    """Write an expression or a condition as MathML, without the element ``math`` around it.

    Parameters
    ----------
    expression : sympy.Expr
        An expression of the model language's parser.
    names : mapping, optional
        MathML of names that `name_mathml` is not to write.
    """
    mathml: str = _MathmlPrinter(names or {}).doprint(expression)
    return mathml


def _word(word: str) -> str:
    return escape(_GREEK.get(word, word))


class _MathmlPrinter(MathMLPresentationPrinter):  # type: ignore[misc]
    """SymPy's MathML printer, which is extended by methods, with the language's own operations and names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def doprint(self, expr: Any) -> str:
        """Write an expression; replace HTML's entities, which SymPy uses and XML does not have."""
        return _ENTITY.sub(lambda entity: unescape(entity[0]), super().doprint(expr))

    def _print_Symbol(self, e: sympy.Symbol, style: str = "plain") -> Element:  # noqa: N802
        return _parsed(self._names.get(e.name) or name_mathml(e.name))

    def _print_Pi(self, e: Any) -> Element:  # noqa: N802
        return _parsed("<mi>π</mi>")

    def _print_Function(self, e: sympy.Function) -> Element:  # noqa: N802
        name = type(e).__name__
        if isinstance(e, Comparison):
            return self._comparison(e)
        if isinstance(e, Select):
            condition, yes, no = (self.doprint(a) for a in e.args)
            return _parsed(cases_mathml([(yes, condition), (no, None)]))
        arguments = self._arguments(e.args)
        if name in _BRACKETS:
            left, right = _BRACKETS[name]
            return _parsed(f"<mrow><mo>{left}</mo>{arguments}<mo>{right}</mo></mrow>")
        return _parsed(f"<mrow><mi>{_WORDS.get(name, name)}</mi><mo>(</mo>{arguments}<mo>)</mo></mrow>")

    # SymPy would write these functions in its own way, by their names.
    _print_floor = _print_log = _print_exp = _print_Function

    def _arguments(self, arguments: Any) -> str:
        return "<mo>,</mo>".join(self.doprint(a) for a in arguments)

    def _comparison(self, e: Comparison) -> Element:
        word = _WORD_OF[type(e).__name__]
        sides = [
            f"<mrow><mo>(</mo>{self.doprint(a)}<mo>)</mo></mrow>"
            if word in ("and", "or", "not") and _joins(a)
            else self.doprint(a)
            for a in e.args
        ]
        sign = f"<mo>{escape(_RELATIONS.get(word, word))}</mo>"
        return _parsed("<mrow>" + "".join([*sides[:-1], sign, sides[-1]]) + "</mrow>")

    def _print_Call(self, e: Call) -> Element:  # noqa: N802
        function = name_mathml(e.function)
        if e.wrt:
            below = "".join(f"<mo>∂</mo>{name_mathml(w)}" for w in e.wrt)
            order = f"<msup><mo>∂</mo><mn>{len(e.wrt)}</mn></msup>" if len(e.wrt) > 1 else "<mo>∂</mo>"
            function = f"<mfrac><mrow>{order}{function}</mrow><mrow>{below}</mrow></mfrac>"
        return _parsed(f"<mrow>{function}<mo>(</mo>{self._arguments(e.actual)}<mo>)</mo></mrow>")


def cases_mathml(cases: list[tuple[str, str | None]]) -> str:
    """Write pairs of a value and its condition; the condition None is ``otherwise``."""
    rows = [
        f"<mtr><mtd>{value}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
        if when is None
        else f"<mtr><mtd>{value}</mtd><mtd><mtext>if </mtext>{when}</mtd></mtr>"
        for value, when in cases
    ]
    return f"<mrow><mo>{{</mo><mtable>{''.join(rows)}</mtable></mrow>"


def _parsed(text: str) -> Element:
    element = parseString(f"<mrow>{text}</mrow>").documentElement
    assert element is not None
    # an element of its own document, whose texts are escaped when they are written
    return element.firstChild if element.childNodes.length == 1 else element  # type: ignore[return-value]


def _joins(e: sympy.Basic) -> bool:
    """Tell whether a condition is made of two others."""
    return _WORD_OF.get(type(e).__name__) in ("and", "or")

"""Expressions, conditions and names of the model language as LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.core.alphabets import greeks
from sympy.printing.latex import LatexPrinter

from .notation import GREEK_CAPITALS, name_parts
from .operations import COMPARISONS, Call, Comparison

_GREEK = {name: f"\\{name}" for name in (*greeks, *GREEK_CAPITALS) if name not in ("lamda", "omicron")}
_GREEK |= {"lamda": "\\lambda", "lambda": "\\lambda"}

_COMMANDS = {
    name: f"\\{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "min", "max")
}
_COMMANDS |= {"asin": "\\arcsin", "acos": "\\arccos", "atan": "\\arctan", "heaviside": "\\Theta"}
_BRACKETS = {"abs": ("|", "|"), "floor": ("\\lfloor", "\\rfloor"), "ceil": ("\\lceil", "\\rceil")}
_RELATIONS = {
    "<=": "\\leq",
    ">=": "\\geq",
    "==": "=",
    "!=": "\\neq",
    "and": "\\wedge",
    "or": "\\vee",
    "not": "\\neg",
}
_WORD_OF = {cls.__name__: word for word, cls in COMPARISONS.items()}


def name_latex(name: str, index: str = "") -> str:
    """Write a name: Greek letters as such, what follows an underscore or is a final number as a subscript.

    Parameters
    ----------
    name : str
        A name of the model language, ``tau_E`` or ``P[3]`` for instance.
    index : str, optional
        One more subscript, for instance of a node.
    """
    first, *rest = name_parts(name)
    first = first.replace("_", "\\_")
    subscripts = [*(_word(part) for part in rest), *([index] if index else [])]
    return _word(first) + (f"_{{{','.join(subscripts)}}}" if subscripts else "")


def _word(word: str) -> str:
    if word in _GREEK:
        return _GREEK[word]
    return word if len(word) == 1 or word.isdigit() else f"\\mathrm{{{word}}}"


def expression_latex(expression: sympy.Expr, names: Mapping[str, str] | None = None) -> str:
    """Write an expression or a condition as LaTeX.

    Parameters
    ----------
    expression : sympy.Expr
        An expression of the model language's parser.
    names : mapping, optional
        LaTeX of names that `name_latex` is not to write.
    """
    latex: str = _LatexPrinter(names or {}).doprint(expression)
    return latex


class _LatexPrinter(LatexPrinter):  # type: ignore[misc]
    """SymPy's LaTeX printer, which is extended by methods, with the language's own operations and names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def _print_Symbol(self, e: sympy.Symbol, style: str = "plain") -> str:  # noqa: N802
        return self._names.get(e.name) or name_latex(e.name)

    def _print_Function(self, e: sympy.Function, exp: str | None = None) -> str:  # noqa: N802
        name = type(e).__name__
        if isinstance(e, Comparison):
            return self._comparison(e)
        power = "" if exp is None else f"^{{{exp}}}"
        arguments = ", ".join(self._print(a) for a in e.args)
        if name in _BRACKETS:
            left, right = _BRACKETS[name]
            return f"\\left{left} {arguments} \\right{right}{power}"
        command = _COMMANDS.get(name, f"\\operatorname{{{name}}}")
        return f"{command}{power}\\left({arguments}\\right)"

    # SymPy would write these functions in its own way, by their names.
    _print_floor = _print_log = _print_Function

    def _comparison(self, e: Comparison) -> str:
        word = _WORD_OF[type(e).__name__]
        sides = [
            f"\\left({self._print(a)}\\right)"
            if word in ("and", "or", "not") and _joins(a)
            else self._print(a)
            for a in e.args
        ]
        return " ".join([*sides[:-1], _RELATIONS.get(word, word), sides[-1]])

    def _print_Call(self, e: Call, exp: Any = None) -> str:  # noqa: N802
        function = name_latex(e.function)
        if e.wrt:
            below = " ".join(f"\\partial {name_latex(w)}" for w in e.wrt)
            order = f"^{{{len(e.wrt)}}}" if len(e.wrt) > 1 else ""
            function = f"\\frac{{\\partial{order} {function}}}{{{below}}}"
        text = f"{function}\\left({', '.join(self._print(a) for a in e.actual)}\\right)"
        return text if exp is None else f"\\left({text}\\right)^{{{exp}}}"


def _joins(e: sympy.Basic) -> bool:
    """Tell whether a condition is made of two others."""
    return _WORD_OF.get(type(e).__name__) in ("and", "or")

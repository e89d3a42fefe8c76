"""SymPy expressions written in the model language; parsing the text gives them again."""

from __future__ import annotations

import sympy

from .operations import COMPARISONS, Call, Comparison, Operation, Select

# How tightly each form binds, in the order of the language's grammar.
_SELECT, _OR, _AND, _NOT, _RELATION, _SUM, _PRODUCT, _POWER, _ATOM = range(9)

_SYMBOL_OF: dict[str, str] = {cls.__name__: text for text, cls in COMPARISONS.items()}
_LEVEL_OF = {"or": _OR, "and": _AND, "not": _NOT}


def expression_text(expression: sympy.Expr) -> str:
    """Write an expression or a condition in the model language.

    Parameters
    ----------
    expression : sympy.Expr
        Sums, products, powers, symbols, numbers and the classes of `rateloom.dsl.operations`.

    Returns
    -------
    str
        Text that `parse_expression` turns into an equal expression. A `Select`, which the language writes
        as an element and not as text, becomes ``if condition then a else b``.

    Raises
    ------
    TypeError
        If the expression holds an operation that the language does not have.
    """
    return _write(expression)[0]


def _write(e: sympy.Basic) -> tuple[str, int]:
    """Return the text and the binding level of an expression."""
    if isinstance(e, sympy.Symbol):
        return str(e.name), _ATOM
    if e in (sympy.pi, sympy.oo):
        return ("pi" if e is sympy.pi else "inf"), _ATOM
    if e is sympy.S.NegativeInfinity:
        return "-inf", _SUM
    if isinstance(e, sympy.Number):
        return _number(e)
    if isinstance(e, sympy.Add):
        return _sum(e), _SUM
    if isinstance(e, sympy.Mul):
        return _product(e)
    if isinstance(e, sympy.Pow):
        return _power(e.base, e.exp)
    if isinstance(e, Comparison):
        return _condition(e)
    if isinstance(e, Select):
        condition, yes, no = e.args
        return f"if {_write(condition)[0]} then {_at(yes, _OR)} else {_write(no)[0]}", _SELECT
    if isinstance(e, Operation):
        return f"{type(e).__name__}({', '.join(_write(a)[0] for a in e.args)})", _ATOM
    if isinstance(e, Call):
        call = f"{e.function}({', '.join(_write(a)[0] for a in e.actual)})"
        return (f"diff({', '.join((call, *e.wrt))})" if e.wrt else call), _ATOM
    raise TypeError(f"the model language has no text for {type(e).__name__}: {e}")


def _at(e: sympy.Basic, level: int) -> str:
    """Write an expression, in parentheses if it binds less tightly than ``level``."""
    text, binding = _write(e)
    return text if binding >= level else f"({text})"


def _number(e: sympy.Number) -> tuple[str, int]:
    text, level = repr(float(e)), _ATOM
    if isinstance(e, sympy.Rational):
        text, level = (str(e.p), _ATOM) if e.q == 1 else (f"{e.p}/{e.q}", _PRODUCT)
    return text, (min(level, _SUM) if e.is_negative else level)


def _sum(e: sympy.Add) -> str:
    terms = [_at(term, _SUM) for term in e.as_ordered_terms()]
    first = next((term for term in terms if not term.startswith("-")), terms[0])
    terms.remove(first)
    text = first
    for summand in terms:
        text += f" - {summand[1:]}" if summand.startswith("-") else f" + {summand}"
    return text


def _product(e: sympy.Mul) -> tuple[str, int]:
    """Write a product so that no part of it is a whole number times a sum: SymPy would distribute that."""
    coefficient, rest = e.as_coeff_Mul()
    above, below = [], []
    for factor in sympy.Mul.make_args(rest):
        if isinstance(factor, sympy.Pow) and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(sympy.Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    above.sort(key=_is_sum)
    below.sort(key=_is_sum)
    top = [_at(factor, _POWER) for factor in above]
    bottom = [_at(factor, _POWER) for factor in below]
    size, divisor = abs(coefficient), 1
    if size.is_Rational:
        size, divisor = size.p, size.q
    if size != 1:
        top.insert(0, _write(sympy.sympify(size))[0])
    alone = len(below) == 1 and _is_sum(below[0])
    if divisor != 1 and not alone:
        bottom.insert(0, str(divisor))
    text = _quotient(top, bottom) + (f"/{divisor}" if divisor != 1 and alone else "")
    if not coefficient.is_negative:
        return text, _PRODUCT
    return (f"-({text})" if size == 1 and above and _is_sum(above[0]) else f"-{text}"), _SUM


def _is_sum(factor: sympy.Expr) -> bool:
    return isinstance(factor, sympy.Add)


def _quotient(top: list[str], bottom: list[str]) -> str:
    text = "*".join(top) or "1"
    if not bottom:
        return text
    return f"{text}/{bottom[0]}" if len(bottom) == 1 else f"{text}/({'*'.join(bottom)})"


def _power(base: sympy.Expr, exponent: sympy.Expr) -> tuple[str, int]:
    if exponent == sympy.S.Half:
        return f"sqrt({_write(base)[0]})", _ATOM
    if exponent.is_Rational and exponent.is_negative:
        return f"1/{_at(sympy.Pow(base, -exponent), _POWER)}", _PRODUCT
    return f"{_at(base, _ATOM)}^{_at(exponent, _ATOM)}", _POWER


def _condition(e: Comparison) -> tuple[str, int]:
    word = _SYMBOL_OF[type(e).__name__]
    level = _LEVEL_OF.get(word, _RELATION)
    if word == "not":
        return f"not {_at(e.args[0], _RELATION)}", level
    left = level if level < _RELATION else _SUM
    return f"{_at(e.args[0], left)} {word} {_at(e.args[1], max(left, level + 1))}", level

"""The ``parameters`` attribute of a Function: what a plug-in is given of the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sympy

from .identifiers import IDENTIFIER, short
from .operations import symbol
from .parser import ExpressionError, Parsed, parse
from .tokens import split_list


@dataclass(frozen=True)
class Given:
    """One parameter of a plug-in: its name there, and what the model gives for it."""

    name: str
    parsed: Parsed

    @property
    def whole(self) -> str:
        """Name of the model's parameter if that alone is given, a vector perhaps; empty otherwise."""
        (only,) = self.parsed.names if len(self.parsed.names) == 1 else (None,)
        bare = only is not None and only.index is None and self.parsed.expression == symbol(only.name)
        return only.name if only is not None and bare else ""


def parse_parameters(text: str) -> tuple[Given, ...]:
    """Parse ``E_L = E_L_e, P = P_e, scale = 2 * k``.

    Raises
    ------
    ExpressionError
        A piece is no assignment (E104), an expression is wrong, or a name is given twice (E105).
    """
    given: dict[str, Given] = {}
    for piece, offset in split_list(text) if text.strip() else ():
        name, equals, value = piece.partition("=")
        name = name.strip()
        if not equals or not IDENTIFIER.match(name):
            message = f"'{short(piece.strip())}' is not of the form NAME = VALUE"
            raise ExpressionError(message, offset + 1, "E104")
        if name in given:
            raise ExpressionError(f"'{short(name)}' is given twice", offset + 1, "E105")
        try:
            given[name] = Given(name, parse(value))
        except ExpressionError as error:
            column = error.column + offset + piece.index("=") + 1
            raise ExpressionError(error.message, column, error.code) from None
        if given[name].parsed.calls:
            called = given[name].parsed.calls[0].function
            message = f"'{short(called)}' cannot be called for a plug-in's parameter; use a DerivedParameter"
            raise ExpressionError(message, offset + 1, "E121")
    return tuple(given.values())


def values_of(
    given: Collection[Given], scalars: Collection[str], vectors: Mapping[str, int]
) -> dict[str, sympy.Expr | tuple[sympy.Expr, ...]] | None:
    """Return what each name stands for; None where the model lacks a name, which is reported elsewhere.

    Parameters
    ----------
    given : collection of Given
        The parsed attribute.
    scalars, vectors : collection of str, mapping of str to int
        Names that an expression may use, and sizes of vectors.
    """
    values: dict[str, sympy.Expr | tuple[sympy.Expr, ...]] = {}
    for one in given:
        if one.whole in vectors:
            values[one.name] = tuple(symbol(f"{one.whole}[{i}]") for i in range(vectors[one.whole]))
            continue
        for used in one.parsed.names:
            if (used.index is None and used.name not in scalars) or (
                used.index is not None and used.index >= vectors.get(used.name, 0)
            ):
                return None
        values[one.name] = one.parsed.expression
    return values

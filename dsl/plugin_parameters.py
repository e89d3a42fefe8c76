"""The ``parameters`` attribute of a Function: the arguments that a plug-in gets from the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sympy

from .identifiers import IDENTIFIER, short
from .operations import symbol
from .parser import ExpressionError, Parsed, parse
from .tokens import split_list


@dataclass(frozen=True)
class PluginArgument:
    """One parameter of a plug-in: its name in the plug-in, and the model's expression for it."""

    name: str
    parsed: Parsed

    @property
    def bare_name(self) -> str:
        """Return the name of the model's parameter if the expression is that name alone; empty otherwise."""
        (only,) = self.parsed.names if len(self.parsed.names) == 1 else (None,)
        bare = only is not None and only.index is None and self.parsed.expression == symbol(only.name)
        return only.name if only is not None and bare else ""


def parse_parameters(text: str) -> tuple[PluginArgument, ...]:
    """Parse ``E_L = E_L_e, P = P_e, scale = 2 * k``.

    Raises
    ------
    ExpressionError
        If a piece is no assignment (E104), an expression is wrong, or a name occurs twice (E105).
    """
    arguments: dict[str, PluginArgument] = {}
    for piece, offset in split_list(text) if text.strip() else ():
        name, equals, value = piece.partition("=")
        name = name.strip()
        if not equals or not IDENTIFIER.match(name):
            message = f"'{short(piece.strip())}' is not of the form NAME = VALUE"
            raise ExpressionError(message, offset + 1, "E104")
        if name in arguments:
            raise ExpressionError(f"'{short(name)}' is given twice", offset + 1, "E105")
        try:
            arguments[name] = PluginArgument(name, parse(value))
        except ExpressionError as error:
            column = error.column + offset + piece.index("=") + 1
            raise ExpressionError(error.message, column, error.code) from None
        if arguments[name].parsed.calls:
            called = arguments[name].parsed.calls[0].function
            message = f"'{short(called)}' cannot be called for a plug-in's parameter; use a DerivedParameter"
            raise ExpressionError(message, offset + 1, "E121")
    return tuple(arguments.values())


def values_of(
    arguments: Collection[PluginArgument], scalars: Collection[str], vectors: Mapping[str, int]
) -> dict[str, sympy.Expr | tuple[sympy.Expr, ...]] | None:
    """Return the value of each parameter; None if the model lacks a name, which a check reports.

    Parameters
    ----------
    arguments : collection of PluginArgument
        The parsed attribute.
    scalars, vectors : collection of str, mapping of str to int
        Names that an expression may use, and sizes of vectors.
    """
    values: dict[str, sympy.Expr | tuple[sympy.Expr, ...]] = {}
    for argument in arguments:
        if argument.bare_name in vectors:
            values[argument.name] = tuple(
                symbol(f"{argument.bare_name}[{i}]") for i in range(vectors[argument.bare_name])
            )
            continue
        for reference in argument.parsed.names:
            if (reference.index is None and reference.name not in scalars) or (
                reference.index is not None and reference.index >= vectors.get(reference.name, 0)
            ):
                return None
        values[argument.name] = argument.parsed.expression
    return values

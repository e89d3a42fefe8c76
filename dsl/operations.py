"""The operations of the language as SymPy classes that never rewrite themselves.

SymPy's own ``erfc(-x)`` becomes ``2 - erfc(x)``, its ``exp(a) * exp(b)`` becomes ``exp(a + b)``, its
``Piecewise`` solves inequalities. Each of these changes the result in floating point, or takes time without
bound. Sums, products and powers are SymPy's; all other operations are the classes below, which hold their
arguments and do nothing.
"""

from __future__ import annotations

from typing import Any

import sympy


class Operation(sympy.Function):  # type: ignore[misc]
    """A named operation on real numbers that SymPy does not rewrite."""

    @classmethod
    def eval(cls, *args: Any) -> None:
        """Return None: SymPy then leaves the expression as it is."""
        return

    @classmethod
    def _should_evalf(cls, argument: Any) -> int:
        """Return -1: SymPy would otherwise replace ``exp(1.5)`` by its number."""
        return -1


class Comparison(Operation):
    """A relation or a logical operation; its value is true or false."""


def _operation(name: str, arity: int | tuple[int, ...], base: type = Operation) -> Any:
    """Return the class of one operation."""
    return type(name, (base,), {"nargs": arity, "__doc__": f"`{name}` of the language."})


# name in the language -> number of arguments (0: two or more)
ELEMENTARY: dict[str, int] = {
    "exp": 1, "expm1": 1, "log": 1, "log1p": 1, "log10": 1,
    "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1, "atan": 1,
    "sinh": 1, "cosh": 1, "tanh": 1,
    "abs": 1, "floor": 1, "ceil": 1, "sign": 1, "heaviside": 1,
    "erf": 1, "erfc": 1, "min": 2, "max": 2,
}  # fmt: skip

OPERATIONS: dict[str, Any] = {name: _operation(name, arity) for name, arity in ELEMENTARY.items()}

COMPARISONS: dict[str, Any] = {
    "<": _operation("less", 2, Comparison),
    "<=": _operation("less_equal", 2, Comparison),
    ">": _operation("greater", 2, Comparison),
    ">=": _operation("greater_equal", 2, Comparison),
    "==": _operation("equal", 2, Comparison),
    "!=": _operation("not_equal", 2, Comparison),
    "and": _operation("both", 2, Comparison),
    "or": _operation("either", 2, Comparison),
    "not": _operation("negation", 1, Comparison),
}

# Select(condition, value where true, value where false)
Select: Any = _operation("Select", 3)


class Call(sympy.Expr):  # type: ignore[misc]
    """A call of one of the model's own functions, or a partial derivative of it at that call.

    ``Call(Str("F"), Tuple(Str("x"), Str("y")), a, b)`` is the second derivative of ``F(a, b)`` with respect
    to its formal arguments ``x`` and ``y``; with an empty tuple it is the value.
    """

    # SymPy cannot infer it from the names among the arguments; without it, products keep their order.
    is_commutative = True

    @property
    def function(self) -> str:
        """Return the name of the function called."""
        return str(self.args[0].name)

    @property
    def wrt(self) -> tuple[str, ...]:
        """Return the formal arguments of the derivative; none for the value itself."""
        return tuple(str(s.name) for s in self.args[1])

    @property
    def actual(self) -> tuple[sympy.Expr, ...]:
        """Return the actual arguments."""
        return tuple(self.args[2:])


class External(sympy.Expr):  # type: ignore[misc]
    """The value of a function that exists only as code: ``External(Str("F"), a, b)``, in the body of F."""

    is_commutative = True

    @property
    def function(self) -> str:
        """Return the name of the model's function."""
        return str(self.args[0].name)

    @property
    def actual(self) -> tuple[sympy.Expr, ...]:
        """Return the actual arguments."""
        return tuple(self.args[1:])


def call(function: str, actual: tuple[sympy.Expr, ...], wrt: tuple[str, ...] = ()) -> Call:
    """Build a `Call` from plain names; derivatives are sorted, since they commute."""
    Str = sympy.core.symbol.Str
    return Call(Str(function), sympy.Tuple(*(Str(w) for w in sorted(wrt))), *actual)


def external(function: str, actual: tuple[sympy.Expr, ...]) -> External:
    """Build an `External` from a plain name."""
    return External(sympy.core.symbol.Str(function), *actual)


def symbol(name: str) -> sympy.Symbol:
    """Return the symbol of a name; ``P[3]`` is the name of a vector parameter's element."""
    return sympy.Symbol(name)

"""The words of Numba's Python."""

from __future__ import annotations

from .expressions import Language

_SAME_IN_MATH = (
    "exp", "expm1", "log", "log1p", "log10", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "erf", "erfc", "sqrt", "pow",
)  # fmt: skip

PYTHON = Language(
    functions={name: f"math.{name}" for name in _SAME_IN_MATH}
    | {"abs": "abs", "floor": "np.floor", "ceil": "np.ceil"},
    logic={"and": "and", "or": "or", "not": "not "},
    select=lambda condition, yes, no: f"{yes} if {condition} else {no}",
    infinity="real(np.inf)",
)

"""The words of CUDA C; the functions are C++ overloads, so that one text serves both precisions."""

from __future__ import annotations

from .expressions import Language

_SAME = (
    "exp", "expm1", "log", "log1p", "log10", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "erf", "erfc", "sqrt", "pow", "floor", "ceil",
)  # fmt: skip

CUDA = Language(
    functions={name: name for name in _SAME} | {"abs": "fabs"},
    logic={"and": "&&", "or": "||", "not": "!"},
    select=lambda condition, yes, no: f"{condition} ? {yes} : {no}",
    # without headers there is no INFINITY
    infinity="(real(1.0) / real(0.0))",
)

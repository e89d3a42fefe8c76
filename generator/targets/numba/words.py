"""The words of Numba's Python, with the standard library's functions or with those that a module carries."""

from __future__ import annotations

from dataclasses import replace

from rateloom.generator.targets.expression_text import Language

from .elementary_text import ANGLES, FUNCTIONS

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

# inside loops over lanes, where a call would keep them from becoming vectors
VECTOR = replace(PYTHON, functions={**PYTHON.functions, **{name: name for name in FUNCTIONS}})

# and outside them, where a branch may be: sines of any angle, all else to the bit as inside
SCALAR = replace(VECTOR, functions={**VECTOR.functions, **{name: f"any_{name}" for name in ANGLES}})

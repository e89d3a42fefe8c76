"""The arithmetic of numbers and arrays: NumPy's functions by the classes of the language's operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from rateloom.dsl.operations import COMPARISONS, OPERATIONS, Select


@dataclass(frozen=True)
class Arithmetic:
    """Constructors of numbers and implementations of the language's operations."""

    number: Callable[[Any], Any]
    power: Callable[[Any, Any], Any]
    operations: dict[type, Callable[..., Any]]


def by_class(functions: Mapping[str, Callable[..., Any]]) -> dict[type, Callable[..., Any]]:
    """Return functions by the class of their operation instead of its name."""
    classes: dict[str, type] = {**OPERATIONS, **COMPARISONS, "select": Select}
    return {classes[name]: function for name, function in functions.items()}


def power(base: Any, exponent: Any) -> Any:
    """Return the power of real numbers, NaN where it is not real."""
    with np.errstate(all="ignore"):
        return np.power(np.asarray(base, float), exponent)


BY_NAME: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log10": np.log10,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "sign": np.sign,
    "heaviside": lambda x: np.where(np.isnan(x), x, np.where(np.asarray(x) >= 0, 1.0, 0.0)),
    "erf": scipy.special.erf, "erfc": scipy.special.erfc, "min": np.minimum, "max": np.maximum,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "select": np.where,
}  # fmt: skip

NUMPY = Arithmetic(float, power, by_class(BY_NAME))

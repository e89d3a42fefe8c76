"""The elementary functions that a generated Numba module carries: branch-free, so that lanes become vectors.

Numba's own call the standard library, one number at a time. These are printed into a module, those alone that
it uses, in both precisions; the arithmetic is in templates/elementary, the coefficients in `coefficients`.
"""

from __future__ import annotations

import functools
import importlib.resources
import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from mako.lookup import TemplateLookup
from mako.template import Template

from rateloom.generator.targets.coefficients import COEFFICIENTS

# 60 digits: enough for three parts of 53 bits
PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494459")
LN2 = Fraction("0.693147180559945309417232121458176568075500134360255254120680009")
LN10 = Fraction("2.30258509299404568401799145468436420760110148862877297603332790")
THIRD = Fraction(1, 3)

_FILES = {
    "bits": ("prelude", "fma", "to_bits", "from_bits", "with_sign"),
    "exponentials": ("exp", "exp_plus", "exp_sum", "half_exp", "expm1"),
    "logarithms": ("log", "log1p", "log10"),
    "trigonometric": ("sin", "cos", "tan", "any_sin", "any_cos", "any_tan"),
    "inverse_trigonometric": ("asin", "acos", "atan"),
    "hyperbolic": ("sinh", "cosh", "tanh"),
    "error_functions": ("erf", "erfc"),
    "power": ("pow",),
}
ANGLES = ("sin", "cos", "tan")
"""Functions that are NaN of large angles; those of any angle have a branch."""
FUNCTIONS = tuple(
    name for file, names in _FILES.items() if file != "bits" for name in names if not name.startswith("any_")
)
"""Names of the functions without branches."""
SERVING = ("exp_sum", "half_exp")
"""Those among them that serve others only."""
FUSED_FUNCTIONS = ("exp_plus",)
"""Those that stand for a function and an operation on it, which are done at once."""


@dataclass(frozen=True)
class Precision:
    """A floating-point format, and how its numbers are written."""

    single: bool

    @property
    def name(self) -> str:
        """Name of the format, which ends the names of the functions."""
        return "float32" if self.single else "float64"

    @property
    def width(self) -> int:
        """Bits of a number."""
        return 32 if self.single else 64

    @property
    def mantissa(self) -> int:
        """Bits of a number's fraction."""
        return 23 if self.single else 52

    @property
    def bias(self) -> int:
        """Number that is added to the exponent."""
        return 127 if self.single else 1023

    @property
    def magic(self) -> float:
        """Adding this rounds to a whole number, which is then in the lowest bits."""
        return 1.5 * 2.0**self.mantissa

    @property
    def smallest(self) -> float:
        """Smallest normal number."""
        return 2.0 ** (1 - self.bias)

    @property
    def largest_angle(self) -> float:
        """Up to here sine, cosine and tangent are right: neighbouring numbers are 1/16 apart."""
        return 2.0 ** (self.mantissa - 3)

    @property
    def exp_low(self) -> float:
        """Below this e^x is zero."""
        return -105.0 if self.single else -747.0

    @property
    def exp_high(self) -> float:
        """Above this e^x is infinite, and e^x / 2 too."""
        return 90.0 if self.single else 711.0

    @property
    def expm1_low(self) -> float:
        """Below this e^x - 1 is -1."""
        return -25.0 if self.single else -45.0

    @property
    def expm1_high(self) -> float:
        """Above this e^x - 1 is infinite, and its power of two can still be written."""
        return 89.0 if self.single else 710.0

    @property
    def erf_high(self) -> float:
        """Above this the error function is one."""
        return 4.0 if self.single else 6.0

    @property
    def erfc_high(self) -> float:
        """Above this the complementary error function is zero."""
        return 11.0 if self.single else 28.0

    @property
    def root_half(self) -> int:
        """Bits of the root of one half."""
        return self.bits(math.sqrt(0.5))

    def __call__(self, value: float | Fraction) -> str:
        """Write a number."""
        number = self._round(value)
        if not math.isfinite(number):
            text = "np.nan" if math.isnan(number) else "-np.inf" if number < 0 else "np.inf"
        else:
            text = str(np.float32(number)) if self.single else repr(number)
        return f"f32({text})" if self.single else text

    def parts(self, value: Fraction) -> list[float]:
        """Return three numbers, each the rest of those before it."""
        parts: list[float] = []
        for _ in range(3):
            parts.append(self._round(value))
            value -= Fraction(parts[-1])
        return parts

    def short_parts(self, value: Fraction) -> list[float]:
        """Return two numbers; the first times an exponent of a number is exact."""
        short = 2 ** (16 if self.single else 42)
        first = Fraction(round(value * short), short)
        return [float(first), self._round(value - first)]

    def bits(self, value: float) -> int:
        """Return a number's bits."""
        return int.from_bytes(struct.pack(">f" if self.single else ">d", value))

    def word(self, value: int) -> str:
        """Write an unsigned integer."""
        return self.cast(str(value) if value < 4096 else hex(value % 2**self.width))

    def cast(self, text: str) -> str:
        """Write the conversion to an unsigned integer: Numba computes shorter ones in 64 bits."""
        return f"{'w32' if self.single else 'w64'}({text})"

    def polynomial(self, name: str, variable: str, table: str) -> str:
        """Write the lines that compute a polynomial by Horner's rule."""
        *rest, last = COEFFICIENTS[table][self.name]
        lines = [f"{name} = {self(last)}"]
        lines += [f"{name} = fma({name}, {variable}, {self(c)})" for c in reversed(rest)]
        return "".join(f"    {line}\n" for line in lines)

    def _round(self, value: float | Fraction) -> float:
        return float(np.float32(float(value))) if self.single else float(value)


PRECISIONS = Precision(True), Precision(False)


@functools.cache
def _texts() -> dict[str, str]:
    """Return the text of each function, both precisions together."""
    texts: dict[str, str] = {}
    imports = [
        "from math import inf as INFINITY, nan as NAN",
        "from rateloom.generator.targets.numba.elementary_text import LN2, LN10, PI, THIRD",
    ]
    folder = importlib.resources.files("rateloom.templates") / "elementary"
    with importlib.resources.as_file(folder) as directory:
        lookup = TemplateLookup([str(directory)], imports=imports, strict_undefined=True)
        for file, names in _FILES.items():
            template = lookup.get_template(f"{file}.py.mako")
            texts |= {name: _text(template, name) for name in names}
    return texts


def _text(template: Template, name: str) -> str:
    definition = template.get_def(name)
    if name in ("prelude", "fma", "to_bits", "from_bits"):
        return str(definition.render())
    both = "\n\n".join(definition.render(p=p) for p in PRECISIONS)
    of_library = name.removeprefix("any_")
    interpreted = f", math.{of_library}" if hasattr(math, of_library) else ""
    return f"{both}\n\n{name} = by_precision({name}_float32, {name}_float64{interpreted})\n"


def elementary_names() -> frozenset[str]:
    """Return every name that the functions give to a module."""
    names = [name for names in _FILES.values() for name in names]
    with_precision = {f"{name}_{p.name}" for name in names for p in PRECISIONS}
    return frozenset(with_precision | {*names, "by_precision", "f32", "w32", "w64"} - {"prelude"})


def elementary_functions(used: Iterable[str]) -> str:
    """Return the text of functions and of those that they need themselves.

    Parameters
    ----------
    used : iterable of str
        Names among `FUNCTIONS`, those of any angle (``any_sin``), and ``fma``.
    """
    texts = _texts()
    needed: set[str] = set()
    waiting = list(used)
    if any(name in FUNCTIONS for name in waiting):
        waiting.append("prelude")
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            called = re.findall(r"(\w+?)(?:_float32|_float64)?\(", texts[name])
            waiting += [c for c in called if c in texts]
    return "\n\n".join(texts[name] for name in texts if name in needed)


def elementary_module() -> str:
    """Return the module that has all functions: `rateloom.kernels.elementary`."""
    names = [*FUNCTIONS, *(f"any_{name}" for name in ANGLES), "fma"]
    return f"{_MODULE_HEAD}\n{elementary_functions(names).strip()}\n"


_MODULE_HEAD = '''\
"""Elementary functions without branches or calls, so that loops over lanes become vector instructions.

Written by `rateloom.generator.targets.support_files`: each function in both precisions, its arithmetic from
templates/elementary, its coefficients from the generator; error bounds stand in docs/elementary.md.
"""

import math
from fractions import Fraction

import numpy as np
from numba import config, types
from numba.extending import intrinsic, overload
'''

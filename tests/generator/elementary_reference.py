"""Errors of the branch-free elementary functions, against MPFR and against the double-precision library.

In double precision the reference is MPFR (gmpy2) with 100 bits, as two doubles; in single precision it is the
library's double-precision function. The tests hold both references against mpmath.
"""

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gmpy2
import numba
import numpy as np
import scipy.special

from rateloom.generator.targets.numba.elementary_text import (
    FUNCTIONS,
    FUSED_FUNCTIONS,
    PRECISIONS,
    SERVING,
    elementary_functions,
)

_HEADER = "import math\nfrom fractions import Fraction\nimport numpy as np\nfrom numba import config, types\n"
_HEADER += "from numba.extending import intrinsic, overload\n"

Call = Callable[..., np.ndarray]

# what kernels may use; the others serve these
PUBLIC = tuple(name for name in FUNCTIONS if name not in (*SERVING, *FUSED_FUNCTIONS))
DTYPES = ("float32", "float64")
# in units in the last place
LIMITS = dict.fromkeys(PUBLIC, 4.0) | {"erfc": 16.0, "pow": 16.0}
# up to here sine, cosine and tangent are numbers; beyond, kernels call the library
ANGLES = {p.name: p.largest_angle for p in PRECISIONS}

_CONTEXT = gmpy2.context(precision=100, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max())
_LIBRARY = {"erf": scipy.special.erf, "erfc": scipy.special.erfc, "pow": np.power} | {
    name: getattr(np, {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name))
    for name in PUBLIC
    if name not in ("erf", "erfc", "pow")
}
# where each function is neither constant nor infinite: half the points are spread evenly over this
_SPANS = {
    "exp": {"float32": (-110, 92), "float64": (-750, 712)},
    "expm1": {"float32": (-30, 92), "float64": (-50, 712)},
    "log": (0, 4), "log10": (0, 4), "log1p": (-1, 4),
    "asin": (-1, 1), "acos": (-1, 1), "atan": (-10, 10),
    "sinh": {"float32": (-92, 92), "float64": (-712, 712)},
    "cosh": {"float32": (-92, 92), "float64": (-712, 712)},
    "tanh": (-10, 10), "erf": (-6, 6),
    "erfc": {"float32": (-5, 11), "float64": (-7, 28)},
}  # fmt: skip


@dataclass(frozen=True)
class Errors:
    """Largest error in units in the last place, where it is, and how many points were compared."""

    largest: float
    where: tuple[float, ...]
    points: int


def compiled_loop(name: str, text: str) -> Any:
    """Compile a function as kernels have it: in a loop over an array."""
    module = types.ModuleType("elementary")
    exec(compile(_HEADER + text, "elementary", "exec"), vars(module))
    function = getattr(module, name)
    if name in ("pow", "exp_plus"):

        def run(x, y, result):
            for i in range(x.size):
                result[i] = function(x[i], y[i])
    else:

        def run(x, result):
            for i in range(x.size):
                result[i] = function(x[i])

    return numba.njit(nogil=True, error_model="numpy")(run)


def compiled() -> Call:
    """Return what calls any of the functions on arrays, compiled on first use."""
    text = elementary_functions(PUBLIC)
    loops = {name: compiled_loop(name, text) for name in PUBLIC}

    def call(name, *arguments):
        result = np.empty_like(arguments[0])
        loops[name](*arguments, result)
        return result

    return call


def points(name: str, dtype: str, count: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Points over the whole range: half of them evenly over what matters, half over all exponents."""
    generator = np.random.default_rng(seed)
    real = np.dtype(dtype).type
    if name in ("sin", "cos", "tan"):
        return (_angles(generator, real, count),)
    bits = np.uint32 if dtype == "float32" else np.uint64
    anywhere = generator.integers(0, np.iinfo(bits).max, (2, count // 2), bits, endpoint=True).view(real)
    anywhere = np.where(np.isfinite(anywhere), anywhere, real(1.5))
    if name == "pow":
        return _powers(generator, real, count, anywhere)
    span = _SPANS[name]
    low, high = span[dtype] if isinstance(span, dict) else span
    even = generator.uniform(low, high, count - count // 2).astype(real)
    x = np.concatenate([even, anywhere[0]])
    if name in ("log", "log10"):
        x = np.abs(x)
    if name in ("asin", "acos"):
        x = np.where(np.abs(x) > 1, 1 / np.maximum(np.abs(x), 1), x)
    if name == "log1p":
        x = np.where(x < -1, 1 / np.minimum(x, -1), x)
    return (x.astype(real),)


def _angles(generator, real, count):
    """Angles up to the limit, a third of them the nearest to multiples of pi / 2: there digits cancel."""
    limit = ANGLES[np.dtype(real).name]
    third = count // 3
    even = generator.uniform(-limit, limit, third)
    small = np.exp(generator.uniform(np.log(1e-30), np.log(limit), third)) * generator.choice([-1, 1], third)
    rest = count - 2 * third
    n = np.round(generator.uniform(-limit, limit, rest) / (np.pi / 2))
    # in float64 a multiple far out would be rounded to a number beside the nearest one
    n = np.where(generator.random(rest) < 0.5, n, np.round(n * 1e-6 if real is np.float64 else n * 1e-2))
    near = (n * (np.pi / 2)).astype(real)
    near = np.where(generator.random(rest) < 0.5, near, np.nextafter(near, real(0)))
    return np.concatenate([even.astype(real), small.astype(real), near])


def _powers(generator, real, count, anywhere):
    """Half the points where the power is neither zero nor infinite, half anywhere."""
    half = count - count // 2
    largest = float(np.finfo(real).max)
    base = np.exp(generator.uniform(-np.log(largest), np.log(largest), half))
    # as many near one, where the logarithm is small
    base = np.where(generator.random(half) < 0.5, base, generator.uniform(0.5, 2, half)).astype(real)
    limit = 1.02 * np.log(largest)
    with np.errstate(divide="ignore"):
        exponent = generator.uniform(-limit, limit, half) / np.log(base.astype(np.float64))
    exponent = np.clip(np.nan_to_num(exponent, posinf=2, neginf=-2), -largest, largest).astype(real)
    return np.concatenate([base, np.abs(anywhere[0])]), np.concatenate([exponent, anywhere[1]])


def reference(name: str, *arguments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact values as sums of two doubles: MPFR's, or for float32 the library's in double precision."""
    if arguments[0].dtype == np.float32:
        with np.errstate(all="ignore"):
            high = _LIBRARY[name](*(a.astype(np.float64) for a in arguments))
        return high, np.zeros_like(high)
    high, low = np.empty(arguments[0].size), np.empty(arguments[0].size)
    with gmpy2.context(_CONTEXT):
        function = (lambda x, y: x**y) if name == "pow" else getattr(gmpy2, name)
        rows = zip(*(a.tolist() for a in arguments), strict=True)
        for i, row in enumerate(rows):
            exact = function(*map(gmpy2.mpfr, row))
            high[i] = exact
            low[i] = exact - gmpy2.mpfr(high[i]) if np.isfinite(high[i]) else 0.0
    return high, low


def errors(call: Call, name: str, dtype: str, count: int, seed: int = 0) -> Errors:
    """Compare a function with its reference.

    Results that are subnormal may be zero, or off by the smallest normal number; where the exact value is too
    large to be written, or within the allowed error of that, infinity is right.
    """
    arguments = points(name, dtype, count, seed)
    found = call(name, *arguments)
    high, low = reference(name, *arguments)
    limits = np.finfo(dtype)
    tiny, largest = float(limits.tiny), float(limits.max)
    with np.errstate(invalid="ignore", over="ignore"):
        spacing = np.spacing(np.minimum(np.abs(high), largest).astype(dtype)).astype(np.float64)
        ulps = np.abs((found.astype(np.float64) - high) - low) / spacing
        flushed = (np.abs(high) < tiny) & (np.abs(found.astype(np.float64) - high) <= tiny)
        too_large = np.abs(high) >= largest - LIMITS[name] * float(np.spacing(limits.max / 2)) * 2
    saturated = too_large & np.isinf(found) & (np.sign(found) == np.sign(high))
    ulps = np.where(flushed | saturated | (np.isnan(high) & np.isnan(found)), 0.0, ulps)
    ulps = np.where(np.isnan(ulps), np.inf, ulps)
    worst = int(np.argmax(ulps))
    return Errors(float(ulps[worst]), tuple(float(a[worst]) for a in arguments), len(ulps))

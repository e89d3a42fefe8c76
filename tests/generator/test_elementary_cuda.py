"""The elementary functions in CUDA source: Numba's, bit for bit, on the host's compiler."""

from __future__ import annotations

import elementary_reference as elementary
import numpy as np
import pytest
from elementary_reference import DTYPES, PUBLIC

from rateloom.drivers.backends.emulated.host_compiler import host_compiler, launch, load_library
from rateloom.generator.targets.cuda.elementary_text import cuda_functions
from rateloom.generator.targets.numba.elementary_text import ANGLES

pytestmark = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")

_KERNEL = """
extern "C" __global__ void call_{name}(const REAL* x, const REAL* y, REAL* out, int count)
{{
    for (int i = 0; i < count; i++) out[i] = elementary::{name}({actual});
}}
"""
ANYWHERE = tuple(f"any_{name}" for name in ANGLES)


@pytest.fixture(scope="module")
def libraries():
    source = f"namespace elementary {{\n{cuda_functions([*PUBLIC, *ANYWHERE])}\n}}\n"
    for name in (*PUBLIC, *ANYWHERE):
        source += _KERNEL.format(name=name, actual="x[i], y[i]" if name == "pow" else "x[i]")
    reals = {"float32": "float", "float64": "double"}
    return {dtype: load_library(source, {"REAL": real}) for dtype, real in reals.items()}


@pytest.fixture(scope="module")
def numba_call():
    return elementary.compiled()


def special(dtype):
    limits = np.finfo(dtype)
    few = [0, 0.5, 1, 2, 3, np.pi, 1e-20, 1e4, elementary.ANGLES[dtype], elementary.ANGLES[dtype] * 1.5]
    small = [limits.eps, limits.tiny, limits.tiny / 4, limits.smallest_subnormal]
    one = np.array([*few, *small, limits.max, np.inf], dtype)
    return np.concatenate([one, -one, np.array([np.nan], dtype)])


def arguments_of(name, dtype):
    drawn = elementary.points(name, dtype, 30_000, seed=6)
    some = special(dtype)
    if name == "pow":
        pairs = [a.ravel() for a in np.meshgrid(some, some)]
        return [np.ascontiguousarray(np.concatenate(a)) for a in zip(drawn, pairs, strict=True)]
    bits = np.uint32 if dtype == "float32" else np.uint64
    words = np.random.default_rng(7).integers(0, np.iinfo(bits).max, 10_000, bits, endpoint=True)
    return [np.concatenate([drawn[0], some, words.view(dtype)])]


def cuda_call(library, name, *arguments):
    result = np.empty_like(arguments[0])
    x, y = arguments[0], arguments[-1]
    launch(library, f"call_{name}", (1, 1), (1, 1), [x, y, result, np.int32(x.size)])
    return result


def assert_same_bits(found, expected):
    # which of the numbers that are none it is does not matter
    same = (found.view(f"u{found.itemsize}") == expected.view(f"u{found.itemsize}")) | (
        np.isnan(found) & np.isnan(expected)
    )
    assert same.all()


# single precision by default: the text is the same, the coefficients are others
# Numba compiles each function in each precision
BY_DEFAULT = [(name, "float32") for name in ("exp", "log", "sin", "tanh", "erf", "pow")]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        pytest.param(n, t, marks=() if (n, t) in BY_DEFAULT else pytest.mark.slow)
        for n in PUBLIC
        for t in DTYPES
    ],
)
def test_bits_are_those_of_the_functions_that_numba_compiles(libraries, numba_call, name, dtype):
    arguments = arguments_of(name, dtype)
    assert_same_bits(cuda_call(libraries[dtype], name, *arguments), numba_call(name, *arguments))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ANGLES)
def test_large_angles_are_the_librarys(libraries, numba_call, name, dtype):
    (x,) = arguments_of(name, dtype)
    found, inside = cuda_call(libraries[dtype], f"any_{name}", x), np.abs(x) <= elementary.ANGLES[dtype]
    assert_same_bits(found[inside], numba_call(name, x[inside]))
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x[~inside].astype(np.float64))
        # a float32 as far out as this is its own double
        np.testing.assert_allclose(found[~inside], expected, rtol=4 * float(np.finfo(dtype).eps), atol=0)
    assert (~inside).sum() > 1000


def test_only_what_is_called_is_written():
    text = cuda_functions(["tanh"])
    assert "float tanh(float x)" in text and "double expm1(double x)" in text
    assert "erf" not in text and "log" not in text
    assert cuda_functions([]) == ""

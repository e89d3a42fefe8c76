"""Sums that take a product: which of them become one operation, and that it rounds once on every target."""

from __future__ import annotations

import itertools
import math

import gmpy2
import numba
import numpy as np
import pytest
from printing import lowered, text

from rateloom.drivers.backends.emulated.host_compiler import host_compiler, launch, load_library
from rateloom.dsl.parser import parse_expression
from rateloom.generator.ir.nodes import Depends
from rateloom.generator.passes.fuse import fuse
from rateloom.generator.passes.schedule import is_hoisted
from rateloom.generator.targets.expression_text import expression as write
from rateloom.generator.targets.numba.words import PYTHON, VECTOR
from rateloom.kernels.elementary import exact_fma, fma


def is_leaf(node):
    return node.op == "leaf" or is_hoisted(node)


def fused(expression, named=()):
    """The text of an expression after the pass; p and q are parameters, t is the time."""
    graph, node = lowered(parse_expression(expression))
    kept = {n for n in graph.nodes.values() if n.args and text(n) in named}
    return text(fuse(graph, [node], kept, is_leaf)[node])


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("x * y + z", "fma(x, y, z)"),
        ("x * y - z", "fma(x, y, -z)"),
        ("z - x * y", "fma(-x, y, z)"),
        ("-(x * y) - z", "fma(-x, y, -z)"),
        ("2 * x + z", "fma(real(2.0), x, z)"),
        ("z - 2 * x", "fma(real(-2.0), x, z)"),
        ("x * y - 3", "fma(x, y, real(-3.0))"),
        ("p * x + q", "fma(p, x, q)"),
        ("x * y + (x + y)", "fma(x, y, x + y)"),
        ("exp(x * y + z) * x", "x * math.exp(fma(x, y, z))"),
    ],
)
def test_a_sum_takes_a_product(expression, written):
    assert fused(expression) == written


@pytest.mark.parametrize(
    ("expression", "written", "of_library"),
    [
        ("x / (1 + exp(-x))", "x / exp_plus(-x, real(1.0))", "x / (math.exp(-x) + real(1.0))"),
        ("exp(x) + y", "exp_plus(x, y)", "math.exp(x) + y"),
        ("y + exp(x * y + z)", "exp_plus(fma(x, y, z), y)", "math.exp(fma(x, y, z)) + y"),
        ("exp(x) + exp(y)", "exp_plus(y, exp(x))", "math.exp(y) + math.exp(x)"),
        # a product goes first
        ("x * y + exp(x)", "fma(x, y, exp(x))", "fma(x, y, math.exp(x))"),
        # what is subtracted stays by itself
        ("1 - exp(x)", "real(1.0) - exp(x)", "real(1.0) - math.exp(x)"),
        ("exp(x) - 1", "exp_plus(x, real(-1.0))", "math.exp(x) + real(-1.0)"),
        # needed twice, it is computed once
        ("(1 + exp(x)) * exp(x)", "(real(1.0) + exp(x)) * exp(x)", "(real(1.0) + math.exp(x)) * math.exp(x)"),
    ],
)  # fmt: skip
def test_a_sum_takes_an_exponential(expression, written, of_library):
    graph, node = lowered(parse_expression(expression))
    image = fuse(graph, [node], (), is_leaf)[node]
    names = {n: str(n.value) for n in graph.nodes.values() if n.op == "leaf"}
    assert write(image, names, VECTOR) == written
    assert write(image, names, PYTHON) == of_library


def test_of_two_products_the_right_one_is_fused():
    graph, _ = lowered(parse_expression("x"))
    x, y, z = (graph.leaf(n, Depends.NODE) for n in "xyz")
    total = graph.add(graph.add(graph.multiply(x, y), graph.multiply(y, z)), graph.multiply(z, x))
    assert text(fuse(graph, [total], (), is_leaf)[total]) == "fma(z, x, fma(y, z, x * y))"


def test_a_product_that_is_needed_twice_is_computed_once():
    assert fused("(x * y + z) * exp(x * y)") == "(z + x * y) * math.exp(x * y)"


def test_a_product_with_a_name_keeps_its_statement():
    assert fused("x * y + z", named=["x * y"]) == "z + x * y"


def test_what_is_computed_before_or_outside_the_loop_stays_there():
    # by parameters alone: a value read from memory; by time alone: a statement once a step
    assert fused("p * q + x") == "p * q + x"
    assert fused("2 * t + x") == "real(2.0) * t + x"


MODEL_TEXT = """
extern "C" __global__ void fused(const REAL* x, const REAL* y, const REAL* z, REAL* out, int count)
{
    for (int i = 0; i < count; i++) out[i] = fma(x[i], y[i], z[i]);
}
"""


def numbers(dtype):
    """Numbers of all sizes, with sums that cancel, underflow and overflow."""
    random = np.random.default_rng(8)
    limits = np.finfo(dtype)
    x, y = (random.normal(size=3000) * 2.0 ** random.integers(-40, 40, 3000) for _ in range(2))
    x, y = x.astype(dtype), y.astype(dtype)
    z = np.where(random.random(3000) < 0.5, -x * y * dtype(1 + random.normal() * limits.eps), x + y)
    special = [0.0, -0.0, 1.0, -1.5, limits.max, limits.tiny, limits.smallest_subnormal, np.inf, np.nan]
    rows = np.array(list(itertools.product(special, repeat=3)), dtype).T
    halves = np.array([[1 + limits.eps, 1 + limits.eps, limits.eps**2]], dtype).T
    return [np.concatenate(a) for a in zip((x, y, z.astype(dtype)), rows, halves, strict=True)]


def exact(x, y, z, dtype):
    """By MPFR, which rounds once."""
    single = dtype is np.float32
    context = gmpy2.context(
        precision=24 if single else 53,
        emin=-148 if single else -1073,
        emax=128 if single else 1024,
        subnormalize=True,
    )
    with gmpy2.context(context):
        return np.array(
            [
                float(gmpy2.fma(*map(gmpy2.mpfr, row)))
                for row in zip(*(a.tolist() for a in (x, y, z)), strict=True)
            ]
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_rounds_once_compiled_and_in_plain_python_and_in_cuda(dtype):
    x, y, z = numbers(dtype)
    expected = exact(x, y, z, dtype)
    compiled = numba.vectorize(lambda a, b, c: fma(a, b, c))
    with np.errstate(all="ignore"):
        plain = np.array([exact_fma(*row) for row in zip(x, y, z, strict=True)])
        assert plain.dtype == dtype
        results = {"Numba": compiled(x, y, z), "Python": plain}
    if host_compiler():
        found = np.empty_like(x)
        library = load_library(MODEL_TEXT, {"REAL": "float" if dtype is np.float32 else "double"})
        launch(library, "fused", (1, 1), (1, 1), [x, y, z, found, np.int32(x.size)])
        results["CUDA"] = found
    for name, found in results.items():
        np.testing.assert_array_equal(found.astype(np.float64), expected, err_msg=name)
        zero = expected == 0
        assert (np.signbit(found[zero]) == np.signbit(expected[zero])).all(), name
    # a product and a sum that each round give something else
    with np.errstate(all="ignore"):
        assert (x * y + z != expected).sum() > 500
    assert math.isfinite(expected[0])

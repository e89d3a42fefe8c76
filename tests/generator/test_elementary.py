"""The branch-free elementary functions: errors over the whole range, special values, vector instructions."""

import itertools
import math
import re
import sys
from pathlib import Path

import elementary_reference as elementary
import mpmath
import numba
import numpy as np
import pytest
from elementary_reference import DTYPES, LIMITS, PUBLIC

import rateloom
from rateloom.api.generation import kernel_source
from rateloom.generator.targets.coefficients import COEFFICIENTS

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import assembly
import minimax
import targets

INF, NAN = np.inf, np.nan


@pytest.fixture(scope="module")
def call():
    return elementary.compiled()


def check(call, name, dtype, count, seed):
    found = elementary.errors(call, name, dtype, count, seed)
    assert found.points == count
    assert found.largest <= LIMITS[name], found


@pytest.mark.parametrize("name", PUBLIC)
def test_single_precision_is_right_over_the_whole_range(call, name):
    check(call, name, "float32", 100_000, seed=1)


# each is compiled: most in the slow part, where more points are looked at as well
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("exp", "log", "sin", "tanh", "erf") else pytest.mark.slow)
        for name in PUBLIC
    ],
)
def test_double_precision_is_right_over_the_whole_range(call, name):
    check(call, name, "float64", 10_000, seed=2)


# MPFR takes ten microseconds a point, the library of single precision's reference next to nothing
@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "count"), [("float32", 1_000_000), ("float64", 200_000)])
@pytest.mark.parametrize("name", PUBLIC)
def test_many_points_are_right(call, name, dtype, count):
    check(call, name, dtype, count, seed=3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PUBLIC)
def test_the_references_are_mpmaths(name, dtype):
    arguments = elementary.points(name, dtype, 300, seed=4)
    high, low = elementary.reference(name, *arguments)
    # MPFR's values are kept in 100 bits, the library's in double precision
    allowed = mpmath.mpf(10) ** (-29 if dtype == "float64" else -13)
    with mpmath.workdps(40):
        function = mpmath.power if name == "pow" else getattr(mpmath, name)
        for row in zip(*(a.tolist() for a in arguments), high.tolist(), low.tolist(), strict=True):
            if not np.isfinite(row[-2]) or abs(row[-2]) < np.finfo(np.float64).tiny * 2.0**110:
                continue  # too large, or too small for the lower double
            exact = function(*map(mpmath.mpf, row[:-2])) if name != "log10" else mpmath.log(row[0], 10)
            assert abs(exact - mpmath.mpf(row[-2]) - mpmath.mpf(row[-1])) <= allowed * abs(exact), row


SPECIAL = {
    "exp": [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, 0.0), (1e4, INF), (-1e4, 0.0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1), (1e4, INF), (-1e4, -1)],
    "log": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-INF, NAN), (-1.0, NAN)],
    "log10": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-INF, NAN), (-1.0, NAN)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-INF, NAN), (-1.5, NAN)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)],
    "cos": [(0.0, 1), (-0.0, 1), (INF, NAN), (-INF, NAN)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)],
    "asin": [(0.0, 0.0), (-0.0, -0.0), (1.0, np.pi / 2), (-1.0, -np.pi / 2), (1.5, NAN), (-INF, NAN)],
    "acos": [(1.0, 0.0), (-1.0, np.pi), (0.0, np.pi / 2), (1.5, NAN), (INF, NAN)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (INF, np.pi / 2), (-INF, -np.pi / 2)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (1e4, INF), (-1e4, -INF)],
    "cosh": [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, INF), (1e4, INF), (-1e4, INF)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1), (-INF, -1), (1e4, 1), (-1e4, -1)],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (INF, 1), (-INF, -1), (1e4, 1), (-1e4, -1)],
    "erfc": [(0.0, 1), (-0.0, 1), (INF, 0.0), (-INF, 2), (1e4, 0.0), (-1e4, 2)],
}


def assert_same(found, expected, what):
    np.testing.assert_array_equal(found, expected, err_msg=what)
    zero = expected == 0
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]), err_msg=what)


def test_every_function_has_its_special_values():
    assert set(SPECIAL) | {"pow"} == set(PUBLIC)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(call, name, dtype):
    x, expected = np.array([*SPECIAL[name], (NAN, NAN)], dtype).T
    assert_same(call(name, np.ascontiguousarray(x)), expected, name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_powers_have_the_special_values_of_ieee_754(call, dtype):
    # 2^24 + 1 is no float32: its neighbour is even
    odd = 3.0
    values = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, INF, -INF, NAN]
    exponents = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, odd, -odd, 1e30, -1e30, INF, -INF, NAN]
    x, y = (a.ravel().astype(dtype) for a in np.meshgrid(values, exponents))
    with np.errstate(all="ignore"):
        expected = np.power(x, y)
    found = call("pow", x, y)
    exact = ~np.isfinite(expected) | (expected == 0) | (np.abs(expected) == 1)
    for one in (exact, ~exact):
        rtol = 0 if one is exact else 16 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(found[one], expected[one], rtol=rtol, err_msg=str((x[one], y[one])))
    np.testing.assert_array_equal(np.signbit(found[expected == 0]), np.signbit(expected[expected == 0]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_exponential_and_a_sum_round_once(dtype):
    loop = elementary.compiled_loop("exp_plus", elementary.elementary_functions(["exp_plus"]))
    random = np.random.default_rng(9)
    low, high = (-115, 89) if dtype == "float32" else (-760, 710)
    x = np.concatenate([random.uniform(low, high, 1000), random.uniform(-2, 2, 1000), [0.0, -0.0]]).astype(
        dtype
    )
    # positive, so that nothing cancels; nothing at all, and numbers that are no normal ones
    summand = np.resize(np.array([1.0, 0.0, 0.3, 1e-30, np.finfo(dtype).tiny / 8], dtype), x.size)
    result = np.empty_like(x)
    loop(x, summand, result)
    with mpmath.workdps(50):
        exact = [mpmath.exp(float(a)) + float(b) for a, b in zip(x, summand, strict=True)]
        spacing = np.spacing(np.array([float(e) for e in exact], dtype)).astype(float)
        errors = [abs(e - float(r)) / s for e, r, s in zip(exact, result, spacing, strict=True)]
    assert max(errors) <= elementary.LIMITS["exp"]
    ends = np.array([np.inf, -np.inf, np.nan, 1e4, -1e4], dtype)
    result = np.empty_like(ends)
    loop(ends, np.ones_like(ends), result)
    np.testing.assert_array_equal(result, [np.inf, 1, np.nan, np.inf, 1])


def test_angles_are_right_further_than_they_have_to_be():
    assert elementary.ANGLES["float32"] >= 1e4
    assert elementary.ANGLES["float64"] >= 1e6


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_angles_beyond_the_reduction_are_nan_and_never_wrong(call, name, dtype):
    limit = np.array(elementary.ANGLES[dtype], dtype)
    largest = np.finfo(dtype).max
    x = np.array([np.nextafter(limit, largest), 2 * limit, 1e30, largest], dtype)
    assert np.isnan(call(name, np.concatenate([x, -x]))).all()
    assert np.isfinite(call(name, np.array([limit, -limit], dtype))).all()


@pytest.fixture(params=targets.TARGETS)
def target(request):
    if not targets.can_compile_for(request.param):
        pytest.skip("this LLVM was built without code for x86")
    with targets.compiling_for(request.param):
        yield


# all functions are compiled for each
@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "dtype"), list(itertools.product(targets.TARGETS, DTYPES)), indirect=["target"]
)
def test_the_functions_become_vector_instructions_without_calls(dtype, target):
    text = elementary.elementary_functions(PUBLIC)
    for name in PUBLIC:
        kernel = elementary.compiled_loop(name, text)
        array = numba.from_dtype(np.dtype(dtype))[::1]
        kernel.compile((array,) * (3 if name == "pow" else 2))
        count = assembly.count_instructions(*assembly.listing(kernel))
        # what is left over of vectors of 512 bits may be done in shorter ones
        assert count.scalar == 0, (name, count)
        assert count.packed.total() >= 5
        assert count.calls == frozenset()
        assert count.beyond == frozenset()


def roots():
    """Square roots as kernels have them, in a loop over an array."""

    @numba.njit(error_model="numpy")
    def run(x, result):
        for i in range(x.size):
            result[i] = math.sqrt(x[i])

    return run


@pytest.mark.parametrize("dtype", DTYPES)
def test_square_roots_are_the_processors(dtype):
    x, _ = elementary.points("pow", dtype, 100_000)
    result = np.empty_like(x)
    roots()(x, result)
    # correctly rounded, as IEEE 754 asks of the processor
    np.testing.assert_array_equal(result, np.sqrt(x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_square_roots_are_vector_instructions(dtype, target):
    kernel = roots()
    kernel.compile((numba.from_dtype(np.dtype(dtype))[::1],) * 2)
    count = assembly.count_instructions(*assembly.listing(kernel))
    # one for what is left over
    assert count.packed.total() >= 1 >= count.scalar
    assert count.calls == frozenset()


MODEL = """<Model name="angles" version="1">
  <StateVariable name="x" initial="1"/>
  <Dynamics><TimeDerivative variable="x" value="0"/></Dynamics>
  <Exposure name="sine" value="sin(x)"/>
  <Exposure name="cosine" value="cos(x)"/>
  <Exposure name="tangent" value="tan(x)"/>
</Model>
"""


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernels_take_the_library_for_large_angles(tmp_path, dtype):
    path = tmp_path / "angles.xml"
    path.write_text(MODEL, encoding="utf-8")
    large = {"float32": [1.0, 9e3, 3e6, 1e30], "float64": [1.0, 9e5, 6e14, 1e300]}[dtype]
    result = rateloom.simulate(
        path, connectome=rateloom.Connectome(np.zeros((4, 4)), np.zeros((4, 4))), duration=1.0,
        initial={"x": np.array(large)}, monitor="raw", dtype=dtype, progress=False,
    )  # fmt: skip
    x = np.array(large, dtype).astype(np.float64)
    for name, function in (("sine", np.sin), ("cosine", np.cos), ("tangent", np.tan)):
        np.testing.assert_allclose(
            result[name].values[-1], function(x), rtol=4 * float(np.finfo(dtype).eps), err_msg=name
        )


def test_math_libm_prints_calls_of_the_library_alone():
    model = rateloom.load("wilson_cowan")
    fast, library = (kernel_source(model, "numba", math) for math in ("fast", "libm"))
    assert "from rateloom.kernels.elementary import exp_plus, fma\n" in fast
    assert "from rateloom.kernels.elementary import fma\n" in library
    own, called = re.compile(r"(?<![.\w])exp_plus\("), re.compile(r"math\.exp\(")
    assert len(own.findall(fast)) == len(called.findall(library)) >= 4
    assert called.findall(fast) == own.findall(library) == []


@pytest.mark.slow
def test_both_kinds_of_functions_give_the_same_simulation():
    settings = {
        "connectome": "synthetic:8", "duration": 100.0, "noise": True, "seed": 3, "dtype": "float64",
        "progress": False,
    }  # fmt: skip
    fast = rateloom.simulate("wilson_cowan", math="fast", **settings)
    library = rateloom.simulate("wilson_cowan", math="libm", **settings)
    for name in fast.data_vars:
        if name != "diverged_step":
            # 1000 steps, each within some units in the last place
            np.testing.assert_allclose(fast[name], library[name], rtol=1e-11)
            assert (fast[name].values != library[name].values).any()


# the others take seconds each
FAST_TASKS = {"exp", "log", "sin", "cos", "atan", "tanh"}


@pytest.mark.parametrize(
    "name",
    [n if n in FAST_TASKS else pytest.param(n, marks=pytest.mark.slow) for n in sorted(minimax.tasks())],
)
def test_the_coefficients_are_those_that_are_derived(name):
    task = minimax.tasks()[name]
    for degree, dtype in zip(task.degrees, DTYPES, strict=True):
        if degree:
            derived, _ = minimax.rounded(task, degree, dtype == "float32")
            table = COEFFICIENTS[name.removesuffix("_single").removesuffix("_double")][dtype]
            np.testing.assert_array_equal(np.array(table, dtype), np.array(derived, dtype))

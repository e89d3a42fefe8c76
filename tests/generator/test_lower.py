"""Lowered and printed expressions are what the SymPy tree says, in Python's text and in CUDA's."""

import math

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from printing import cuda_source, lowered, model_of, python_value, text
from run_on_host import host_compiler, run_on_host
from running_error import UnsureError, bounded

from rateloom.dsl.operations import COMPARISONS, OPERATIONS, Select, call, symbol
from rateloom.dsl.parser import parse_expression
from rateloom.generator.errors import GeneratorError
from rateloom.generator.targets.cuda.words import CUDA

NAMES = ("p", "q", "x", "y", "t")
UNARY = [name for name in OPERATIONS if name not in ("min", "max")]

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="there is no C++ compiler")

numbers = st.one_of(
    st.integers(-6, 6).map(sympy.Integer),
    st.floats(0.01, 20).map(lambda v: sympy.Float(float(f"{v:.3g}"))),
    st.sampled_from([sympy.Rational(1, 3), sympy.Rational(-5, 2), sympy.pi]),
)
leaves = st.one_of(st.sampled_from([symbol(n) for n in NAMES]), numbers)
exponents = st.one_of(
    st.integers(-4, 9).map(sympy.Integer),
    st.integers(-5, 5).map(lambda n: sympy.Rational(2 * n + 1, 2)),
    st.sampled_from([sympy.Float(0.3), sympy.Float(-1.7), sympy.Rational(1, 3)]),
)


def grow(children):
    pair = st.tuples(children, children)
    comparison = st.tuples(st.sampled_from(["<", "<=", ">", ">="]), pair).map(
        lambda c: COMPARISONS[c[0]](*c[1])
    )
    condition = st.one_of(
        comparison,
        comparison.map(lambda c: COMPARISONS["not"](c)),
        st.tuples(st.sampled_from(["and", "or"]), comparison, comparison).map(
            lambda c: COMPARISONS[c[0]](*c[1:])
        ),
    )
    return st.one_of(
        pair.map(lambda a: a[0] + a[1]),
        pair.map(lambda a: a[0] - a[1]),
        pair.map(lambda a: a[0] * a[1]),
        pair.filter(lambda a: a[1] != 0).map(lambda a: a[0] / a[1]),
        st.tuples(children, exponents).filter(lambda a: a[0] != 0).map(lambda a: a[0] ** a[1]),
        st.tuples(st.sampled_from(UNARY), children).map(lambda a: OPERATIONS[a[0]](a[1])),
        st.tuples(st.sampled_from(["min", "max"]), pair).map(lambda a: OPERATIONS[a[0]](*a[1])),
        st.tuples(condition, children, children).map(lambda a: Select(*a)),
    )


def is_real(e):
    return not e.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo)


expressions = st.recursive(leaves, grow, max_leaves=10).filter(is_real)
values = st.fixed_dictionaries({n: st.floats(-3, 3).map(lambda v: round(v, 3)) for n in NAMES})


def expected(e, at):
    """The value and its bound, where rounding cannot change which way the expression takes."""
    try:
        return bounded(e, at)
    except UnsureError:
        return None


@given(expressions, values)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_python_text_is_the_tree(e, at):
    reference = expected(e, at)
    assume(reference is not None)
    value, bound = reference
    _, node = lowered(e)
    (found,) = python_value([node], at)
    assert abs(mpmath.mpf(found) - value) <= bound + mpmath.mpf("1e-300")


@needs_compiler
@given(st.lists(st.tuples(expressions, values), min_size=60, max_size=60))
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_cuda_text_is_the_tree(batch):
    at = batch[0][1]
    cases = [(e, expected(e, at)) for e, _ in batch]
    cases = [(e, r) for e, r in cases if r is not None]
    assume(len(cases) > 15)
    source = cuda_source([[lowered(e)[1]] for e, _ in cases], NAMES)
    results = np.zeros(len(cases))
    inputs = np.array([at[n] for n in NAMES])
    run_on_host(source, "evaluate", (1, 1), (1, 1), [inputs, results], {"REAL": "double"})
    for (e, (value, bound)), found in zip(cases, results, strict=True):
        assert abs(mpmath.mpf(float(found)) - value) <= bound + mpmath.mpf("1e-300"), e


ARGUMENTS = [symbol("x"), -symbol("x"), symbol("p") - symbol("x"), -2 * symbol("x") * symbol("y")]
EVERY_FUNCTION = [OPERATIONS[name](a) for name in UNARY for a in ARGUMENTS]
SOMEWHERE = {"p": 0.4, "q": 1.5, "x": 0.3, "y": -0.7, "t": 2.0}


def test_every_function_of_plain_and_negated_arguments():
    cases = [(e, r) for e in EVERY_FUNCTION if (r := expected(e, SOMEWHERE)) is not None]
    assert len(cases) > 3 * len(UNARY)
    for e, (value, bound) in cases:
        (found,) = python_value([lowered(e)[1]], SOMEWHERE)
        assert abs(mpmath.mpf(found) - value) <= bound, e


@needs_compiler
@pytest.mark.parametrize(("real", "unit"), [("double", 1), ("float", 2.0**29)])
def test_every_function_on_the_device(real, unit):
    """In single precision the bound grows by the ratio of the units of the last place."""
    cases = [(e, r) for e in EVERY_FUNCTION if (r := expected(e, SOMEWHERE)) is not None]
    results = np.zeros(len(cases), {"double": float, "float": np.float32}[real])
    inputs = np.array([SOMEWHERE[n] for n in NAMES]).astype(results.dtype)
    source = cuda_source([[lowered(e)[1]] for e, _ in cases], NAMES)
    run_on_host(source, "evaluate", (1, 1), (1, 1), [inputs, results], {"REAL": real})
    for (e, (value, bound)), found in zip(cases, results, strict=True):
        # inputs are rounded, too: a few units of their own
        slack = bound * unit if real == "double" else 20 * bound * unit
        assert abs(mpmath.mpf(float(found)) - value) <= slack, e


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("x^2", "x * x"),
        ("x^3", "x * (x * x)"),
        ("x^0.5", "math.sqrt(x + real(0.0))"),
        ("x^1.5", "(x + real(0.0)) * math.sqrt(x + real(0.0))"),
        ("(x^2 + y)^0.5", "math.sqrt(y + x * x)"),
        ("exp(x)^-0.5", "real(1.0) / math.sqrt(math.exp(x))"),
        ("x^-2", "real(1.0) / (x * x)"),
        ("x^-0.5", "real(1.0) / math.sqrt(x + real(0.0))"),
        ("x^0.3", "math.pow(x, real(0.3))"),
        ("2^x", "math.pow(real(2.0), x)"),
        ("x^y", "math.pow(x, y)"),
        ("x^100", "math.pow(x, real(100.0))"),
        ("x / y", "x / y"),
        ("p / x", "p / x"),
        ("x / p", "real(1.0) / p * x"),
        ("p / q", "p / q"),
        ("x / 4", "real(0.25) * x"),
        ("-x", "-x"),
        ("-x - y", "-x - y"),
        ("y - x", "y - x"),
        ("x - (y - z)", "x + z - y"),
        ("-(x * y)", "-(x * y)"),
        ("x * (y + z)", "x * (y + z)"),
        ("sin(-x)", "-math.sin(x)"),
        ("cos(-x)", "math.cos(x)"),
        ("tanh(-2 * x)", "math.tanh(real(-2.0) * x)"),
        ("abs(-x)", "abs(x)"),
        ("exp(-x)", "math.exp(-x)"),
        ("erfc(-x)", "math.erfc(-x)"),
        ("exp(1)", f"real({math.e!r})"),
        ("floor(2.5) + ceil(2.5)", "real(5.0)"),
        ("min(x, inf)", "(x if x < real(np.inf) else real(np.inf))"),
        ("max(x, -inf)", "(x if x > (-real(np.inf)) else (-real(np.inf)))"),
        ("x * 0", "real(0.0)"),
        ("2 * pi * p", f"real({2 * math.pi!r}) * p"),
    ],
)
def test_the_form_of_an_expression(source, python):
    _, node = lowered(parse_expression(source))
    assert text(node) == python


def test_the_same_in_cuda():
    for source, cuda in [
        ("abs(x)", "fabs(x)"),
        ("max(x, y)", "(x > y ? x : y)"),
        ("min(x, inf)", "(x < (real(1.0) / real(0.0)) ? x : (real(1.0) / real(0.0)))"),
        ("heaviside(x)", "(x >= real(0.0) ? real(1.0) : real(0.0))"),
    ]:
        assert text(lowered(parse_expression(source))[1], CUDA) == cuda


@needs_compiler
def test_powers_of_a_zero_with_a_minus_have_the_signs_of_c():
    """IEEE 754: whole odd powers keep the sign, all others lose it."""
    exponents = [-3.5, -3, -2.5, -2, -1.5, -1, -0.5, -0.3, 0.3, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
    powers = [lowered(parse_expression(f"x^({exponent})"))[1] for exponent in exponents]
    with np.errstate(all="ignore"):
        expected = np.power(-0.0, np.array(exponents))
    for real, dtype in (("double", np.float64), ("float", np.float32)):
        found, x = np.zeros(len(powers), dtype), np.array([-0.0], dtype)
        source = cuda_source([[power] for power in powers], ("x",))
        run_on_host(source, "evaluate", (1, 1), (1, 1), [x, found], {"REAL": real})
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


STEPS = [-math.inf, -2.5, -1.0, -0.0, 0.0, 1.0, 2.5, math.inf]


@pytest.mark.parametrize("x", STEPS)
def test_steps_and_extremes(x):
    def value(source, y=0.0):
        (result,) = python_value([lowered(parse_expression(source))[1]], {"x": x, "y": y})
        return result

    assert value("heaviside(x)") == (1.0 if x >= 0 else 0.0)
    assert value("sign(x)") == np.sign(x)
    assert value("abs(x)") == abs(x)
    assert value("floor(x)") == np.floor(x)
    assert value("ceil(x)") == np.ceil(x)
    for y in STEPS:
        assert value("min(x, y)", y) == min(x, y)
        assert value("max(x, y)", y) == max(x, y)


def test_select_and_logic_take_the_right_branch():
    x, y = symbol("x"), symbol("y")
    both = COMPARISONS["and"](COMPARISONS["<"](x, 1), COMPARISONS["not"](COMPARISONS["=="](y, 0)))
    e = Select(
        COMPARISONS["or"](both, COMPARISONS["!="](x, x)), x + 10, Select(COMPARISONS[">="](y, 0), y, -y)
    )
    _, node = lowered(e)
    for at, result in [((0, 1), 10), ((0, 0), 0), ((2, -3), 3), ((2, 3), 3), ((math.nan, 1), math.nan)]:
        (found,) = python_value([node], dict(zip("xy", map(float, at), strict=True)))
        assert found == result or (math.isnan(found) and math.isnan(result))


FUNCTIONS = """
<Parameter name="a" value="100"/>
<StateVariable name="x" initial="0"/>
<Function name="g" arguments="u"><Return value="a * u"/></Function>
<Function name="f" arguments="a, b">
  <DerivedVariable name="u" value="a - b"/>
  <Return value="g(u) + g(a)"/>
</Function>
<Dynamics><TimeDerivative variable="x" value="f(x, 1)"/></Dynamics>
<Exposure name="x"/>
"""


def test_nested_calls_see_their_own_arguments_and_the_parameters_only():
    model = model_of(FUNCTIONS)
    e = call("f", (call("g", (symbol("x"),)), symbol("y")))
    _, node = lowered(e, model.functions, names="axy")
    # `a` in g is the parameter, also when g is called by f, which has an argument `a`
    expected = 100.0 * (300.0 - 2.0) + 100.0 * 300.0
    assert python_value([node], {"a": 100.0, "x": 3.0, "y": 2.0}) == [expected]


def test_a_constant_beyond_double_precision_is_refused():
    with pytest.raises(GeneratorError, match="does not fit in double precision"):
        lowered(sympy.Integer(10) ** 400 * symbol("x"))


def test_equations_that_expand_without_end_are_refused():
    doubled = '<Function name="f0" arguments="u"><Return value="sin(u) * u"/></Function>' + "".join(
        f'<Function name="f{i}" arguments="u">'
        f'<Return value="f{i - 1}(u) * f{i - 1}(u * f{i - 1}(u + 1))"/></Function>'
        for i in range(1, 14)
    )
    model = model_of(
        f'{doubled}<StateVariable name="x" initial="0"/>'
        '<Dynamics><TimeDerivative variable="x" value="f13(x)"/></Dynamics><Exposure name="x"/>'
    )
    with pytest.raises(GeneratorError, match="expand to more than 50,000 operations"):
        lowered(call("f13", (symbol("x"),)), model.functions, names="x")


def test_definitions_may_follow_each_other_beyond_the_depth_of_the_stack():
    e = symbol("x")
    graph, node = lowered(e)
    one = graph.constant(1.0)
    for _ in range(5000):
        node = graph.add(graph.make("sin", node), one)
    (found,) = python_value([node], {"x": 0.5})
    value = 0.5
    for _ in range(5000):
        value = math.sin(value) + 1.0
    assert found == value

"""Separable couplings: pre as a sum of products, and what the history holds of it."""

import mpmath
import pytest
from oracle_digits import MPMATH
from printing import model_of

from rateloom.dsl.operations import symbol
from rateloom.dsl.parser import parse_expression
from rateloom.generator.passes.couple import plan_couplings
from rateloom.generator.passes.separate import separate
from rateloom.oracle.evaluator import Scope, evaluate

TARGET = {"x", "y", "t", "dt", "n_node"}
POINTS = [
    {"x": 0.3, "y": -1.1, "x_j": 0.8, "y_j": 0.25, "a": 1.7, "t": 2.0, "dt": 0.1, "n_node": 7.0},
    {"x": -2.3, "y": 0.4, "x_j": 1.9, "y_j": -0.6, "a": -0.3, "t": 0.0, "dt": 0.5, "n_node": 3.0},
]


def value(e, at):
    with mpmath.workdps(40):
        return evaluate(e, {k: mpmath.mpf(v) for k, v in at.items()}, Scope({}, {}), MPMATH)


def names_of(e):
    return {s.name for s in e.free_symbols}


SPLIT = [
    ("x_j", 1),
    ("exp(x_j) / a", 1),
    ("a", 1),
    ("2.5", 1),
    ("x", 1),
    ("x_j - x", 2),
    ("a * x_j * x", 1),
    ("(x_j - x)^2", 3),
    ("(x_j - x)^4", 5),
    ("(x_j + x) * (y_j - y)", 4),
    ("sin(x_j - x)", 2),
    ("cos(x_j - x - a)", 2),
    ("sin(2 * (x_j - x) + y_j - y)", 2),
    ("a * sin(x_j - x) * cos(x)", 2),
    ("tanh(x_j) * exp(x)", 1),
    ("sin(x_j - x) * x_j", 2),
    ("x_j * t", 1),
    ("sin(x_j - t * dt)", 2),
    ("x_j / n_node + dt", 2),
    ("(x_j - x) * exp(x_j - 1)", 2),
    # what is the source's alone is not expanded
    ("x * (x_j - y_j)", 1),
    ("(x_j - y_j + 1)^30 + x", 2),
]


@pytest.mark.parametrize(("pre", "count"), SPLIT)
def test_products_sum_up_to_pre(pre, count):
    e = parse_expression(pre)
    products = separate(e, TARGET)
    assert len(products) == count
    for product in products:
        assert not names_of(product.source) & TARGET
        assert not {"x_j", "y_j"} & names_of(product.target)
    for at in POINTS:
        total = sum(value(p.target, at) * value(p.source, at) for p in products)
        exact = value(e, at)
        assert abs(total - exact) <= mpmath.mpf("1e-12") * (1 + abs(exact))


@pytest.mark.parametrize(
    "pre",
    [
        "exp(x_j - x)",
        "tanh(x_j - x)",
        "abs(x_j - x)",
        "max(x_j, x)",
        "x_j^x",
        "1 / (x_j - x)",
        "(x_j - x)^5",
        "(x_j - x)^0.5",
        "sin(x_j * x)",
        "sin(exp(x_j - x))",
        "(x_j - x)^4 * (y_j - y)^4",
        "x_j * tanh(x_j - x) + x",
        # these would take minutes to expand
        "(x_j + y_j + a - x)^200",
        "sin((x_j + y_j + a - x)^200)",
        "((((x_j + x)^4 + y_j)^4 + x_j)^4 + y)^4",
    ],
)
def test_what_is_not_split(pre):
    assert separate(parse_expression(pre), TARGET) is None


def test_a_source_factor_that_appears_twice_is_one_product():
    products = separate(parse_expression("x_j * x + x_j * y + a * x_j"), TARGET)
    by_source = {p.source: p.target for p in products}
    # parameters are the source's, so a * x_j is a factor of its own
    assert by_source[symbol("x_j")] == symbol("x") + symbol("y")
    assert set(by_source) == {symbol("x_j"), symbol("a") * symbol("x_j")}


def coupled(*couplings, names=("x", "y")):
    states = "".join(f'<StateVariable name="{n}" initial="0"/>' for n in names)
    rows = "".join(
        f'<Coupling name="c{i}" pre="{pre}" post="gx"{more}/>' for i, (pre, more) in enumerate(couplings)
    )
    terms = " + ".join(f"c{i}" for i in range(len(couplings)))
    slopes = "".join(f'<TimeDerivative variable="{n}" value="{terms} - {n}"/>' for n in names)
    return model_of(
        f'<Parameter name="a" value="2"/>{states}{rows}<Dynamics>{slopes}</Dynamics><Exposure name="x"/>'
    )


def test_couplings_share_what_the_history_holds():
    plan = plan_couplings(coupled(("x_j - x", ""), ("x_j * y", ""), ("x_j", ' delays="false"'), ("3", "")))
    assert plan.factors == {symbol("x"): 0}
    assert set(plan.accumulators) == {(0, True), (0, False)}
    assert plan.gx["c3"] == 3 * symbol("weight sum")
    assert not plan.edge_terms


def test_the_history_holds_neither_constants_nor_what_all_nodes_share():
    plan = plan_couplings(coupled(("2", ""), ("dt * x_j", ""), ("x_j / n_node", ""), ("t", "")))
    assert plan.factors == {symbol("x"): 0}
    assert len(plan.accumulators) == 1


def test_a_pre_that_is_not_split_keeps_the_states_of_its_source():
    plan = plan_couplings(coupled(("tanh(x_j - x)", ""), ("y_j", "")))
    assert set(plan.factors) == {symbol("x"), symbol("y")}
    assert list(plan.edge_terms.values()) == [(parse_expression("tanh(x_j - x)"), True)]

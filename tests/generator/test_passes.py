"""Separable couplings, scheduling, hoisting, common subexpressions and names."""

import itertools

import mpmath
import pytest
import sympy
from oracle_digits import MPMATH
from printing import lowered, model_of, scheduled, text

from rateloom.api.loading import load, shipped_models
from rateloom.dsl.operations import symbol
from rateloom.dsl.parser import parse_expression
from rateloom.generator.ir.names import Names
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.ir.program import Call
from rateloom.generator.passes.couple import plan_couplings
from rateloom.generator.passes.schedule import frontier, is_hoisted, is_of_time
from rateloom.generator.passes.separate import separate
from rateloom.generator.stages import build_program
from rateloom.generator.targets.cuda.render import cuda_kernel
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.numba.render import numba_module
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


PROGRAMS = {name: build_program(load(name)) for name in shipped_models()}


def blocks(program):
    yield "hoisted", program.hoisted
    for name, procedure in program.procedures.items():
        yield name, procedure.block
    yield from ((e.name, e.block) for e in program.edge_sums)


def reads(node, names):
    """Return the named nodes and leaves that a statement's right side reads."""
    found, stack = [], list(node.args)
    while stack:
        inner = stack.pop()
        if inner in names or inner.op == "leaf":
            found.append(inner)
        else:
            stack.extend(inner.args)
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_names_are_assigned_once_and_before_they_are_read(name):
    for where, block in blocks(PROGRAMS[name]):
        known = set(block.leaves)
        for statement in block.statements:
            inner = {n: i for n, i in block.names.items() if n is not statement.value}
            for node in reads(statement.value, inner):
                assert block.names[node] in known, (where, statement.name)
            assert statement.name not in known, (where, statement.name)
            known.add(statement.name)
        for result in block.results:
            for node in [result] if result in block.names else reads(result, block.names):
                assert result.is_constant or block.names[node] in known


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_scheme_assigns_names_once_and_before_they_are_read(name):
    for scheme in PROGRAMS[name].schemes.values():
        known = set(scheme.arguments)
        for statement in scheme.statements:
            if isinstance(statement, Call):
                arguments, assigned = set(statement.arguments), set(statement.results)
            else:
                inner = {n: i for n, i in scheme.names.items() if n is not statement.value}
                arguments = {scheme.names[node] for node in reads(statement.value, inner)}
                assigned = {statement.name}
            assert arguments <= known, (scheme.name, arguments - known)
            assert not assigned & known
            known |= assigned
        assert set(scheme.results) <= known


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_statement_is_needed(name):
    for where, block in blocks(PROGRAMS[name]):
        used = {
            n
            for s in block.statements
            for n in reads(s.value, {k: v for k, v in block.names.items() if k is not s.value})
        }
        used |= {n for r in block.results for n in ([r] if r in block.names else reads(r, block.names))}
        for statement in block.statements:
            assert statement.value in used, (where, statement.name)


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_inside_the_time_loop_depends_on_parameters_or_time_alone(name):
    program = PROGRAMS[name]
    for where, block in blocks(program):
        if where not in ("hoisted", "clock"):
            assert not any(is_hoisted(s.value) for s in block.statements)
            assert not any(s.value.depends == Depends.STEP for s in block.statements)
    assert all(is_hoisted(s.value) for s in program.hoisted.statements)


def test_levels():
    graph = Graph()
    p, t, x = (graph.leaf(n, d) for n, d in [("p", Depends.ITEM), ("t", Depends.STEP), ("x", Depends.NODE)])
    source = graph.leaf("x_j", Depends.SOURCE)
    assert graph.constant(2.0).depends == Depends.CONSTANT
    assert graph.multiply(p, graph.constant(2.0)).depends == Depends.ITEM
    assert graph.add(p, t).depends == Depends.ITEM | Depends.STEP
    assert graph.add(source, graph.multiply(p, x)).depends == Depends.SOURCE | Depends.ITEM | Depends.NODE


def test_hoisting_takes_the_largest_part_out_of_the_loop():
    _, node = lowered(parse_expression("x * (p + sqrt(q)) + y / (p * q)"))
    assert {text(n) for n in frontier([node], is_hoisted)} == {
        "p + math.sqrt(q + real(0.0))",
        "real(1.0) / (p * q)",
    }


def test_what_depends_on_time_alone_is_computed_once_a_step():
    _, node = lowered(parse_expression("x * sin(t) + sin(t)"))
    assert [text(n) for n in frontier([node], is_of_time)] == ["math.sin(t)"]
    block = scheduled([node], inside=True)
    assert all(s.value.depends & Depends.NODE for s in block.statements)


def test_equal_expressions_are_computed_once():
    graph, node = lowered(parse_expression("exp(x * y) + tanh(exp(y * x)) * (x * y)"))
    assert sum(n.op == "exp" for n in graph.nodes.values()) == 1
    block = scheduled([node])
    written = " ".join(text(s.value) for s in block.statements)
    assert [s.name for s in block.statements][:2] == ["x_times_y", "exp_x_times_y"]
    assert [s.value.op for s in block.statements][:2] == ["mul", "exp"], written


def test_constants_are_told_apart_by_their_sign():
    graph = Graph()
    assert graph.constant(0.0) is not graph.constant(-0.0)
    assert graph.constant(1) is graph.constant(1.0)


def test_an_unused_coupling_and_an_unused_variable_leave_no_trace():
    model = model_of(
        '<StateVariable name="x" initial="0"/><Coupling name="c" pre="tanh(x_j - x)" post="gx"/>'
        '<Coupling name="d" pre="x_j" post="gx"/>'
        '<Dynamics><DerivedVariable name="v" value="exp(x) * c"/><TimeDerivative variable="x" value="-x"/>'
        '</Dynamics><Exposure name="x"/>'
    )
    program = build_program(model)
    assert program.accumulators == program.edge_sums == ()
    for _, block in blocks(program):
        assert not any(s.value.op == "exp" for s in block.statements)


@pytest.mark.parametrize("name", PROGRAMS)
def test_lines_stay_short_enough_to_read(name):
    for source in (cuda_kernel(PROGRAMS[name]), numba_module(PROGRAMS[name])):
        longest = max(source.splitlines(), key=len)
        assert len(longest) <= 120, longest


def test_names_are_given_once():
    graph, names = Graph(), Names()
    wishes = ["G", "g", "P[3]", "P_3", "rate", "rate"]
    given = [names.give(graph.leaf(str(i), Depends.NODE), wish) for i, wish in enumerate(wishes)]
    assert given == ["G", "g", "P_3", "P_3_2", "rate", "rate_2"]


def test_a_target_changes_the_names_that_it_reserves_and_no_others():
    identifiers = Identifiers(frozenset({"lane", "words_"}), {"lane", "lane_", "words_3", "words", "x"})
    given = identifiers.all(["lane", "lane_", "words_3", "words", "x", "lane"])
    assert given == ["lane__", "lane_", "words_3_", "words", "x", "lane__"]


@pytest.mark.parametrize(
    ("name", "taken"), list(itertools.product(["words", "words_", "words_2", "updated"], [(), ("updated",)]))
)
def test_an_identifier_is_always_found(name, taken):
    reserved = frozenset({"words", "words_", "updated_"})
    identifiers = Identifiers(reserved, {name, *taken})
    identifier = identifiers(name)
    assert identifier not in reserved
    assert identifier == identifiers(name)
    assert identifier == name or identifier not in {name, *taken}


def test_unnamed_values_are_named_by_what_they_are():
    for source, name in [
        ("exp(x)", "exp_x"),
        ("x * x", "x_squared"),
        ("1 / x", "inverse_x"),
        ("sqrt(x)", "root_x"),
    ]:
        _, node = lowered(parse_expression(f"sin({source}) + {source}"))
        assert scheduled([node]).statements[0].name == name
    assert sympy.Symbol("x") == symbol("x")

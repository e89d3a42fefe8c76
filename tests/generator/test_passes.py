"""Scheduling, hoisting and common subexpressions."""

import pytest
from printing import lowered, model_of, scheduled, text

from rateloom.api.loading import load, shipped_models
from rateloom.dsl.parser import parse_expression
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.ir.program import Call
from rateloom.generator.passes.schedule import frontier, is_hoisted, is_of_time
from rateloom.generator.stages import build_program
from rateloom.generator.targets.cuda.render import cuda_kernel
from rateloom.generator.targets.numba.render import numba_module

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

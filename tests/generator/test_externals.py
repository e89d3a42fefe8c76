"""Functions that exist only as code, in the graph and in generated text."""

import math

import pytest
from printing import scheduled

from rateloom.api.generation import kernel_source
from rateloom.dsl.load import load_model
from rateloom.dsl.operations import call, symbol
from rateloom.generator.calls import Functions
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.lower import lower
from rateloom.generator.targets.code_functions import (
    cuda_texts,
    external_names,
    python_texts,
    with_python_externals,
)
from rateloom.generator.targets.expression_text import expression
from rateloom.generator.targets.numba.words import PYTHON

CUDA = "#ifndef F\n#define F\n__device__ real f(real a, real b) { return sin(a) * b; }\n#endif\n"
PYTHON_TEXT = """from __future__ import annotations

import math


def f(a, b):
    \"\"\"Sine.\"\"\"
    return math.sin(a) * b


def g(a):
    return a * a
"""
H = 0.125


@pytest.fixture
def model(tmp_path):
    (tmp_path / "f.cuh").write_text(CUDA + "__device__ real g(real a) { return a * a; }\n")
    (tmp_path / "f.py").write_text(PYTHON_TEXT)
    text = f"""<Model name="m"><Parameter name="external_F" value="1"/><StateVariable name="x" initial="0"/>
    <Function name="F" arguments="a, b" cuda="f.cuh" numba="f.py" symbol="f"
              differentiation="central" step="{H}"/>
    <Function name="g" arguments="a" cuda="f.cuh" numba="f.py" differentiation="central" step="1"/>
    <Function name="outer" arguments="v"><DerivedVariable name="u" value="v^2"/>
      <Return value="v * F(u, 3 * v)"/></Function>
    <Dynamics><TimeDerivative variable="x" value="outer(x) + diff(g(x), a) * external_F"/></Dynamics>
    </Model>"""
    return load_model(tmp_path / "m.xml", text)


def value_of(model, function, wrt, at):
    """Lower one call, print it as Python, and run that with the file's functions."""
    graph = Graph()
    leaves = {name: graph.leaf(name, Depends.NODE) for name in at}
    library = Functions({f.name: f for f in model.functions}, {})
    node = lower(graph, call(function, tuple(map(symbol, at)), wrt), leaves, library)
    block, language = scheduled([node]), with_python_externals(PYTHON, model)
    names = {"real": float, "math": math, **at}
    exec(PYTHON_TEXT, names)
    names |= {"external_F": names["f"], "external_g": names["g"]}
    for s in block.statements:
        names[s.name] = eval(expression(s.value, block.names, language, whole=True), names)
    return eval(expression(block.results[0], block.names, language), names)


def f(a, b):
    return math.sin(a) * b


def test_a_call_is_the_codes(model):
    assert value_of(model, "F", (), {"x": 0.5, "y": 2.0}) == f(0.5, 2.0)


def test_differences_of_code(model):
    at = {"x": 0.7, "y": 2.0}
    slope = (f(0.7 + H, 2.0) - f(0.7 - H, 2.0)) / (2 * H)
    assert value_of(model, "F", ("a",), at) == pytest.approx(slope, rel=1e-14)
    mixed = (math.sin(0.7 + H) - math.sin(0.7 - H)) / (2 * H)
    assert value_of(model, "F", ("a", "b"), at) == pytest.approx(mixed, rel=1e-13)


def test_the_chain_rule_goes_through_code(model):
    v = 0.8
    u, w = v * v, 3 * v
    by_a, by_b = (f(u + H, w) - f(u - H, w)) / (2 * H), math.sin(u)
    expected = f(u, w) + v * (by_a * 2 * v + by_b * 3)
    assert value_of(model, "outer", ("v",), {"x": v}) == pytest.approx(expected, rel=1e-13)


def test_second_derivatives_go_through_code_with_twice_the_step(model):
    v = 0.8
    found = value_of(model, "outer", ("v", "v"), {"x": v})

    def slope(x):
        u, w = x * x, 3 * x
        return f(u, w) + x * ((f(u + H, w) - f(u - H, w)) / (2 * H) * 2 * x + math.sin(u) * 3)

    # the terms in b are linear: differences of them are exact
    d = 1e-5
    smooth = (slope(v + d) - slope(v - d)) / (2 * d)
    assert found == pytest.approx(smooth, rel=0.02)


def test_text_of_each_target(model):
    source = kernel_source(model, "cuda")
    assert source.count("return sin(a) * b") == 1
    assert "external_F::g(" in source
    (text,) = cuda_texts(model)
    assert text.startswith("// As it is in f.cuh.\nnamespace external_F {\n#ifndef F")
    module = kernel_source(model, "numba")
    assert "__future__" not in module
    assert "external_g(" in module
    first, second = python_texts(model)
    assert '    def f(a, b):\n        """Sine."""\n        return math.sin(a) * b\n' in first
    assert "return f\n" in first
    assert "return g\n" in second
    compile(module, "m_numba.py", "exec")


def test_names_are_kept_from_the_models_values(model):
    assert {"external_F", "code_of_F", "source_of_F"} <= external_names(model)
    assert "external_F_ = " in kernel_source(model, "numba")
    assert "external_F_ = " in kernel_source(model, "cuda")


def test_equal_calls_are_one_node(model):
    graph = Graph()
    leaf = graph.leaf("x", Depends.NODE)
    library = Functions({f.name: f for f in model.functions}, {})
    scope = {"x": leaf}
    one, other = (lower(graph, call("g", (symbol("x"),)), scope, library) for _ in range(2))
    assert one is other

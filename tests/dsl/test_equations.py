"""What is shown of a model: equations as text and LaTeX, and rows of tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib.mathtext import MathTextParser

from rateloom.dsl.equations import (
    equations_latex,
    equations_text,
    latex_equations,
    parameter_rows,
    state_rows,
)
from rateloom.dsl.latex import expression_latex, name_latex
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model
from rateloom.dsl.parser import parse_condition, parse_expression

_MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.xml"))
_EVERY_ELEMENT = """<Model name="every" version="1">
  <Description>All elements at once.</Description>
  <Reference doi="10.1000/xyz" citation="Somebody 2000"/>
  <Parameter name="tau_E" value="2" min="0.1" max="20" unit="ms" description="time constant"/>
  <Parameter name="P" size="2" value="0.5, 1"/>
  <Parameter name="G" value="0.1"/>
  <DerivedParameter name="rate" value="1 / tau_E" unit="kHz"/>
  <StateVariable name="x1" initial="0, 0.3" lower="0" unit="mV"/>
  <StateVariable name="W" initial="-2"/>
  <Coupling name="c" pre="sin(x1_j - x1)" post="G * gx"/>
  <Coupling name="now" pre="W_j" post="gx" delays="false"/>
  <Input name="stimulus" default="0.5"/>
  <Function name="soft" arguments="x, scale">
    <DerivedVariable name="u" value="exp(-x / scale)"/>
    <Return value="scale * (1 - u)"/>
  </Function>
  <Dynamics>
    <ConditionalDerivedVariable name="drive">
      <Case condition="c &lt; 10 and x1 &gt;= 0" value="c"/>
      <Case value="soft(c, P[1])"/>
    </ConditionalDerivedVariable>
    <TimeDerivative variable="x1" value="(drive - x1) * rate + diff(soft(x1, P[0]), x)"/>
    <TimeDerivative variable="W" value="stimulus + now - abs(W)"/>
  </Dynamics>
  <Noise variable="W" sigma="tau_E + 1"/>
  <Exposure name="x1" unit="mV"/>
  <Exposure name="y" value="1000 * x1"/>
</Model>"""


@pytest.fixture(scope="module")
def every() -> Model:
    return load_model("every.xml", _EVERY_ELEMENT)


def test_the_text_shows_every_part_of_a_model(every: Model) -> None:
    lines = [line.strip() for line in equations_text(every).splitlines()]
    for expected in (
        "every",
        "All elements at once.",
        "Reference: Somebody 2000, https://doi.org/10.1000/xyz",
        "stimulus = 0.5 unless given at run time",
        "rate = 1/tau_E  [kHz]",
        "soft(x, scale) = scale*(1 - u)",
        "u = exp(-x/scale)",
        "c = G*gx",
        "where gx = sum over source nodes of w_ij * sin(x1_j - x1), delayed",
        "where gx = sum over source nodes of w_ij * W_j, without delay",
        "drive = c  if c < 10 and x1 >= 0",
        "soft(c, P[1])  otherwise",
        "dx1/dt = rate*(drive - x1) + diff(soft(x1, P[0]), x)",
        "dW += (tau_E + 1) dW",
        "x1  [mV]",
        "y = 1000*x1",
    ):
        assert expected in lines


def test_a_bare_model_shows_no_empty_sections() -> None:
    model = load_model(
        "bare.xml",
        '<Model name="bare" version="1"><StateVariable name="x" initial="1"/>'
        '<Dynamics><TimeDerivative variable="x" value="-x"/></Dynamics><Exposure name="x"/></Model>',
    )
    assert equations_text(model) == "bare\n\nDynamics\n  dx/dt = -x\n\nExposures\n  x\n"
    assert latex_equations(model) == (("\\frac{d x}{dt}", "- x"),)
    assert equations_latex(model) == "\\begin{align}\n  \\frac{d x}{dt} &= - x\n\\end{align}\n"


def test_rows_of_the_tables(every: Model) -> None:
    assert parameter_rows(every)[0] == ("tau_E", "2", "0.1 … 20", "ms", "time constant")
    assert parameter_rows(every)[1] == ("P[2]", "0.5, 1", "", "", "")
    assert state_rows(every) == (("x1", "0 … 0.3", "0 …", "mV", ""), ("W", "-2", "", "", ""))


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("tau_E", r"\tau_{E}"),
        ("x1", "x_{1}"),
        ("lamda", r"\lambda"),
        ("Delta", r"\Delta"),
        ("local_coupling", r"\mathrm{local}_{\mathrm{coupling}}"),
        ("P[3]", "P_{3}"),
        ("long_range", r"\mathrm{long}_{\mathrm{range}}"),
        ("a_b_c1", r"a_{b,\mathrm{c1}}"),
        ("x__y", "x_{y}"),
        ("_", r"\mathrm{\_}"),
    ],
)
def test_names(name: str, latex: str) -> None:
    assert name_latex(name) == latex


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("exp(-x)^2", r"\exp^{2}\left(- x\right)"),
        ("abs(x)", r"\left| x \right|"),
        ("floor(x) + log(y)", r"\log\left(y\right) + \left\lfloor x \right\rfloor"),
        ("erfc(x)", r"\operatorname{erfc}\left(x\right)"),
        ("asin(x)", r"\arcsin\left(x\right)"),
        ("min(x, y)", r"\min\left(x, y\right)"),
        ("diff(F(a, b), x, y)", r"\frac{\partial^{2} F}{\partial x \partial y}\left(a, b\right)"),
    ],
)
def test_expressions(text: str, latex: str) -> None:
    assert expression_latex(parse_expression(text)) == latex


def test_conditions() -> None:
    written = expression_latex(parse_condition("not (x < 1 or y != 2) and x >= y"))
    assert written == r"\neg \left(x < 1 \vee y \neq 2\right) \wedge x \geq y"


def test_the_sum_of_a_coupling_shows_source_target_and_delay(every: Model) -> None:
    right = dict(latex_equations(every))["c"]
    difference = r"- x_{1,i} + x_{1,j}\left(t - d_{ij}\right)"
    assert right == rf"G \left(\sum_{{j}} w_{{ij}} \left(\sin\left({difference}\right)\right)\right)"
    assert r"t - d_{ij}" not in dict(latex_equations(every))[r"\mathrm{now}"]


def test_long_names_can_be_typeset_with_powers_and_indices() -> None:
    for name in ("long_range", "a_b_c1", "x__y", "lambda_", "rate2", "k2b", "tau_E_inh", "A" * 64):
        MathTextParser("path").parse(f"${expression_latex(parse_expression(f'{name}^2 / exp({name})'))}$")
        MathTextParser("path").parse(f"${name_latex(name, 'j')}^{{2}}$")


_LONG = ("adex_vast", "zerlaut_first_order", "zerlaut_second_order")


@pytest.mark.parametrize(
    "path",
    [*(pytest.param(p, marks=pytest.mark.slow if p.stem in _LONG else ()) for p in _MODELS), None],
    ids=lambda p: p.stem if p else "every",
)
def test_every_equation_is_latex_that_can_be_typeset(path: Path | None) -> None:
    model = load_model(path) if path else load_model("every.xml", _EVERY_ELEMENT)
    whole = equations_latex(model)
    assert whole.count("{") == whole.count("}")
    assert whole.count(r"\left") == whole.count(r"\right") + whole.count(r"\leftarrow")
    parser = MathTextParser("path")
    for left, right in latex_equations(model):
        # Matplotlib typesets no environments: the cases one by one.
        cases = re.fullmatch(r"\\begin\{cases\} (.*) \\end\{cases\}", right)
        for part in cases[1].split(r" \\ ") if cases else [right]:
            parser.parse(f"${left} = {part.replace('&', '')}$")

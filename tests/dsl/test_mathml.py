"""Equations as MathML: well formed, and each symbol and operation where it belongs."""

from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rateloom.dsl.equations import latex_equations
from rateloom.dsl.equations_mathml import mathml_equations
from rateloom.dsl.load import load_model
from rateloom.dsl.mathml import expression_mathml, name_mathml
from rateloom.dsl.parser import parse_condition, parse_expression

MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.xml"))
# What MathML Core has, which browsers set by themselves, of what is used here.
ELEMENTS = {"math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "mroot", "msub", "msup", "munder",
            "mtable", "mtr", "mtd"}  # fmt: skip


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_equation_of_every_model_is_well_formed(path):
    model = load_model(path)
    equations = mathml_equations(model)
    assert len(equations) == len(latex_equations(model))
    for text in equations:
        root = ElementTree.fromstring(text)
        assert root.attrib == {"display": "block"}
        tags = {element.tag.removeprefix("{http://www.w3.org/1998/Math/MathML}") for element in root.iter()}
        assert tags <= ELEMENTS
        assert "=" in [element.text for element in root]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "<mi>x</mi>"),
        ("tau_E", "<msub><mi>τ</mi><mtext>E</mtext></msub>"),
        ("Delta", "<mi>Δ</mi>"),
        ("lambda", "<mi>λ</mi>"),
        ("nu_e_in", "<msub><mi>ν</mi><mtext>e, in</mtext></msub>"),
        ("W2", "<msub><mi>W</mi><mtext>2</mtext></msub>"),
        ("P[3]", "<msub><mi>P</mi><mtext>3</mtext></msub>"),
        ("rate", "<mi>rate</mi>"),
        ("_", "<mi>_</mi>"),
    ],
)
def test_names(name, expected):
    assert name_mathml(name) == expected


def plain(text):
    """Text of MathML without its elements; fractions as (a)/(b), powers as a^b, invisible signs left out."""

    def of(element):
        parts = [of(child) for child in element]
        if element.tag == "mfrac":
            return f"({parts[0]})/({parts[1]})"
        if element.tag in ("msup", "msub"):
            return f"{parts[0]}{'^' if element.tag == 'msup' else '_'}{parts[1]}"
        if element.tag == "msqrt":
            return f"sqrt({''.join(parts)})"
        return (element.text or "").strip("\u2062") + "".join(parts)

    return of(ElementTree.fromstring(f"<mrow>{text}</mrow>"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a / b", "(a)/(b)"),
        ("(x + y)^2", "(x+y)^2"),
        ("a - b * c", "a-bc"),
        ("erfc(x) / 2", "(erfc(x))/(2)"),
        ("sqrt(x)", "sqrt(x)"),
        ("exp(-x)", "exp(-x)"),
        ("abs(x)", "|x|"),
        ("floor(x)", "⌊x⌋"),
        ("asin(x)", "arcsin(x)"),
        ("max(x, y)", "max(x,y)"),
        ("pi", "π"),
        ("x * (a + b)", "x(a+b)"),
    ],
)
def test_expressions(written, expected):
    assert plain(expression_mathml(parse_expression(written))) == expected


def test_conditions():
    found = plain(expression_mathml(parse_condition("(x < 10 or y >= 1) and not x == 2")))
    assert found == "(x<10∨y≥1)∧¬x=2"


def test_a_derivative_of_a_function_and_a_case():
    xml = """<Model name="m" version="1">
      <Parameter name="k" value="1"/>
      <StateVariable name="x" initial="0"/>
      <Function name="F" arguments="u"><Return value="u^3"/></Function>
      <Dynamics>
        <ConditionalDerivedVariable name="drive">
          <Case condition="x &lt; 1 and x &gt; -1" value="x"/><Case value="k"/>
        </ConditionalDerivedVariable>
        <TimeDerivative variable="x" value="drive - diff(F(x), u)"/>
      </Dynamics>
      <Noise variable="x" sigma="k"/>
      <Exposure name="x"/>
    </Model>"""
    case, derivative = (unescape(text) for text in mathml_equations(load_model("m.xml", xml))[1:])
    assert "<mtext>if </mtext>" in case and "<mtext>otherwise</mtext>" in case
    ratio = "<mfrac><mrow><mo>∂</mo><mi>F</mi></mrow><mrow><mo>∂</mo><mi>u</mi></mrow></mfrac>"
    assert ratio in derivative and "ξ" in derivative

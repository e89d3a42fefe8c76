"""LEMS files around RateML's part: namespaces, units, includes; other LEMS files are refused in one line."""

from __future__ import annotations

import pytest
from dialect0_files import file, refused

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model

AROUND = (
    '<Dimension name="voltage" m="1" l="2" t="-3" i="-1"/><Unit symbol="mV" dimension="voltage" power="-3"/>'
)
NAMESPACES = [
    'xmlns="http://www.neuroml.org/lems/0.7.4"',
    'xmlns="http://www.neuroml.org/lems/0.7.6" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.neuroml.org/lems/0.7.6 LEMS_v0.7.6.xsd"',
    "",
]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_the_same_model_in_a_namespace_and_with_units(namespace: str) -> None:
    plain = file(values='<Constant name="k" value="2"/>', derivative="-k * x")
    text = plain.replace("<Lems>", f"<Lems {namespace}>{AROUND}").replace('name="k"', 'name="k" symbol="K"')
    model = load_model("some/one.xml", text)
    assert (model, model.warnings) == (load_model("some/one.xml", plain), ())


def test_prefixed_tags() -> None:
    text = file().replace("<Lems>", '<l:Lems xmlns:l="http://www.neuroml.org/lems/0.7.4">')
    text = text.replace("</Lems>", "</l:Lems>")
    assert load_model("one.xml", text) == load_model("one.xml", file())


def test_included_files_are_not_opened() -> None:
    text = file().replace("<Lems>", '<Lems>\n<Include file="/etc/passwd"/>')
    model = load_model("one.xml", text)
    assert model == load_model("one.xml", file())
    (warning,) = model.warnings
    assert (warning.code, warning.where.line) == ("W319", 2)
    assert "'/etc/passwd' is not opened" in str(warning)


CELL = (
    '<Lems xmlns="http://www.neuroml.org/lems/0.7.4">\n<Target component="sim1"/><Include file="Cells.xml"/>'
    '<Dimension name="voltage" m="1"/>\n<ComponentType name="iafCell">'
    '<Parameter name="C" dimension="capacitance"/><Child name="a" type="b"/></ComponentType>'
    '<Component id="cell" type="iafCell" C="10 pF"/>'
    '<Simulation id="sim1" length="1 s" step="1 ms" target="cell"/></Lems>'
)


def test_another_lems_file_is_refused_in_one_line() -> None:
    assert refused(CELL) == ["E401"]
    with pytest.raises(ModelError) as caught:
        load_model("cell.xml", CELL)
    message = str(caught.value)
    assert message.startswith("cell.xml:3: error[E401]: there is no ComponentType 'derivatives' (but ")
    assert (
        "'iafCell'" in message
        and "ComponentTypes 'derivatives', 'noise' and those with 'coupling'" in message
    )

"""The schema for editors and the reader's own rules accept and refuse the same files."""

from pathlib import Path

import pytest
from lxml import etree

from rateloom.dsl.identifiers import IDENTIFIER
from rateloom.dsl.schema import RULES, check_schema
from rateloom.dsl.tree import read_tree

ROOT = Path(__file__).parents[2]
SCHEMA = etree.XMLSchema(etree.parse(ROOT / "dsl" / "rateloom.xsd"))

FULL = """<Model name="m" version="1">
  <Reference doi="10.1/x" citation="someone"/>
  <Parameter name="p" value="1" min="0" max="2" unit="ms" description="d" size="1"/>
  <DerivedParameter name="q" value="2" unit="" description=""/>
  <Description>text</Description>
  <StateVariable name="x" initial="0" lower="0" upper="1" unit="" description=""/>
  <Coupling name="c" pre="x_j" post="gx" delays="false" description=""/>
  <Input name="i" default="0" unit="" description=""/>
  <Function name="F" arguments="a" plugin="p" parameters="a=p" cuda="" numba="" symbol="s"
      differentiation="central" step="1" description="">
    <DerivedVariable name="u" value="a"/>
    <Return value="u"/>
    <ConditionalDerivedVariable name="w"><Case value="1"/></ConditionalDerivedVariable>
  </Function>
  <Dynamics>
    <TimeDerivative variable="x" value="1"/>
    <DerivedVariable name="v" value="1" unit="" description=""/>
    <ConditionalDerivedVariable name="z" unit="" description="">
      <Case condition="x > 0" value="1"/><Case value="1"/>
    </ConditionalDerivedVariable>
  </Dynamics>
  <Noise variable="x" sigma="1"/>
  <Exposure name="x" value="x" unit="" description=""/>
</Model>"""
MINIMAL = '<Model name="m"><StateVariable name="x" initial="0"/><Dynamics/></Model>'


def ours_accepts(text):
    root = read_tree("m.xml", text)
    names = [e.attributes[k] for e in walk(root) for k in ("name", "variable") if k in e.attributes]
    return not check_schema(root) and all(IDENTIFIER.match(name) for name in names)


def walk(element):
    yield element
    for child in element.children:
        yield from walk(child)


def mutations(text):
    """Every file that differs from a good one by one element or one attribute."""
    count = sum(1 for _ in etree.fromstring(text).iter())
    for index in range(count):

        def fresh(index=index):
            root = etree.fromstring(text)
            return root, list(root.iter())[index]

        _, element = fresh()
        for attribute in element.attrib:
            root, element = fresh()
            del element.attrib[attribute]
            yield f"no {element.tag}/{attribute}", root
            root, element = fresh()
            element.attrib[attribute + "s"] = element.attrib.pop(attribute)
            yield f"{element.tag}/{attribute}s", root
        root, element = fresh()
        element.tag += "s"
        yield f"{element.tag}", root
        root, element = fresh()
        element.text = "stray"
        yield f"text in {element.tag}", root
        for tag in (*RULES, "Unknown"):
            root, element = fresh()
            etree.SubElement(element, tag, dict.fromkeys(RULES[tag].required, "a") if tag in RULES else {})
            yield f"{tag} in {element.tag}", root
        root, element = fresh()
        # XSD 1.0 cannot ask for at least one of the elements of a choice.
        if element.getparent() is not None and element.tag != "StateVariable":
            element.getparent().remove(element)
            yield f"without {element.tag}", root


def test_good_files():
    for text in (FULL, MINIMAL):
        assert SCHEMA.validate(etree.fromstring(text)), SCHEMA.error_log
        assert ours_accepts(text)


def test_both_agree_on_every_small_change():
    verdicts = []
    for name, root in mutations(FULL):
        text = etree.tostring(root).decode()
        verdicts.append(SCHEMA.validate(etree.fromstring(text)))
        assert ours_accepts(text) == verdicts[-1], name
    assert len(verdicts) > 300
    assert 50 < sum(verdicts) < len(verdicts) - 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version="1"', 'version="2"'),
        ('delays="false"', 'delays="no"'),
        ('differentiation="central"', 'differentiation="forward"'),
        ('name="p"', 'name="p q"'),
        ('variable="x"', 'variable="2x"'),
        ('name="m"', 'name=""'),
    ],
)
def test_both_refuse_values(old, new):
    text = FULL.replace(old, new, 1)
    assert not SCHEMA.validate(etree.fromstring(text))
    assert not ours_accepts(text)


def test_messages():
    text = '<Model name="m" vresion="1">\n<Paramter name="a"/>\n<Case value="1"/><Zzz/>\n<Model/></Model>'
    messages = [str(d) for d in check_schema(read_tree("m.xml", text))]
    assert messages == [
        "m.xml:1: error[E011]: unknown attribute 'vresion' in Model 'm'; did you mean 'version'?",
        "m.xml:2: error[E010]: unknown element <Paramter> in Model 'm'; did you mean 'Parameter'?",
        "m.xml:3: error[E013]: <Case> cannot stand in Model 'm'; it belongs in <ConditionalDerivedVariable>",
        "m.xml:3: error[E010]: unknown element <Zzz> in Model 'm'; it may hold Description, Reference, "
        "Parameter, DerivedParameter, StateVariable, Coupling, Input, Function, Dynamics, Noise, Exposure",
        "m.xml:4: error[E013]: <Model> cannot stand in Model 'm'; it is the outermost element",
        "m.xml:1: error[E013]: Model 'm' lacks at least one <StateVariable>",
        "m.xml:1: error[E013]: Model 'm' lacks a <Dynamics>",
    ]


def test_another_root():
    (error,) = check_schema(read_tree("m.xml", "<html/>"))
    assert str(error) == "m.xml:1: error[E013]: the file begins with <html>; a model begins with <Model>"


def test_the_schema_travels_with_the_package():
    from importlib.resources import files

    assert files("rateloom.dsl").joinpath("rateloom.xsd").is_file()

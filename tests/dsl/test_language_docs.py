"""Every model in the language's description loads without errors and without warnings."""

import re
from pathlib import Path

import pytest
from documented import provide

from rateloom.dsl import limits
from rateloom.dsl.identifiers import ELEMENTARY_NAMES
from rateloom.dsl.load import load_model
from rateloom.dsl.operations import ELEMENTARY
from rateloom.dsl.schema import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
MODELS = re.findall(r"```xml\n(<Model.*?)\n```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", MODELS, ids=[re.search(r'name="(\w+)"', text)[1] for text in MODELS])
def test_model_loads(text, monkeypatch, tmp_path):
    provide(monkeypatch, tmp_path)
    model = load_model("model.xml", text)
    assert model.warnings == ()
    assert len(model.time_derivatives) == len(model.state_variables) > 0


def test_every_xml_block_is_a_model():
    assert PAGE.count("```xml") == len(MODELS) > 8


def test_every_element_and_attribute_is_described():
    for tag, rule in RULES.items():
        assert re.search(rf"^##+ .*\b{tag}\b", PAGE, re.MULTILINE), tag
        for attribute in (*rule.required, *rule.optional):
            assert f"`{attribute}`" in PAGE, attribute


def test_every_function_is_named():
    words = set(re.findall(r"\w+", PAGE))
    assert {*ELEMENTARY, *ELEMENTARY_NAMES} <= words


def test_limits_are_as_described():
    text = " ".join(PAGE.split())
    assert limits.FILE_BYTES == 2**20
    assert f"1 MiB, {limits.ELEMENTS:,} elements and {limits.ELEMENT_DEPTH} levels" in text
    assert f"{limits.EXPRESSION_CHARACTERS:,} characters, {limits.EXPRESSION_OPERANDS:,} names" in text
    assert f"{limits.EXPRESSION_NESTING} levels of nesting" in text
    assert f"exponents up to {limits.EXPONENT:,}" in text
    assert f"at most {limits.VECTOR_SIZE:,}" in text

"""Trees written as XML and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rateloom.dsl.load import load_model
from rateloom.dsl.tree import Element, read_tree
from rateloom.dsl.writer import write_tree

_MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.xml"))


def test_the_text_is_indented_and_escaped() -> None:
    case = Element("Case", {"condition": 'x < 1 and "y"', "value": "1"})
    tree = Element("Model", {"name": "m"}, (Element("Description", {}, (), text="a & b"), case))
    assert write_tree(tree) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Model name="m">\n'
        "  <Description>a &amp; b</Description>\n"
        '  <Case condition="x &lt; 1 and &quot;y&quot;" value="1"/>\n'
        "</Model>\n"
    )


@pytest.mark.parametrize("path", _MODELS, ids=lambda p: p.stem)
def test_shipped_models_survive_being_written(path: Path) -> None:
    assert load_model(path, write_tree(read_tree(path))) == load_model(path)


def test_other_alphabets_survive() -> None:
    tree = Element("Model", {"name": "m"}, (Element("Description", {}, (), text="Montbrió, τ → ∞"),))
    assert read_tree("m.xml", write_tree(tree)).children[0].text == "Montbrió, τ → ∞"

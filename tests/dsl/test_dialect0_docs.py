"""The page on RateML's files: its examples, and that it lists every code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.dialect0 import translate
from rateloom.dsl.dialect0_leniencies import LENIENCIES
from rateloom.dsl.load import load_model
from rateloom.dsl.tree import read_tree
from rateloom.dsl.writer import write_tree

_PAGE = (Path(__file__).parents[2] / "docs" / "rateml.md").read_text()
_BLOCKS = re.findall(r"```xml\n(.*?)```", _PAGE, re.DOTALL)
SMALL, CONVERTED = _BLOCKS[:2]
_ERRORS = re.findall(r"### (E\d+): .*?```xml\n(.*?)```\n```xml\n(.*?)```", _PAGE, re.DOTALL)


def test_the_small_file_converts_as_the_page_says() -> None:
    tree, warnings = translate(read_tree("small.xml", SMALL))
    assert write_tree(tree) == CONVERTED
    assert [w.code for w in warnings] == ["W308", "W309"]
    assert load_model("small.xml", CONVERTED) == load_model("small.xml", SMALL)


@pytest.mark.parametrize(("code", "bad", "mended"), _ERRORS, ids=[e[0] for e in _ERRORS])
def test_each_error_has_a_bad_line_and_a_mended_one(code: str, bad: str, mended: str) -> None:
    assert SMALL.count(mended) == 1
    with pytest.raises(ModelError) as caught:
        load_model("small.xml", SMALL.replace(mended, bad))
    found = {(d.code, d.where.line) for d in caught.value.diagnostics}
    assert (code, SMALL[: SMALL.index(mended)].count("\n") + 1) in found
    assert {d.code for d in caught.value.diagnostics} <= {code, "E408"}
    assert len(str(caught.value).splitlines()) == len(caught.value.diagnostics)


def test_every_code_is_on_the_page() -> None:
    assert re.findall(r"^\| (W\d+) \|", _PAGE, re.MULTILINE) == list(LENIENCIES)
    sources = Path(translate.__code__.co_filename).parent.glob("dialect0*.py")
    used = {code for path in sources for code in re.findall(r'"(E4\d\d)"', path.read_text())}
    assert sorted(used) == [code for code, _, _ in _ERRORS]

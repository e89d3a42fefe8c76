"""Every code is documented with a bad example, the message it gives, and a mended example that loads."""

import re
from pathlib import Path

import pytest
from documented import provide

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```xml\n(.*?)\n```\n\n```text\n(.*?)\n```\n\nMended:\n\n```xml\n(.*?)\n```", re.DOTALL)
SECTIONS = re.findall(r"^### ([EW]\d{3}): [^\n]+\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
EXAMPLES = [
    pytest.param(code, *example, id=f"{code}-{i}")
    for code, section in SECTIONS
    for i, example in enumerate(EXAMPLE.findall(section))
]


@pytest.fixture(autouse=True)
def _documented(monkeypatch, tmp_path):
    provide(monkeypatch, tmp_path)


@pytest.mark.parametrize(("code", "bad", "message", "mended"), EXAMPLES)
def test_example(code, bad, message, mended):
    if code.startswith("E"):
        with pytest.raises(ModelError) as caught:
            load_model("leak.xml", bad)
        lines = str(caught.value).splitlines()
    else:
        lines = [str(warning) for warning in load_model("leak.xml", bad).warnings]
    assert [f"[{code}]" in line for line in lines] == [True]
    assert lines == [message]
    assert load_model("leak.xml", mended).warnings == ()


def test_every_code_has_an_example():
    source = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "dsl").glob("*.py")))
    codes = set(re.findall(r'"([EW]\d{3})"', source))
    translation = {code for code in codes if code[1] in "34"}
    assert len(codes - translation) > 35
    examples = {parameters.values[0] for parameters in EXAMPLES}
    # An unreadable file has no text to show.
    assert codes - translation == examples | {"E001"}


def test_no_example_is_left_out():
    assert PAGE.count("```xml") == 2 * len(EXAMPLES)
    assert {code for code, _ in SECTIONS} == {parameters.values[0] for parameters in EXAMPLES} | {"E001"}

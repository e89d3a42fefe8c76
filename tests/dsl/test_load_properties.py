"""Any damage to a model's file gives a model or a list of errors, never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

SEED = """<Model name="m">
  <Parameter name="p" value="1, 2" size="2"/>
  <DerivedParameter name="q" value="2 * p[0]"/>
  <StateVariable name="x" initial="0, 1" lower="0"/>
  <Coupling name="c" pre="x_j - x" post="q * gx"/>
  <Function name="F" arguments="a, b"><DerivedVariable name="u" value="a * b"/><Return value="u"/></Function>
  <Dynamics>
    <ConditionalDerivedVariable name="w"><Case condition="x &gt; 0" value="1"/><Case value="2"/>
    </ConditionalDerivedVariable>
    <TimeDerivative variable="x" value="w + c + F(x, p[1]) + diff(F(x, 1), a)"/>
  </Dynamics>
  <Noise variable="x" sigma="q"/>
  <Exposure name="x"/>
</Model>"""
INSERTED = [*'<>"&/= x0-(),\né', "_j", "<Case/>", "&#0;", "<!DOCTYPE x>"]
WORDS = [
    *"xpqFcuat0",
    *("x_j", "gx", "inf", "nan", "value", "name", "variable", "condition", "Case", "Model", "StateVariable"),
    *("", "1 / 0", "a, b", "p[9]", "diff"),
]


def load_or_refuse(content):
    try:
        model = load_model("m.xml", content)
    except ModelError as error:
        assert error.diagnostics
        for diagnostic in error.diagnostics:
            assert diagnostic.severity == "error"
            assert "\n" not in str(diagnostic)
            assert len(str(diagnostic)) < 500
    else:
        assert isinstance(model, Model)
        assert model.hash


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_characters_removed_and_inserted(data):
    text = SEED
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(st.sampled_from(INSERTED)) + text[start + length :]
    load_or_refuse(text)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_words_exchanged(data):
    parts = SEED.replace('"', ' " ').split(" ")
    for _ in range(data.draw(st.integers(1, 5))):
        parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.sampled_from(WORDS))
    load_or_refuse(" ".join(parts).replace(' " ', '"'))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SEED.splitlines()[1:-1]), st.integers(0, 13)), max_size=6))
def test_lines_moved_and_repeated(changes):
    lines = SEED.splitlines()
    for line, position in changes:
        lines.insert(position, line)
        del lines[(position * 7) % len(lines)]
    load_or_refuse("\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_content(content):
    load_or_refuse(content)

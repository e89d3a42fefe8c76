"""What a mistyped name probably meant, and which names cannot be declared."""

import pytest

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.identifiers import did_you_mean, refusal, short
from rateloom.dsl.load import load_model
from rateloom.dsl.operations import symbol

STATE = '<StateVariable name="x" initial="0"/>'
DYNAMICS = '<Dynamics><TimeDerivative variable="x" value="-x"/></Dynamics>'


@pytest.mark.parametrize(
    ("name", "candidates", "meant"),
    [
        ("tua", ["tau", "eta"], "tau"),
        ("TAU", ["tua", "tau"], "tau"),
        ("global_couplin", ["G", "global_coupling"], "global_coupling"),
        ("q", ["tau", "eta"], None),
        ("tau", [], None),
        ("x" * 100, ["x" * 99], None),
        ("d1", [f"d{i}" for i in range(2, 1000)], None),
    ],
)
def test_did_you_mean(name, candidates, meant):
    expected = f"; did you mean '{meant}'?" if meant else ""
    assert did_you_mean(name, candidates) == expected
    assert did_you_mean(name, iter(candidates[::-1])) == expected


@pytest.mark.parametrize("name", ["tau", "x1", "a_b", "lambda", "Exp", "T", "j", "x" * 64])
def test_names_that_can_be_declared(name):
    assert refusal(name) is None


@pytest.mark.parametrize(
    "name", ["", "1x", "_x", "x-y", "x y", "x\n", "é", "x" * 65, "x_j", "t", "exp", "and"]
)
def test_names_that_cannot(name):
    assert refusal(name)


def test_short():
    assert short("a\n  b") == "a b"
    assert len(short("x" * 1000)) == 60


@pytest.mark.parametrize(
    "name",
    (
        *("lambda", "for", "class", "None", "True", "print", "int", "float", "double", "struct", "auto"),
        *("threadIdx", "device__", "restrict", "beta", "gamma", "zeta", "Symbol", "numpy", *"SIENQOT"),
    ),
)
def test_words_of_other_languages_are_names(name):
    text = (
        f'<Model name="{name}"><Parameter name="{name}2" value="1"/>'
        f'<StateVariable name="{name}" initial="0"/><Coupling name="c" pre="{name}_j"/>'
        f'<Dynamics><TimeDerivative variable="{name}" value="c - {name} * {name}2"/></Dynamics></Model>'
    )
    model = load_model("m.xml", text)
    assert model.time_derivatives[0].value == symbol("c") - symbol(name) * symbol(f"{name}2")
    assert model.couplings[0].pre == symbol(f"{name}_j")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("t", "the time"),
        ("dt", "the integration step"),
        ("n_node", "the number of nodes"),
        ("pi", "the number pi"),
        ("inf", "infinity"),
        ("gx", "the coupled sum"),
        ("exp", "the function exp"),
        ("pow", "the function pow"),
        ("diff", "the function diff"),
        ("speed", "conduction speed"),
        ("node", "dimension"),
        ("x y", "letters, digits"),
        ("_x", "letters, digits"),
        ("__x", "letters, digits"),
        ("2x", "letters, digits"),
        ("é", "letters, digits"),
        ("", "letters, digits"),
        ("x" * 65, "at most 64"),
    ],
)
def test_refused_names(name, reason):
    with pytest.raises(ModelError) as caught:
        load_model("m.xml", f'<Model name="m"><Parameter name="{name}" value="1"/>{STATE}{DYNAMICS}</Model>')
    messages = str(caught.value).splitlines()
    assert len(messages) == 1
    assert "E106" in messages[0]
    assert reason in messages[0]

"""What a mistyped name probably meant, and which names cannot be declared."""

import pytest

from rateloom.dsl.names import did_you_mean, refusal, short


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

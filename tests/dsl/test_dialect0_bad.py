"""Translating RateML's dialect: what is bad in a file is refused, all at once, with its place."""

from __future__ import annotations

import pytest
from dialect0_files import COUPLING, NOISE, file, refused
from work import at_most

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model

# three times those for 9,000 elements; one for each pair of these would be more
CALLS = 10_000_000

_BAD = {
    "no derivatives": ('<Lems><ComponentType name="noise"/></Lems>', {"E401"}),
    "empty": ("<Lems/>", {"E401"}),
    "twice": (file(more='<ComponentType name="derivatives"/>'), {"E401"}),
    "stray component": (file(more='<ComponentType name="plasticity"/>'), {"E401"}),
    "component without a name": (file(more="<ComponentType/>"), {"E401", "E403"}),
    "no LEMS of RateML": ('<Lems><Include file="a.xml"/><Component id="a" type="b"/></Lems>', {"E401"}),
    "simulation": (file(more='<Simulation id="a"/>'), {"E402"}),
    "include in a component": (file(values='<Include file="/etc/passwd"/>'), {"E402"}),
    "events": (file(members="<OnStart/>"), {"E402"}),
    "value missing": (file(values='<Constant name="k"/>'), {"E403"}),
    "name missing": (file(values='<Constant value="1"/>'), {"E403"}),
    "unknown attribute": (file(values='<Constant name="k" value="1" unit="ms"/>'), {"E403"}),
    "range not a number": (file(values='<Parameter name="k" dimension="0, a"/>'), {"E404"}),
    "range infinite": (file(values='<Parameter name="k" dimension="0, inf"/>'), {"E404"}),
    "range of three": (file(values='<Parameter name="k" dimension="0, 1, 2"/>'), {"E404"}),
    "range missing": (file(values='<Parameter name="k"/>'), {"E404"}),
    "range huge": (file(values='<Parameter name="k" dimension="0, 1e999"/>'), {"E404"}),
    "domain": (file(values='<Constant name="k" value="1" dimension="from 0"/>'), {"E404"}),
    "no such state": (file(members='<TimeDerivative variable="dy" value="1"/>'), {"E405"}),
    "initial missing": (file(state=""), {"E403", "E406"}),
    "initial nan": (file(state='dimension="nan, 1"'), {"E406"}),
    "bounds": (file(state='dimension="0, 1" exposure="PI"'), {"E406"}),
    "index": (file(coupling=COUPLING.replace('n="x"', 'n="1"')), {"E407"}),
    "negative index": (file(coupling=COUPLING.replace('n="x"', 'n="-1"')), {"E407"}),
    "no result": (file(coupling='<Parameter name="x_j" dimension="0"/>'), {"E408"}),
    "post alone": (
        file(
            coupling='<DerivedParameter name="c" value="1"/><Dynamics>'
            '<DerivedVariable name="post" value="2"/></Dynamics>'
        ),
        {"E408"},
    ),
}


@pytest.mark.parametrize(("text", "expected"), _BAD.values(), ids=list(_BAD))
def test_bad_files(text: str, expected: set[str]) -> None:
    assert set(refused(text)) == expected


def test_all_errors_come_at_once_with_their_lines() -> None:
    text = file(values='\n<Parameter name="k" dimension="?"/>\n<Text/>').replace('"dx"', '"dy"')
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", text)
    assert [(d.where.line, d.code) for d in caught.value.diagnostics] == [
        (2, "E404"),
        (3, "E402"),
        (3, "E405"),
    ]


def test_errors_of_expressions_have_the_lines_of_the_file() -> None:
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", file(members='\n\n<DerivedVariable name="y" value="2 * q"/>', derivative="y"))
    (error,) = caught.value.diagnostics
    assert (error.where.line, error.code) == (3, "E101")


@pytest.mark.parametrize(
    "text",
    [
        file(derivative="{" * 9000 + "x" + "}" * 900),
        file(derivative="{" * 200_000 + "x"),
        file(derivative="1" * 200_000 + "f"),
        file(derivative="{x^" * 3000 + "x" + "}" * 3000),
        file(values='<Constant name="k" value="{9^{9^{9^9}}}"/>', derivative="k"),
        pytest.param(
            file(values='<Constant name="k" value="1"/><Constant name="k" value="2"/>' * 4000),
            marks=pytest.mark.slow,
        ),
        file(members='<TimeDerivative variable="dq" value="1"/>' * 5000),
        file(more='<ComponentType name="coupling"/>' * 9000),
        pytest.param(
            file(values='<DerivedParameter name="nsig" value="1"/>' * 9000, more=NOISE),
            marks=pytest.mark.slow,
        ),
        file(state='dimension="' + "1," * 100_000 + '1"'),
    ],
    ids=range(10),
)
def test_refusing_what_is_huge_is_little_work(text: str) -> None:
    with at_most(calls=CALLS), pytest.raises(ModelError) as caught:
        load_model("one.xml", text)
    assert max(map(len, str(caught.value).splitlines())) < 300

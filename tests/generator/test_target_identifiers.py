"""Names of a program's values, and the identifiers that a target makes of them."""

import itertools

import pytest
import sympy
from printing import lowered, scheduled

from rateloom.dsl.operations import symbol
from rateloom.dsl.parser import parse_expression
from rateloom.generator.ir.names import Names
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.targets.identifiers import Identifiers


def test_names_are_given_once():
    graph, names = Graph(), Names()
    wishes = ["G", "g", "P[3]", "P_3", "rate", "rate"]
    given = [names.give(graph.leaf(str(i), Depends.NODE), wish) for i, wish in enumerate(wishes)]
    assert given == ["G", "g", "P_3", "P_3_2", "rate", "rate_2"]


def test_a_target_changes_the_names_that_it_reserves_and_no_others():
    identifiers = Identifiers(frozenset({"lane", "words_"}), {"lane", "lane_", "words_3", "words", "x"})
    given = identifiers.all(["lane", "lane_", "words_3", "words", "x", "lane"])
    assert given == ["lane__", "lane_", "words_3_", "words", "x", "lane__"]


@pytest.mark.parametrize(
    ("name", "taken"), list(itertools.product(["words", "words_", "words_2", "updated"], [(), ("updated",)]))
)
def test_an_identifier_is_always_found(name, taken):
    reserved = frozenset({"words", "words_", "updated_"})
    identifiers = Identifiers(reserved, {name, *taken})
    identifier = identifiers(name)
    assert identifier not in reserved
    assert identifier == identifiers(name)
    assert identifier == name or identifier not in {name, *taken}


def test_unnamed_values_are_named_by_what_they_are():
    for source, name in [
        ("exp(x)", "exp_x"),
        ("x * x", "x_squared"),
        ("1 / x", "inverse_x"),
        ("sqrt(x)", "root_x"),
    ]:
        _, node = lowered(parse_expression(f"sin({source}) + {source}"))
        assert scheduled([node]).statements[0].name == name
    assert sympy.Symbol("x") == symbol("x")

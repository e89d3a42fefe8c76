"""docs/measures.md names every measure and every setting, with its default."""

import dataclasses
from pathlib import Path

import pytest
from measure_cases import context

from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.item import names_of
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.selection import FAMILIES
from rateloom.drivers.terminal.options import named

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "measures.md").read_text()
ALL = dataclasses.replace(context(), weights=1, tract_lengths=1, network=1)


@pytest.mark.parametrize("name", names_of(ALL))
def test_every_measure_is_described(name):
    assert isinstance(ALL, Context)
    assert f"`{name.removesuffix('_all')}`" in PAGE


def test_every_family_is_listed_in_docs_and_help():
    (option,) = named("measures")
    for family in FAMILIES:
        assert f"| `{family}` |" in PAGE
        assert family in option.help


@pytest.mark.parametrize("field", dataclasses.fields(MeasureSettings), ids=lambda field: field.name)
def test_every_setting_is_described_with_its_default(field):
    default = field.default
    if isinstance(default, int | float):
        assert f"`{field.name}={default:g}`" in PAGE
    else:
        assert f"`{field.name}" in PAGE

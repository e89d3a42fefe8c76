"""The starter model."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model
from rateloom.dsl.scaffold import new_model


def test_the_starter_loads_without_warnings_under_its_name() -> None:
    model = load_model("mine.xml", new_model("mine"))
    assert model.name == "mine"
    assert model.warnings == ()
    assert [p.name for p in model.parameters] == ["tau", "a", "b", "I", "G", "nsig"]
    assert [e.name for e in model.exposures] == ["v", "activity"]


def test_the_starter_is_fitzhugh_nagumo() -> None:
    model = load_model("mine.xml", new_model("mine"))
    values = {p.name: p.values[0] for p in model.parameters}
    values |= {"rate": 1 / values["tau"], "v": 0.3, "w": -0.2, "c": 0.05, "cubic": 0.3 - 0.3**3 / 3}
    dv, dw = (
        float(d.value.subs({sympy.Symbol(k): v for k, v in values.items()})) for d in model.time_derivatives
    )
    np.testing.assert_allclose(dv, 0.3 - 0.009 + 0.2 + 0.4 + 0.05, rtol=1e-15)
    np.testing.assert_allclose(dw, (0.3 + 0.7 + 0.8 * 0.2) / 12.5, rtol=1e-15)


@pytest.mark.parametrize(
    "name", ["", "1st", "my-model", "a b", "../x", "exp", "x_j", "é", 'a"', "a" * 100, "{x}"]
)
def test_bad_names_are_refused_in_one_line(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        new_model(name)
    assert len(str(caught.value).splitlines()) == 1
    assert {d.code for d in caught.value.diagnostics} == {"E106"}


@pytest.mark.parametrize("name", ["lambda", "class", "int", "mine2", "My_Model"])
def test_other_names_load(name: str) -> None:
    assert load_model(f"{name}.xml", new_model(name)).name == name

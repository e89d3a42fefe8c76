"""Small files in RateML's dialect, put together of parts, and what comes of them."""

from __future__ import annotations

import pytest

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.dialect0_leniencies import LENIENCIES
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

SPEED = '<DerivedParameter name="rec_speed_dt" value="1 / 2.0f / dt"/>'
NOISE = '<ComponentType name="noise"/>'
COUPLING = (
    '<Parameter name="x_j" dimension="x"/><DerivedParameter name="c" value="{factor}"/>'
    '<Dynamics><DerivedVariable name="pre" value="{pre}"/>'
    '<DerivedVariable name="post" value="{post}"/></Dynamics>'
)


def file(
    values: str = "",
    state: str = 'dimension="0, 1" exposure=""',
    members: str = "",
    derivative: str = "-x",
    coupling: str = "",
    more: str = "",
    exposure: str = '<Exposure name="x" dimension=""/>',
) -> str:
    """A small file with parts put in; ``x`` is its state."""
    component = f'<ComponentType name="coupling_one">{coupling}</ComponentType>' if coupling else ""
    return (
        f'<Lems><ComponentType name="derivatives">{values}{exposure}<Dynamics>'
        f'<StateVariable name="x" {state}/>{members}<TimeDerivative variable="dx" value="{derivative}"/>'
        "</Dynamics></ComponentType>"
        f"{component}{more}</Lems>"
    )


def load(**parts: str) -> Model:
    return load_model("some/one.xml", file(**parts))


def codes(model: Model) -> list[str]:
    return [w.code for w in model.warnings if w.code in LENIENCIES]


def refused(text: str) -> list[str]:
    with pytest.raises(ModelError) as caught:
        load_model("one.xml", text)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.diagnostics)
    return [d.code for d in caught.value.diagnostics]


def coupled(pre: str = "x_j", post: str = "1.0", factor: str = "None", **parts: str) -> Model:
    text = COUPLING.replace("{factor}", factor).replace("{pre}", pre).replace("{post}", post)
    parts["values"] = parts.get("values", "") + SPEED
    return load(coupling=parts.pop("before", "") + text, derivative="c - x", **parts)

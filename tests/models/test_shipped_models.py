"""The shipped models say what TVB and their papers say."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parity_comparison import MODELS, model_of
from tvb_reference import CASES, Case, coupling, models, tvb76

from rateloom import oracle
from rateloom.api import loading
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model, Parameter

# Their parity, defaults and behaviour are tests/adex's.
TRANSFER_FUNCTION_MODELS = {"adex_vast", "zerlaut_first_order", "zerlaut_second_order"}
# TVB has it as an analyzer: tests/drivers/test_bold.py.
HAEMODYNAMIC_MODELS = {"balloon"}
NAMES = sorted(path.stem for path in MODELS.glob("*.xml"))
WITH_TVB_CLASS = [name for name in NAMES if name not in TRANSFER_FUNCTION_MODELS | HAEMODYNAMIC_MODELS]
LARGEST = np.finfo(float).max
ONE_CASE_EACH = tuple({case.model: case for case in CASES}.values())

each_name = pytest.mark.parametrize("name", NAMES)
each_plain_name = pytest.mark.parametrize("name", WITH_TVB_CLASS)
each_case = pytest.mark.parametrize("case", ONE_CASE_EACH, ids=lambda case: case.model)

# Parameters that TVB declares but that enter none of its equations.
UNUSED_IN_TVB = {
    "montbrio": {"Gamma"},
    "jansen_rit": {"p_min", "p_max"},
    "reduced_wong_wang": {"sigma_noise"},
    "epileptor": {"s"},
}
# From anywhere in TVB's range, up to 5, the cubic term overflows within a few steps of 0.1 ms.
OTHER_INITIAL = {"stuart_landau": (-1.0, 1.0)}
# What rateloom adds: the coupling's scale, and the noise that TVB keeps in its integrator.
ADDED = {"G", "nsig"}


def shipped(name: str) -> Model:
    return load_model(MODELS / f"{name}.xml")


def tvb_parameters(case: Case) -> dict[str, Any]:
    kind = getattr(models, case.tvb)
    declared = {name: getattr(kind, name) for name in kind.declarative_attrs}
    numbers = {name: a for name, a in declared.items() if getattr(a, "default", None) is not None}
    skipped = UNUSED_IN_TVB.get(case.model, set())
    return {n: a for n, a in numbers.items() if isinstance(a.default, np.ndarray) and n not in skipped}


def parameter(model: Model, name: str) -> Parameter:
    return next(p for p in model.parameters if p.name == name)


def test_every_model_has_a_case() -> None:
    assert len(NAMES) == 14
    assert set(WITH_TVB_CLASS) == {case.model for case in ONE_CASE_EACH}


@each_name
def test_loads_without_warnings_and_is_described(name: str) -> None:
    model = shipped(name)
    assert model.warnings == ()
    assert model.name == name
    assert len(model.description.split()) > 15
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", r.doi) and r.citation for r in model.references)
    assert model.references
    for part in (*model.parameters, *model.state_variables, *model.couplings, *model.exposures):
        assert part.description, part.name


@each_plain_name
def test_every_model_has_a_global_coupling_and_noise(name: str) -> None:
    model = shipped(name)
    assert parameter(model, "G").minimum == 0
    assert parameter(model, "nsig").values[0] > 0
    assert model.noises and all(str(noise.sigma.free_symbols) == "{nsig}" for noise in model.noises)


@each_plain_name
def test_defaults_run_without_diverging(name: str) -> None:
    weights, lengths = tvb76()
    run = oracle.simulate(
        shipped(name), weights, lengths, steps=300, dt=0.1, speed=3.0, integrator="heun", noise=True
    )
    assert np.isfinite(run["states"]).all()
    assert all(np.ptp(series[-1]) > 0 for series in run["raw"].values())


@each_case
def test_parameters_have_tvbs_names_and_defaults(case: Case) -> None:
    model, tvb = model_of(case), tvb_parameters(case)
    extra = ADDED | set(case.renamed)
    assert {p.name for p in model.parameters} - extra == set(tvb) - extra
    for name, attribute in tvb.items():
        assert parameter(model, name).values == (float(attribute.default[0]),), name


@each_case
def test_parameters_have_tvbs_ranges(case: Case) -> None:
    model = model_of(case)
    for name, attribute in tvb_parameters(case).items():
        ours, domain = parameter(model, name), attribute.domain
        if attribute.default.dtype == bool:
            assert (ours.minimum, ours.maximum) == (0, 1)
        elif domain is None:
            assert (ours.minimum, ours.maximum) == (None, None), name
        else:
            assert (ours.minimum, ours.maximum) == (domain.lo, domain.hi), name


@each_case
def test_coupling_parameters_have_tvbs_defaults(case: Case) -> None:
    kind = getattr(coupling, case.coupling)
    for ours, theirs in case.renamed.items():
        attribute = getattr(kind, theirs)
        value = parameter(model_of(case), ours)
        assert value.values == (float(attribute.default[0]),)
        assert (value.minimum, value.maximum) == (attribute.domain.lo, attribute.domain.hi)


@each_case
def test_states_have_tvbs_names_ranges_and_boundaries(case: Case) -> None:
    model, kind = model_of(case), getattr(models, case.tvb)
    assert [state.name for state in model.state_variables] == list(kind.state_variables)
    bounds = kind.state_variable_boundaries
    bounds = bounds.default if hasattr(bounds, "default") and bounds.default else {}
    for state in model.state_variables:
        expected = OTHER_INITIAL.get(case.model, kind.state_variable_range.default[state.name])
        np.testing.assert_allclose(state.initial, expected, rtol=1e-15)
        # Configuring a model makes TVB write the largest double over an infinite bound, in the class itself.
        low, high = np.clip(bounds.get(state.name, (-np.inf, np.inf)), -LARGEST, LARGEST)
        assert (-LARGEST if state.lower is None else state.lower) == low
        assert (LARGEST if state.upper is None else state.upper) == high


@each_case
def test_exposures_are_tvbs_default_variables_of_interest(case: Case) -> None:
    model = model_of(case)
    default = getattr(models, case.tvb).variables_of_interest.default
    # beside them, the sine of kuramoto's phase: measures take no angles
    assert len(model.exposures) == len(default) + (model.name == "kuramoto")
    for exposure, theirs in zip(model.exposures, default, strict=False):
        assert str(exposure.value).replace(" ", "") in (theirs.replace(" ", ""), "-x1+x2")


@each_name
def test_its_file_alone_makes_a_model(name: str) -> None:
    # so that it need not be read again while the file stays as it is
    text = (MODELS / f"{name}.xml").read_text("utf-8")
    assert not re.search(r"\b(plugin|numba|cuda)\s*=", text)


def test_a_shipped_model_is_read_again_when_its_file_has_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loading, "_folder", lambda: tmp_path)
    text = (MODELS / "linear.xml").read_text("utf-8")
    path = tmp_path / "linear.xml"
    path.write_text(text, "utf-8")
    before = loading.load("linear")
    assert loading.load("linear") is before
    path.write_text(text.replace('value="-10"', 'value="-20"'), "utf-8")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert loading.load("linear").parameters != before.parameters

"""Every shipped model on both targets that need no GPU, and what a regression is made of."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rateloom import InputError, connectome, load
from rateloom.api.generation import code_for
from rateloom.api.loading import shipped_models
from rateloom.drivers.model.artifact import ModelCode
from rateloom.drivers.planning.settings import DTYPES, Settings
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model
from rateloom.regression import FREE_RUN, ONE_STEP, regress
from rateloom.regression.reference_runs import run_oracle
from rateloom.regression.regression import default_speed
from rateloom.regression.scenario import axis_of, fully_exposed, make_scenario

STEPS, WORK_ITEMS = 16, 2
# (integrator, dtype, noise): any two values meet in one of these.
COMBINATIONS = [
    ("heun", "float64", True), ("heun", "float32", False),
    ("euler", "float32", True), ("euler", "float64", False),
]  # fmt: skip
# Each compiles for both targets. By default every value of a combination has a model; other tests hold
# kernels of all models against the oracle, and every model's CUDA source against golden results.
DEFAULT_ROWS = [("montbrio", *COMBINATIONS[0]), ("wilson_cowan", *COMBINATIONS[3])]
# Two of each model, in turn: bits of the two targets are compared for all schemes and precisions elsewhere.
ALL_ROWS = [
    (name, *row)
    for k, name in enumerate(shipped_models())
    for row in (COMBINATIONS[0::3] if k % 2 else COMBINATIONS[1:3])
]
ALL_ROWS = list(dict.fromkeys([*DEFAULT_ROWS, *ALL_ROWS]))
ROWS = [row if row in DEFAULT_ROWS else pytest.param(*row, marks=pytest.mark.slow) for row in ALL_ROWS]

GROWING = """
<Model name="growing">
  <Parameter name="P" size="2" value="2, 0.5"/>
  <Input name="push" default="0"/>
  <StateVariable name="x" initial="3"/> <StateVariable name="y" initial="0" lower="0"/>
  <Coupling name="c" pre="x_j" post="0.01 * gx"/>
  <Dynamics>
    <TimeDerivative variable="x" value="P[0] * x * abs(x) + push"/>
    <TimeDerivative variable="y" value="c - P[1] * y"/>
  </Dynamics>
  <Exposure name="sum" value="x + y"/>
</Model>"""


def model_of(text: str = GROWING) -> Model:
    return load_model("model.xml", text)


def settings_of(**changes: Any) -> Settings:
    given = {"duration": STEPS * 0.1, "speed": np.inf, "calibrate": False, "seed": 3}
    return Settings(**{**given, **changes})


@pytest.mark.parametrize(("name", "integrator", "dtype", "noise"), ROWS)
def test_targets_agree_with_each_other_and_with_the_oracle(
    name: str, integrator: str, dtype: str, noise: bool
) -> None:
    found = regress(
        name, integrator=integrator, dtype=dtype, noise=noise, steps=STEPS, work_items=WORK_ITEMS, seed=7
    )
    assert {d.targets for d in found.differences} == {
        ("numba", "emulated"), ("numba", "oracle"), ("emulated", "oracle")
    }  # fmt: skip
    assert {s.name for s in load(name).state_variables} <= {d.variable for d in found.differences}
    for d in found.differences:
        assert d.step_relative <= ONE_STEP[dtype] and d.mean_squared <= FREE_RUN, d
    assert found.within


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dtype"), list(zip(sorted(shipped_models()), itertools.cycle(DTYPES), strict=False))
)
def test_four_hundred_steps(name: str, dtype: str) -> None:
    # the oracle interprets, and these have by far the most operations
    work_items = 1 if name in {"adex_vast", "zerlaut_second_order"} else 2
    found = regress(name, dtype=dtype, noise=True, steps=400, work_items=work_items)
    for d in found.differences:
        print(name, d)
    assert found.within


RATEML = Path(__file__).parents[3] / "shared" / "rateml"
# these two are broken themselves
RATEML_FILES = sorted(p for p in RATEML.glob("*.xml") if p.stem not in {"zerlaut", "model_template"})


@pytest.mark.slow
@pytest.mark.skipif(not RATEML_FILES, reason="RateML's files are not at ../shared/rateml")
@pytest.mark.filterwarnings("ignore::rateloom.dsl.diagnostics.ModelWarning")
@pytest.mark.parametrize(
    ("path", "row"), list(zip(RATEML_FILES, itertools.cycle(COMBINATIONS), strict=False)), ids=str
)
def test_targets_agree_on_rateml_files(path: Path, row: tuple[str, str, bool]) -> None:
    integrator, dtype, noise = row
    # RateML's epileptor blows up in longer runs, by its own equations
    settings = {"integrator": integrator, "dtype": dtype, "noise": noise, "dt": 0.01}
    found = regress(path, steps=STEPS, work_items=WORK_ITEMS, seed=7, **settings)
    for d in found.differences:
        assert d.step_relative <= ONE_STEP[dtype] and d.mean_squared <= FREE_RUN, d


def test_combinations_are_pairwise() -> None:
    for a, b in itertools.combinations(range(3), 2):
        assert len({(row[a], row[b]) for row in COMBINATIONS}) == 4


def test_a_target_with_a_wrong_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CUDA source is that of a model whose equation is wrong by a tenth."""

    def mistaken(made: Model, backend: str, integrator: str) -> ModelCode:
        (right,) = made.time_derivatives
        wrong = replace(right, value=1.1 * right.value) if backend == "emulated" else right
        return code_for(replace(made, time_derivatives=(wrong,)), backend, integrator=integrator)

    monkeypatch.setattr("rateloom.regression.regression.code_for", mistaken)
    found = regress("linear", dtype="float64", steps=STEPS, work_items=WORK_ITEMS)
    by_pair = {d.targets: d for d in found.differences}
    assert not found.within
    assert by_pair["numba", "oracle"].within
    for pair in (("numba", "emulated"), ("emulated", "oracle")):
        assert by_pair[pair].step_first_beyond == 0 and by_pair[pair].first_beyond is not None
        assert by_pair[pair].step_relative > 1e-6 and not by_pair[pair].within


def test_inputs_vectors_and_states_without_a_range_are_part_of_it() -> None:
    text = GROWING.replace("2, 0.5", "-1, 0.5")
    found = regress(model_of(text), ["emulated"], dtype="float64", steps=STEPS, work_items=3)
    assert found.within and found.axis == "P[0]" and found.work_items == 3
    series = found.series["oracle"]
    assert set(series) == {"x", "y", "sum"}
    # nodes and work items start apart
    assert np.unique(series["x"][:, 0]).size == series["x"][:, 0].size


def test_restarts_go_through_all_steps_and_work_items_and_are_the_free_run_without_noise() -> None:
    job = make_scenario(load("montbrio"), connectome("synthetic:5"), settings_of(noise=False, speed=20.0), 3)
    reference = run_oracle(job, lambda amount: None)
    assert [restart.item for restart in reference.restarts] == [n % 3 for n in range(STEPS)]
    for name, free in reference.free.items():
        expected = [free[n % 3, n] for n in range(STEPS)]
        np.testing.assert_array_equal(reference.stepped[name], expected)


@pytest.mark.parametrize(
    ("parameters", "name", "values"),
    [
        ('<Parameter name="a" value="3"/><Parameter name="G" value="2"/>', "G", [1.6, 2.0, 2.4]),
        ('<Parameter name="a" value="-3"/>', "a", [-3.6, -3.0, -2.4]),
        ('<Parameter name="a" size="2" value="5, 1"/>', "a[0]", [4.0, 5.0, 6.0]),
        ('<Parameter name="G" value="0" max="10"/>', "G", [0.0, 1.0, 2.0]),
        ('<Parameter name="G" value="0"/>', "G", [0.0, 0.1, 0.2]),
        ("", "speed", [8.0, 10.0, 12.0]),
    ],
)
def test_what_work_items_differ_in(parameters: str, name: str, values: list[float]) -> None:
    text = f"""<Model name="m">{parameters}<StateVariable name="x" initial="0"/>
      <Dynamics><TimeDerivative variable="x" value="-x"/></Dynamics><Exposure name="x"/></Model>"""
    axis = axis_of(model_of(text), 3, 10.0)
    assert axis.name == name
    np.testing.assert_allclose(axis.values, values, rtol=1e-14)
    assert axis_of(model_of(text), 1, 10.0).values.size == 1


def test_initial_states_become_ranges_within_their_bounds() -> None:
    x, y = fully_exposed(model_of()).state_variables
    assert x.initial == pytest.approx((2.4, 3.6), rel=1e-14)
    assert y.initial == (0.0, 1e-4)
    assert fully_exposed(load("linear")).state_variables[0].initial == (-1.0, 1.0)


def test_the_longest_delay_is_a_quarter_of_the_run() -> None:
    brain = connectome("synthetic:16")
    longest = brain.tract_lengths[brain.weights > 0].max()
    assert default_speed(brain, 40.0) == pytest.approx(longest / 10)
    assert default_speed(connectome("synthetic:1"), 40.0) == np.inf


@pytest.mark.filterwarnings("ignore::rateloom.drivers.runs.divergence.DivergenceWarning")
def test_a_model_that_diverges_is_said_to() -> None:
    with pytest.raises(InputError, match=r"growing diverges: work item 0 \(P\[0\] = 1.6\).* step \d+, "):
        regress(model_of(), ["emulated"], steps=STEPS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": ["numba", "opencl"]}, "target 'opencl' is unknown; use one of numba, cuda"),
        ({"targets": []}, "give a list of numba, cuda"),
        ({"targets": "numba"}, "give a list of numba, cuda"),
        ({"steps": 0}, "steps=0: it must be a whole number from 1"),
        ({"steps": 10**9}, "steps=1000000000: it must be"),
        ({"work_items": 1.5}, "work_items=1.5: it must be"),
        ({"dt": float("nan")}, "dt=nan ms: it must be above zero"),
        ({"speed": -1.0}, "speed=-1 mm/ms: it must be above zero"),
        ({"dtype": "float16"}, "dtype='float16' is unknown"),
        ({"integrator": "leapfrog"}, "integrator='leapfrog' is unknown"),
        ({"seed": -1}, "seed=-1: it must be"),
        ({"connectome": "nowhere.zip"}, "nowhere.zip"),
    ],
)
def test_what_cannot_be_used_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        regress("linear", **{"targets": ["emulated"], **changes})
    assert "\n" not in str(caught.value)

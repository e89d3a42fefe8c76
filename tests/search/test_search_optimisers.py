"""Every sampler on functions with known optima, one speed a lane block, and failed trials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from search_cases import CONNECTOME, HOW, bowl, search

import rateloom
from rateloom.api.searches import _lanes
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

FREE: dict[str, Any] = {"a": (-1.0, 1.0), "b": (0.0, 1.0)}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bowl(tmp_path_factory.mktemp("bowl"))


@pytest.mark.parametrize(
    ("sampler", "near"),
    [
        ("tpe", 0.1),
        ("cmaes", 0.01),
        pytest.param("nsgaii", 0.1, marks=pytest.mark.slow),
        pytest.param("qmc", 0.2, marks=pytest.mark.slow),
        pytest.param("random", 0.3, marks=pytest.mark.slow),
    ],
)
def test_a_sampler_finds_the_optimum(sampler: str, near: float, model: Path) -> None:
    found = search(model, FREE, maximize="mean_near_all", sampler=sampler, trials=160)
    # the measure is the function that the model says, of the numbers that were asked for
    exact = -((found["a"] - 0.3) ** 2) - (found["b"] - 0.7) ** 2
    np.testing.assert_allclose(found["mean_near_all"], exact, atol=1e-12)
    best = found.isel(trial=found.attrs["best"][0])
    assert abs(float(best["a"]) - 0.3) < near and abs(float(best["b"]) - 0.7) < near
    assert found["mean_near_all"].values.argmax() == found.attrs["best"][0]
    assert np.all(np.diff(found["mean_near_all"].values[found.attrs["best"]]) <= 0)


def test_what_is_minimized_is_made_small(model: Path) -> None:
    found = search(model, FREE, minimize="max_near_all", trials=64)
    assert float(found["max_near_all"].min()) < -1.9  # -(1.3^2 + 0.7^2) is the least
    assert found["max_near_all"].values.argmin() == found.attrs["best"][0]


@pytest.mark.slow
def test_two_objectives_end_in_a_front(model: Path) -> None:
    both = ["mean_near_all", "mean_far_all"]
    found = search(model, FREE, maximize=both, sampler="nsgaii", trials=320, batch=40)
    assert json.loads(found.attrs["objectives"]) == dict.fromkeys(both, "maximize")
    front = found.isel(trial=found.attrs["best"])
    # what none beats in both lies between the two optima, a = -0.5 and a = 0.3, at b = 0.7
    assert len(front["trial"]) > 10
    assert np.abs(front["b"] - 0.7).max() < 0.1 and np.ptp(front["a"].values) > 0.5
    assert front["a"].min() > -0.6 and front["a"].max() < 0.4
    for other in range(found.sizes["trial"]):
        beats = [(found[name][other] > front[name]).values for name in both]
        assert not (beats[0] & beats[1]).any()


@pytest.mark.parametrize("sampler", ["tpe", "cmaes"])
def test_a_lane_block_has_one_speed_on_the_step(sampler: str, model: Path) -> None:
    free = FREE | {"speed": (1.0, 3.2, 0.5)}
    found = search(model, free, maximize="mean_near_all", sampler=sampler, trials=64, batch=None, lanes=4)
    speeds = found["speed"].values.reshape(-1, 4)
    assert (speeds == speeds[:, :1]).all()
    assert set(speeds.ravel()) <= {1.0, 1.5, 2.0, 2.5, 3.0} and len(set(speeds.ravel())) > 2
    assert len(set(found["a"].values)) == 64


def test_nodes_groups_and_maps_make_regional_parameters(model: Path) -> None:
    slope = np.array([0.0, 1.0, 2.0, -1.0])
    free = {
        "a": rateloom.Free(-1, 1, per="node"),
        "b": rateloom.Free(0, 1, maps={"slope": (slope, -0.1, 0.1)}),
        "P[1]": rateloom.Free(0, 5, per=["x", "y", "x", "y"]),
        "P[2]": (2.0, 4.0),
    }
    found = search(model, free, maximize="mean_near_all", trials=24)
    assert found["a"].dims == ("trial", "node")
    for k, label in enumerate(CONNECTOME.labels or ()):
        np.testing.assert_array_equal(found["a"][:, k], found[f"a@{label}"])
    np.testing.assert_array_equal(found["P[1]"], np.stack([found["P[1]@x"], found["P[1]@y"]] * 2, axis=1))
    exact = found["b~bias"].values[:, None] + found["b~slope"].values[:, None] * slope
    np.testing.assert_allclose(found["b"], exact, rtol=1e-15)
    near = -((found["a"] - 0.3) ** 2) - (found["b"] - 0.7) ** 2
    np.testing.assert_allclose(found["mean_near_all"], near.mean("node"), atol=1e-12)
    third = 1 + 10 * found["P[1]"].mean("node") + 100 * found["P[2]"]
    np.testing.assert_allclose(found["mean_third_all"], third, rtol=1e-12)


def test_a_trial_can_be_simulated_again_bit_for_bit() -> None:
    free = {
        "G": (0.001, 0.05), "gamma": rateloom.Free(-1, -0.2, per="node"), "speed": (1.0, 5.0, 1.0),
    }  # fmt: skip
    how: dict[str, Any] = {**HOW, "noise": True, "duration": 60.0, "dtype": "float32"}
    settings: dict[str, Any] = {"parameters": {"nsig": 0.02}, "initial": {"x": 0.5}}
    found = rateloom.search("linear", free, maximize="mean_FC_x", trials=16, **settings, **how)
    for number in (0, 5, found.attrs["best"][0]):
        again = rateloom.simulate("linear", connectome=CONNECTOME, **rateloom.trial(found, number))
        measured = rateloom.measures(again, CONNECTOME)
        for name in ("mean_FC_x", "std_x_all", "mean_x_all"):
            assert float(measured[name]) == float(found[name][number]), (number, name)
    assert len(set(found["mean_FC_x"].values)) == 16


def test_elements_of_vectors_are_set_again(model: Path) -> None:
    found = search(model, {"P[2]": (2.0, 4.0), "a": (0.0, 1.0)}, maximize="mean_near_all", trials=8)
    again = rateloom.simulate(model, connectome=CONNECTOME, **rateloom.trial(found, 3))
    assert float(again["third"].mean()) == pytest.approx(21 + 100 * float(found["P[2]"][3]), rel=1e-12)


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsgaii"])
def test_what_diverges_has_failed_and_disturbs_nothing(sampler: str, model: Path) -> None:
    free = {"a": (-1.0, 1.0), "lost": (0.0, 1.0)}
    with pytest.warns(UserWarning, match=r"\d+ of 48 work items diverged"):
        found = search(model, free, maximize="mean_near_all", sampler=sampler, trials=48, duration=40.0)
    lost = found["lost"].values > 0.5
    np.testing.assert_array_equal(found["diverged_step"].values >= 0, lost)
    np.testing.assert_array_equal(np.isnan(found["mean_near_all"].values), lost)
    assert sorted(found.attrs["best"]) == np.flatnonzero(~lost).tolist()


def test_seeds_repeat_and_differ(model: Path) -> None:
    def numbers(**how: Any) -> xr.DataArray:
        return search(model, FREE, maximize="mean_near_all", trials=24, **how)["a"]

    first = numbers()
    np.testing.assert_array_equal(first, numbers(threads=2))
    assert not np.isin(first, numbers(seed=8)).any()


@pytest.mark.slow
def test_a_device_searches_as_the_processor_does() -> None:
    if host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    free = {
        "G": (0.001, 0.05), "gamma": rateloom.Free(-1, -0.2, per="node"), "speed": (1.0, 5.0, 1.0),
    }  # fmt: skip
    how: dict[str, Any] = {**HOW, "noise": True, "duration": 30.0, "trials": 8, "maximize": "mean_FC_x"}
    device, processor = (
        rateloom.search("linear", free, backend=backend, **how) for backend in ("emulated", "numba")
    )
    # one batch: the same candidates, and sums in another order
    np.testing.assert_array_equal(device["gamma"], processor["gamma"])
    np.testing.assert_allclose(device["mean_FC_x"], processor["mean_FC_x"], rtol=1e-9)
    again = rateloom.simulate("linear", connectome=CONNECTOME, **rateloom.trial(device, 5))
    assert again.attrs["backend"] == "emulated"
    assert float(rateloom.measures(again, CONNECTOME)["mean_FC_x"]) == float(device["mean_FC_x"][5])


@pytest.mark.parametrize("batch", [4, np.int64(4)])
def test_lane_blocks_are_as_wide_as_the_batch(batch: Any) -> None:
    assert _lanes("numba", batch) == 4


def test_measures_of_bold_are_those_of_the_volumes_simulated_again() -> None:
    bold = rateloom.BoldSettings("x", tr=50.0, warm_up=100.0, parameters={"efficacy": [0.5, 1.0, 1.5, 2.0]})
    how: dict[str, Any] = {**HOW, "noise": True, "duration": 800.0, "measures": ["connectivity"]}
    free = {"G": (0.001, 0.05), "gamma": (-1.0, -0.2)}
    found = rateloom.search("linear", free, maximize="mean_FC_BOLD", trials=8, bold=bold, **how)
    assert [name for name in found.data_vars if str(name).startswith("mean_FC")] == ["mean_FC_BOLD"]
    for number in (0, found.attrs["best"][0]):
        again = rateloom.simulate("linear", connectome=CONNECTOME, **rateloom.trial(found, number))
        # the mean over pairs of Pearson's correlation, by NumPy, whose sums have another order
        exact = np.corrcoef(again["BOLD"].values.T)[np.tril_indices(4, -1)].mean()
        assert float(found["mean_FC_BOLD"][number]) == pytest.approx(exact, abs=1e-9)
    found.attrs["bold_model_hash"] = "another"
    with pytest.raises(
        rateloom.InputError, match="trial 3: its haemodynamic model balloon is not the shipped"
    ):
        rateloom.trial(found, 3)


def test_bold_signals_that_are_lost_are_said() -> None:
    # inflow stops: below x = -0.5 / efficacy there is none
    bold = rateloom.BoldSettings("x", tr=50.0, parameters={"efficacy": -1e3})
    how: dict[str, Any] = {**HOW, "duration": 800.0, "measures": ["connectivity"], "initial": {"x": 1.0}}
    with pytest.warns(UserWarning, match="8 of 8 work items did not diverge and have no measures of BOLD"):
        rateloom.search(
            "linear", {"gamma": (-0.1, -0.05)}, maximize="mean_FC_BOLD", trials=8, bold=bold, **how
        )

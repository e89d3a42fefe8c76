"""A list of work items: each is what it would be alone, whatever it shares its lane block with."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import N, simulate, sweep
from small_connectomes import middling
from special_models import DRIVEN, model_from

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.studies.item_tables import connected
from rateloom.drivers.studies.query import rows_of

N_ITEM = 11
RANDOM = np.random.default_rng(8)
# three speeds in no order, a number, elements of a vector, and a parameter with a value a node
VALUES: dict[str, Any] = {
    "speed": RANDOM.choice([20.0, 9.0, 14.5], N_ITEM),
    "G": RANDOM.uniform(0.1, 0.9, N_ITEM),
    "P[0]": RANDOM.uniform(-1.2, -0.8, N_ITEM),
    "P[1]": RANDOM.uniform(0.3, 0.6, N_ITEM),
    "P[2]": RANDOM.uniform(-0.3, -0.1, N_ITEM),
    "s": RANDOM.uniform(0.1, 0.5, (N_ITEM, N)),
}


def alone(k: int, **changes: Any) -> xr.Dataset:
    """Work item `k` by itself."""
    own = {name: given[k] for name, given in VALUES.items()}
    speed = float(own.pop("speed"))
    own["P"] = np.array([own.pop(f"P[{i}]") for i in range(3)])
    return simulate(speed=speed, parameters=own, item=k, **changes)


@pytest.mark.parametrize("backend", ["numba", "emulated"])
def test_a_list_is_its_work_items_alone_bit_for_bit(backend: str) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    how = {"backend": backend, "duration": 1.0}
    found = sweep(rateloom.work_items(VALUES), **how)
    assert found["x"].dims == ("item", "time", "node")
    for k in range(N_ITEM):
        expected = alone(k, **how)
        for name in expected.data_vars:
            np.testing.assert_array_equal(found[name][k].values, expected[name].values, err_msg=f"{name} {k}")
    assert np.ptp(found["x"].values, axis=0).min() > 0


def test_values_are_coordinates_of_the_result() -> None:
    found = sweep(rateloom.work_items(VALUES))
    assert found["item"].values.tolist() == list(range(N_ITEM))
    assert found["s"].dims == ("item", "node") and found["speed"].dims == ("item",)
    for name, given in VALUES.items():
        np.testing.assert_array_equal(found[name].values, given)
    assert found["speed"].attrs["unit"] == "mm/ms" and "speed" not in found.attrs


def test_a_list_of_a_grid_is_the_grid() -> None:
    axes = {"G": [0.2, 0.4, 0.6], "speed": [20.0, 9.0]}
    mesh = np.meshgrid(*axes.values(), indexing="ij")
    listed = {name: values.ravel() for name, values in zip(axes, mesh, strict=True)}
    grid, found = sweep(axes), sweep(rateloom.work_items(listed))
    for name in ("x", "y", "z", "diverged_step"):
        np.testing.assert_array_equal(found[name].values.ravel(), grid[name].values.ravel())


def test_measures_of_a_list_are_those_of_its_series(tmp_path: Any) -> None:
    items = rateloom.work_items({name: values for name, values in VALUES.items() if name != "speed"})
    how = {"period": 0.1, "duration": 5.0}
    path = tmp_path / "driven.xml"
    path.write_text(DRIVEN)
    expected = rateloom.measures(sweep(items, model=path, **how), middling())
    found = sweep(items, model=path, keep="measures", **how)
    np.testing.assert_array_equal(found["mean_FC_x"].values, expected["mean_FC_x"].values)
    assert np.isfinite(found["mean_FC_x"].values).all()
    kept = sweep(items, model=path, keep="measures", out=tmp_path / "study", **how)
    xr.testing.assert_equal(kept[list(found.data_vars)], found)
    rows = rows_of(tmp_path / "study", "SELECT item, G, mean_FC_x FROM work_items ORDER BY item")
    np.testing.assert_array_equal(rows["G"], VALUES["G"])
    np.testing.assert_array_equal(rows["mean_FC_x"], found["mean_FC_x"].values)


@pytest.mark.slow
def test_a_list_that_was_stopped_goes_on(tmp_path: Any) -> None:
    items = rateloom.work_items({"G": VALUES["G"], "seed": np.arange(N_ITEM) // 4})
    path, study = tmp_path / "driven.xml", tmp_path / "study"
    path.write_text(DRIVEN)
    how = {"model": path, "keep": "measures", "period": 0.1, "duration": 5.0}
    whole = sweep(items, out=study, **how)
    with connected(study) as tables:
        tables.execute("DELETE FROM work_items WHERE item % 3 = 1")
        tables.execute("DELETE FROM regions WHERE item % 3 = 1")
    shutil.rmtree(study / "measures.zarr")
    xr.testing.assert_equal(rateloom.resume(study, progress=False), whole)
    arrays = dict(np.load(study / "given.npz"))
    np.savez(study / "given.npz", **arrays | {"items.G": arrays["items.G"] + 1})
    with pytest.raises(rateloom.InputError, match=r"items\.G was changed"):
        rateloom.resume(study, progress=False)


@pytest.mark.parametrize("backend", ["numba", "emulated"])
def test_a_seed_of_the_axis_is_a_sweep_with_that_seed(backend: str) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    how = {"backend": backend, "duration": 1.0}
    values = {"G": [0.2, 0.4, 0.6]}
    before, after = sweep({"seed": [7, 0], **values}, **how), sweep({**values, "seed": [7, 0]}, **how)
    assert "seed" not in before.attrs and before["x"].dims[:2] == ("seed", "G")
    for seed in (7, 0):
        expected = sweep(values, seed=seed, **how)["x"].values
        np.testing.assert_array_equal(before["x"].sel(seed=seed).values, expected)
        np.testing.assert_array_equal(after["x"].sel(seed=seed).values, expected)
    assert (before["x"].sel(seed=7) != before["x"].sel(seed=0)).any(("time", "node")).all()


@pytest.mark.parametrize("seed", [-1, 0.5, 2.0**60])
def test_a_seed_is_a_whole_number(seed: float) -> None:
    with pytest.raises(rateloom.InputError, match=r"sweep seed: .* is no whole number from 0 to 2\*\*53"):
        sweep({"seed": [0, seed]})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "give a mapping of names to values"),
        ([0.1], "give a mapping of names to values"),
        ({"G": 0.1}, "one values of 'G'"),
        ({"G": []}, "0 values of 'G'"),
        ({"G": ["a"]}, "the values of 'G' must be numbers"),
        ({"G": [0.1, np.nan]}, "'G' has the value nan"),
        ({"G": [10**400]}, "the values of 'G' must be numbers"),
        ({"G": [0.1, 0.2], "s": [0.1]}, "2 values of G, 1 values of s; every parameter needs one"),
        ({"G": np.zeros((2, 3, 4))}, "2 x 3 x 4 values of 'G'"),
        ({"item": [0.1]}, "needs the name item for itself"),
    ],
)
def test_what_is_no_list_of_work_items_is_refused(values: Any, message: str) -> None:
    with pytest.raises(rateloom.InputError, match=message) as told:
        rateloom.work_items(values)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"H": [0.1]}, "H"),
        ({"P": [0.1]}, "P"),
        ({"G": np.zeros((2, N + 1))}, f"values of {N + 1} nodes; the connectome has {N}"),
        ({"speed": np.ones((2, N))}, "it takes one a work item"),
        ({"speed": [2.0, 0.0]}, "speed"),
        ({"s": [1e300]}, "too large for float32"),
    ],
)
def test_values_that_the_model_has_no_place_for_are_refused(values: Any, message: str) -> None:
    with pytest.raises(rateloom.InputError, match=message) as told:
        sweep(rateloom.work_items(values), dtype="float32")
    assert "\n" not in str(told.value)


def test_a_parameter_called_seed_is_the_models() -> None:
    model = model_from(
        '<Model name="m"><Parameter name="seed" value="1"/><StateVariable name="x" initial="0"/>'
        '<Dynamics><TimeDerivative variable="x" value="seed"/></Dynamics><Exposure name="x"/></Model>'
    )
    result = sweep({"seed": [0.5, 2.0]}, model=model, integrator="euler")
    assert result.attrs["seed"] == 5
    np.testing.assert_allclose(result["x"][1], 4 * result["x"][0], rtol=1e-12)

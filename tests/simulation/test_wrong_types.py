"""Whatever is given in place of what was meant, `InputError` says so in one short line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from small_connectomes import middling
from special_models import model_of

import rateloom

DRIVEN = model_of("driven")
WRONG: list[Any] = [
    None, np.ones(2), np.ones((6, 6)), [1.0], (1, 2), {"a": 1}, "x", 1.5, -1, True, object(), b"x", np.nan,
    {1}, xr.DataArray([1.0]), 10**400, {"G": None}, {1: 2}, {"x": (0, 1)}, {"x": ("a", "b")}, [[1], [1, 2]],
    np.array(["a"]), np.datetime64("2020"), {("a",): 1.0}, "", "a\0b", "y" * 300, 1j,
]  # fmt: skip
SHARED = (
    "connectome", "normalize", "duration", "dt", "integrator", "parameters", "initial", "history", "speed",
    "monitor", "period", "seed", "noise", "inputs", "backend", "dtype", "math", "threads", "lanes", "block",
    "out", "item", "progress",
)  # fmt: skip


def settings(**changed: Any) -> dict[str, Any]:
    # one shape of kernels, whatever a value makes of the delays
    shape = {"lanes": 4, "block": 1, "calibrate": False, "dtype": "float64"}
    return {"connectome": middling(), "duration": 2.0, "progress": False} | shape | changed


def works_or_is_refused(call: Any) -> None:
    try:
        call()
    except rateloom.InputError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 700


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.filterwarnings("ignore::UserWarning")
# where a wrong value is a right one after all, kernels of another shape are compiled
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in ("lanes", "block") else ()) for n in SHARED]
)
def test_arguments_of_a_simulation(name: str) -> None:
    for value in WRONG:
        works_or_is_refused(lambda v=value: rateloom.simulate(DRIVEN, **settings(**{name: v})))


@pytest.mark.parametrize("name", ["memory", "keep", "announce"])
def test_arguments_of_a_sweep(name: str) -> None:
    for value in WRONG:
        works_or_is_refused(lambda v=value: rateloom.sweep(DRIVEN, {"s": [0.1]}, **settings(**{name: v})))


def test_models_axes_and_values() -> None:
    for value in WRONG:
        works_or_is_refused(lambda v=value: rateloom.load(v))
        works_or_is_refused(lambda v=value: rateloom.connectome(v))
        works_or_is_refused(lambda v=value: rateloom.sweep(DRIVEN, v, **settings()))
        works_or_is_refused(lambda v=value: rateloom.sweep(DRIVEN, {"s": v}, **settings()))
        works_or_is_refused(lambda v=value: rateloom.simulate(DRIVEN, parameters={"G": v}, **settings()))


def test_parts_of_a_connectome() -> None:
    ones = np.ones((6, 6))
    for value in WRONG:
        works_or_is_refused(lambda v=value: rateloom.Connectome(v, v))
        for part in ("labels", "centres", "name"):
            works_or_is_refused(lambda v=value, p=part: rateloom.Connectome(ones, ones, **{p: v}))


def test_arguments_of_generate() -> None:
    for value in WRONG:
        works_or_is_refused(lambda v=value: rateloom.generate(DRIVEN, targets=v))
        works_or_is_refused(lambda v=value: rateloom.generate(DRIVEN, targets=("driver",), out=v))


def refusal(call: Any) -> str:
    with pytest.raises(rateloom.InputError) as caught:
        call()
    return str(caught.value)


def test_the_commonest_ones_say_what_to_write() -> None:
    weights = np.ones((6, 6))
    said = refusal(lambda: rateloom.simulate(DRIVEN, connectome=weights))  # type: ignore[arg-type]
    assert "rateloom.Connectome(weights, tract_lengths)" in said
    said = refusal(lambda: rateloom.sweep(DRIVEN, [("G", [0.0])], **settings()))  # type: ignore[arg-type]
    assert "give a mapping of names to values, like {'G': [0.1, 0.2]}" in said
    said = refusal(lambda: rateloom.load(None))  # type: ignore[arg-type]
    assert said == "model None: give the name of a shipped model, the path of an XML file, or a Model"
    said = refusal(lambda: rateloom.simulate(DRIVEN, initial=(0.1, -2), **settings()))  # type: ignore[arg-type]
    assert said == "initial=(0.1, -2): it must be a mapping of names to values, like {'x': 0.1}"
    said = refusal(lambda: rateloom.simulate(DRIVEN, initial={"x": (0, 1)}, **settings()))
    assert said.startswith("initial 'x': 2 values were given; it takes one or 6 (one a node)")
    said = refusal(lambda: rateloom.sweep(DRIVEN, {"G": [0.0]}, memory=-1, **settings()))
    assert said == "memory=-1: give a number of bytes above zero, or a text like '4GB'"
    said = refusal(lambda: rateloom.generate(DRIVEN, targets="cuda"))
    assert said == "targets='cuda': give a list of numba, cuda, driver"


def test_a_sweep_over_no_axis_is_one_work_item() -> None:
    swept = rateloom.sweep(DRIVEN, {}, **settings())
    alone = rateloom.simulate(DRIVEN, **settings())
    assert swept["x"].dims == ("time", "node")
    np.testing.assert_array_equal(swept["x"].values, alone["x"].values)

"""What is fed the samples of a lane block while it is simulated gets those that would be kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from calls import DRIVEN, SETTINGS
from small_connectomes import DT

import rateloom
from rateloom.api.generation import code_for
from rateloom.api.loading import connectome as connectome_of
from rateloom.drivers.backends.device import device_run
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.backends.numba import lane_block
from rateloom.drivers.backends.registry import backend_for
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.planning.grid import grid_of
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study

AXES: dict[str, Any] = {"G": np.linspace(0.1, 0.9, 6)}


class Kept:
    """Keeps all that it is fed."""

    def __init__(self, items: np.ndarray) -> None:
        self.items, self.parts, self.next = items, [], 0

    def take(self, first: int, samples: np.ndarray) -> None:
        assert first == self.next and samples.shape[-1] == len(self.items)
        self.next += samples.shape[1]
        self.parts.append(samples.copy())

    def finish(self) -> dict[str, np.ndarray]:
        return {"all": np.concatenate(self.parts, axis=1).transpose(3, 1, 2, 0), "parts": self._counts()}

    def _counts(self) -> np.ndarray:
        return np.full(len(self.items), len(self.parts))


def study(model: Any, settings: dict[str, Any], axes: Any) -> Study:
    given = {k: v for k, v in settings.items() if k not in ("connectome", "normalize", "progress")}
    of_samples = {name: given.pop(name) for name in ("monitor", "period") if name in given}
    how = Settings(**given)
    brain, samples = connectome_of(settings["connectome"], "none"), sample_times(how, **of_samples)
    return Study(code_for(model, how.backend), brain, how, samples, grid_of(axes))


def planned(one: Study, reduction: Reduction | None = None) -> Plan:
    return backend_for(one.settings).plan(one, reduction=reduction)


def fed(model: Any, settings: dict[str, Any], axes: Any = AXES) -> dict[str, np.ndarray]:
    told = study(model, settings, axes)
    plan = planned(told, reduction=Reduction(8, 0, None, (Kept,), 0))
    result: dict[str, list[Any]] = {}
    for block in plan.backend.run(plan):
        assert block.samples.size == 0
        for name, values in {"items": block.items, **block.measures}.items():
            result.setdefault(name, []).append(values)
    joined = {name: np.concatenate(values) for name, values in result.items()}
    order = np.argsort(joined["items"])
    return {name: values[order] for name, values in joined.items()}


@pytest.mark.parametrize("segment", [None, 4, 12, 29])
def test_a_sink_is_fed_the_samples_that_would_be_kept(
    segment: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = rateloom.sweep(DRIVEN, AXES, **SETTINGS)
    if segment is not None:
        n_node = SETTINGS["connectome"].n_node
        monkeypatch.setattr(lane_block, "_SEGMENT", segment * n_node * SETTINGS["lanes"])
    found = fed(DRIVEN, SETTINGS)
    assert found["all"].shape[1] == expected.sizes["time"]
    for k, name in enumerate(name for name in expected.data_vars if name != "diverged_step"):
        np.testing.assert_array_equal(found["all"][..., k], expected[name].values)
    assert found["parts"][0] == (1 if segment is None else min(8, -(-56 // (-(-segment // 4) * 4))))


def test_what_is_fed_is_nan_once_a_work_item_diverged() -> None:
    how: dict[str, Any] = {
        **SETTINGS, "connectome": rateloom.connectome("synthetic:4"), "duration": 2000.0, "dt": 10.0,
        "period": 50.0, "speed": 3.0, "integrator": "euler", "lanes": 2,
    }  # fmt: skip
    axes = {"gamma": [-0.1, -100.0]}
    with pytest.warns(UserWarning, match="1 of 2 work items diverged"):
        expected = rateloom.sweep("linear", axes, **how)
    found = fed(rateloom.load("linear"), how, axes)
    np.testing.assert_array_equal(found["all"][..., 0], expected["x"].values)
    assert np.isnan(found["all"][1]).any() and np.isfinite(found["all"][0]).all()


def test_memory_does_not_depend_on_the_duration_where_nothing_is_held() -> None:
    fresh = {**SETTINGS, "block": 4, "period": DT}
    short, long = (study(DRIVEN, {**fresh, "duration": n * DT}, AXES) for n in (10**6, 10**7))
    streamed = Reduction(8, 0, None, (Kept,), 100)
    sizes = [planned(one, reduction=streamed).bytes_block for one in (short, long)]
    assert sizes[0] == sizes[1] < planned(short).bytes_block / 10


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")
@pytest.mark.parametrize("launch", [12, 64])
def test_a_sink_is_fed_what_a_device_computes(launch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    how = {**SETTINGS, "backend": "emulated"}
    expected = rateloom.sweep(DRIVEN, AXES, **how)
    # launches may take four times as long as the one before, and as much as their buffers hold
    monkeypatch.setattr(device_run, "_FIRST_LAUNCH", launch)
    monkeypatch.setattr(device_run, "_LAUNCH_SECONDS", 0.0)
    found = fed(DRIVEN, how)
    for k, name in enumerate(name for name in expected.data_vars if name != "diverged_step"):
        np.testing.assert_array_equal(found["all"][..., k], expected[name].values)
    assert (found["parts"][0] > 1) == (launch == 12)


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")
def test_what_a_device_feeds_is_nan_once_a_work_item_diverged() -> None:
    how: dict[str, Any] = {
        **SETTINGS, "connectome": rateloom.connectome("synthetic:4"), "duration": 2000.0, "dt": 10.0,
        "period": 50.0, "speed": 3.0, "integrator": "euler", "backend": "emulated",
    }  # fmt: skip
    axes = {"gamma": [-0.1, -100.0]}
    with pytest.warns(UserWarning, match="1 of 2 work items diverged"):
        expected = rateloom.sweep("linear", axes, **how)
    found = fed(rateloom.load("linear"), how, axes)
    np.testing.assert_array_equal(found["all"][..., 0], expected["x"].values)

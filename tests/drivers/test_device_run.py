"""A run on a device: chunks that fit its memory, the plan that is printed, launches, and stopping."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import rateloom
from rateloom.api.generation import code_for
from rateloom.drivers.backends import registry
from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.backends.emulated.emulated_backend import filled_lanes
from rateloom.drivers.backends.emulated.emulated_device import EmulatedDevice
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.errors import InputError

pytestmark = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")

MODEL = rateloom.load("montbrio")
BRAIN = rateloom.connectome("synthetic:12")
AXES = {"G": np.linspace(0, 0.3, 20), "speed": [4.0, 40.0]}
# The order of summation differs; 120 steps of the model's own dynamics amplify that.
TOLERANCE = 1e-10
SETTINGS: dict[str, Any] = {
    "duration": 12.0,
    "dt": 0.1,
    "period": 0.7,
    "seed": 3,
    "dtype": "float64",
    "lanes": 4,
}


@dataclasses.dataclass(eq=False)
class Meter:
    """Counts what is taken of an emulated device's memory, and notes the launches."""

    device: EmulatedDevice
    taken: int = 0
    most: int = 0
    launches: list[tuple[str, int]] = dataclasses.field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.device, name)

    def allocate(self, shape: Any, dtype: Any) -> Any:
        buffer = self.device.allocate(shape, dtype)
        self.taken += buffer.nbytes
        self.most = max(self.most, self.taken)
        return buffer

    def release(self, buffer: Any) -> None:
        self.taken -= buffer.nbytes

    def launch(self, kernel: Any, blocks: int, *others: Any) -> None:
        self.launches.append((kernel[1], blocks))
        self.device.launch(kernel, blocks, *others)


@pytest.fixture
def meter(monkeypatch):
    """A function that makes the emulated device one with so much memory."""

    def make(memory: int) -> Meter:
        found = Meter(EmulatedDevice(memory=memory))
        monkeypatch.setitem(registry.OPENERS, "emulated", lambda number: DeviceBackend(found, filled_lanes))
        return found

    return make


def swept(backend: str = "emulated", axes: Any = AXES, **changes: Any) -> Any:
    return rateloom.sweep(
        MODEL, axes, connectome=BRAIN, backend=backend, progress=False, **{**SETTINGS, **changes}
    )


def same(one: Any, other: Any) -> bool:
    return bool(one.drop_attrs().identical(other.drop_attrs()))


@pytest.fixture(scope="module")
def whole():
    return swept()


@pytest.mark.parametrize("memory", [200_000, 300_000, 1_000_000, 20_000_000])
def test_whatever_memory_a_device_has_the_results_are_the_same_and_the_plan_holds(meter, whole, memory):
    device, lines = meter(memory), []
    assert same(swept(announce=lines.append), whole)
    assert device.taken == 0, "all of it is given back"
    assert device.most <= memory
    (said,) = (line for line in lines if line.startswith("device memory: "))
    plan = planned(study())
    assert device.most <= max(group.bytes_device for group in plan.own.groups) <= 0.9 * memory
    item = plan.own.groups[0].item
    assert item.history == 2 * 12 * plan.groups[0][0].horizon * 8
    assert item.sample == 2 * 12 * 8
    assert "for each work item: history " in said


def test_a_history_in_half_precision_is_scaled_alike_in_every_chunk(meter):
    half = swept(history_dtype="float16")
    for memory in (200_000, 1_000_000):
        device = meter(memory)
        assert same(swept(history_dtype="float16"), half)
        assert device.most <= 0.9 * memory, "scales are part of the plan"
        assert device.taken == 0


def test_little_memory_makes_many_chunks(meter):
    counts = []
    for memory in (200_000, 20_000_000):
        device = meter(memory)
        swept()
        counts.append([blocks for kernel, blocks in device.launches if kernel.endswith("prepare")])
    assert counts[1] == [5, 5]
    assert len(counts[0]) > 2 and sum(counts[0]) == 10


def study(**changes: Any) -> Study:
    grid = Grid(tuple(Axis(name, np.asarray(values)) for name, values in AXES.items()))
    options = {**SETTINGS, "backend": "emulated", **changes}
    period = options.pop("period")
    settings = Settings(**options)
    samples = sample_times(settings, period=period)
    return Study(code_for(MODEL, "emulated"), BRAIN, settings, samples, grid)


def planned(one: Study) -> Plan:
    return registry.backend_for(one.settings).plan(one)


def test_a_device_too_small_for_one_lane_block_is_refused(meter):
    meter(20_000)
    with pytest.raises(
        InputError, match=r"^4 work items at once take [\d.]+ kB on the device and 20.0 kB may"
    ):
        swept()


def test_the_user_can_allow_less_than_there_is(meter, whole):
    device = meter(20_000_000)
    assert same(swept(memory=400_000), whole)
    assert device.most <= 400_000


def test_a_host_too_small_for_the_samples_is_refused(meter):
    meter(20_000_000)
    with pytest.raises(InputError, match="the result takes"):
        swept(memory=10_000)


# it takes Numba two kernels
@pytest.mark.slow
@pytest.mark.parametrize("period", [0.3, 0.1, 12.0])
@pytest.mark.parametrize("memory", [300_000, 20_000_000])
def test_windows_of_any_length_are_numbas(meter, period, memory):
    """Means over 120 steps, over three, or over one; summation order alone differs."""
    meter(memory)
    ours, numbas = swept(period=period), swept("numba", period=period)
    for name in ("r", "V"):
        np.testing.assert_allclose(ours[name], numbas[name], rtol=0, atol=TOLERANCE)
    assert (ours.time == numbas.time).all()


@pytest.mark.parametrize("n_item", [1, 33, *(pytest.param(n, marks=pytest.mark.slow) for n in (3, 100))])
def test_any_number_of_work_items(n_item):
    axes = {"G": np.linspace(0, 0.3, n_item)}
    ours, numbas = swept("emulated", axes, lanes=None), swept("numba", axes)
    for name in ("r", "V"):
        np.testing.assert_allclose(ours[name], numbas[name], rtol=0, atol=TOLERANCE)


def test_many_steps_are_few_launches(meter):
    device = meter(20_000_000)
    swept(axes={"G": [0.1]}, duration=200.0)
    launches = [kernel for kernel, _ in device.launches if kernel.endswith("advance")]
    assert 2 <= len(launches) <= 12, "2,000 steps: the first launch is short, the next are longer"


def test_closing_the_results_ends_the_run_and_gives_the_memory_back(meter):
    device = meter(200_000)
    plan = planned(study())
    results = plan.backend.run(plan)
    next(results)
    before = len(device.launches)
    results.close()
    assert len(device.launches) == before
    assert device.taken == 0


def test_an_interrupt_between_launches_ends_the_run(meter):
    device, told = meter(20_000_000), []

    def advance(node_steps: int) -> None:
        told.append(node_steps)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan = planned(study(duration=1000.0))
        list(plan.backend.run(plan, advance))
    assert len(told) == 1
    assert device.taken == 0


def test_progress_counts_every_node_step():
    told: list[int] = []
    plan = planned(study())
    list(plan.backend.run(plan, told.append))
    assert sum(told) == plan.node_steps == 12 * 119 * 40


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backend": "numba", "device": 0}, "device is for backends that have a device"),
        (
            {"backend": "numba", "history_dtype": "float16"},
            "history_dtype is for backends that have a device",
        ),
        ({"backend": "emulated", "device": 1}, "device 1: there is one emulated device"),
        ({"backend": "emulated", "device": -1}, "device=-1: it must be a whole number"),
        ({"backend": "emulated", "device": 1.5}, "device=1.5: it must be a whole number"),
        ({"backend": "emulated", "history_dtype": "int8"}, "history_dtype='int8' is unknown"),
        ({"backend": "gpu"}, "backend='gpu' is unknown; use one of numba, cuda, emulated"),
    ],
)
def test_what_a_device_cannot_be_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        swept(changes.pop("backend"), axes={"G": [0.1]}, **changes)


def test_without_cuda_source_a_device_has_nothing_to_run():
    with pytest.raises(InputError, match="runs CUDA source, and none was given"):
        planned(dataclasses.replace(study(), code=code_for(MODEL, "numba")))


@pytest.mark.slow
@pytest.mark.parametrize("speed", [4.0, 1e9])
def test_a_thousand_nodes(speed):
    """With delays, and without any, where each step waits for every node."""
    settings = {"connectome": "synthetic:1000", "duration": 1.0, "period": 0.2, "dt": 0.1, "dtype": "float64"}
    ours, numbas = (
        rateloom.simulate(MODEL, backend=b, speed=speed, progress=False, **settings)
        for b in ("emulated", "numba")
    )
    for name in ("r", "V"):
        np.testing.assert_allclose(ours[name], numbas[name], rtol=0, atol=TOLERANCE)

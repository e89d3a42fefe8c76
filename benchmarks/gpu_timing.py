"""Cases on a device: is each model right there, how long does a sweep take, and in which part."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from gpu_cases import DT, Case, brain
from gpu_model import Gpu, predict

import rateloom
from rateloom.drivers.backends.device.device_backend import DeviceBackend
from rateloom.drivers.backends.device.occupancy import occupancy
from rateloom.drivers.backends.registry import OPENERS
from rateloom.drivers.execution.device import Device

# Of all launches and copies, one after another: where the time goes.
PARTS = ("launch", "fetch", "copy_in")
# Single precision is amplified by the models' own dynamics; a single step is what tests compare.
LIMITS = {"float64": 1e-9, "float32": 1e-2}


@dataclasses.dataclass(eq=False)
class Timed:
    """A device whose memory is counted and whose kernels are noted; with `wait` operations are timed."""

    device: Device
    wait: bool
    seconds: dict[str, float] = dataclasses.field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    sizes: dict[int, int] = dataclasses.field(default_factory=dict)
    most: int = 0
    loaded: tuple[Any, ...] = ()
    shape: tuple[int, int] = (0, 0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.device, name)

    def allocate(self, shape: Any, dtype: Any) -> Any:
        buffer = self.device.allocate(shape, dtype)
        self.sizes[id(buffer)] = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self.most = max(self.most, sum(self.sizes.values()))
        return buffer

    def release(self, buffer: Any) -> None:
        del self.sizes[id(buffer)]
        self.device.release(buffer)

    def load(self, *arguments: Any) -> Any:
        self.loaded = arguments
        return self.device.load(*arguments)

    def launch(self, kernel: Any, blocks: int, threads: tuple[int, int], arguments: Any, shared: int) -> None:
        self.shape = threads[0] * threads[1], shared
        self._timed("launch", kernel, blocks, threads, arguments, shared)

    def fetch(self, *arguments: Any) -> Any:
        return self._timed("fetch", *arguments)

    def copy_in(self, *arguments: Any) -> Any:
        return self._timed("copy_in", *arguments)

    def _timed(self, part: str, *arguments: Any) -> Any:
        begin = time.perf_counter()
        result = getattr(self.device, part)(*arguments)
        if self.wait:
            self.device.synchronise()
            self.seconds[part] += time.perf_counter() - begin
        return result


def difference(name: str, dtype: str, backend: str, steps: int) -> dict[str, Any]:
    """Run a model with noise, with delays and at a speed without any, on the device and by Numba."""
    settings: dict[str, Any] = {
        "connectome": "synthetic:16", "duration": steps * DT, "dt": DT, "dtype": dtype, "progress": False,
    }  # fmt: skip
    model = rateloom.load(name)
    axes: dict[str, Sequence[float]] = {"speed": [3.0, 1e9]}
    if any(parameter.name == "G" for parameter in model.parameters):
        axes = {"G": [0.1, 0.2, 0.3], **axes}
    ours, numbas = (rateloom.sweep(name, axes, backend=b, **settings) for b in (backend, "numba"))
    largest = max(
        float(np.abs(ours[v] - numbas[v]).max() / max(1e-3, float(np.abs(numbas[v]).max())))
        for v in ours.data_vars
        if v != "diverged_step"
    )
    return {"model": name, "dtype": dtype, "relative difference": largest, "within": largest <= LIMITS[dtype]}


def timing(
    name: str, whole: Case, case: Case, gpu: DeviceBackend, backend: str, peaks: Gpu | None
) -> dict[str, Any]:
    """Time a case as a user runs it, then once more with every operation waited for.

    Parameters
    ----------
    whole, case : Case
        As published, and as it is run: shorter, perhaps.
    peaks : Gpu, optional
        What the device can do at most, where that is known.
    """
    axis, low, high = case.axis
    connectome = brain(case)
    settings: dict[str, Any] = {
        "connectome": connectome, "duration": case.steps * DT, "dt": DT, "integrator": case.integrator,
        "speed": case.speed, "period": case.window * DT, "backend": backend, "progress": False,
    }  # fmt: skip
    axes = {axis: np.linspace(low, high, case.work_items)}
    rateloom.sweep(case.model, axes, **settings | {"duration": case.window * DT})  # compiles
    seconds, plain = _once(case.model, axes, settings, gpu, Timed(gpu.device, wait=False))
    waited_seconds, waited = _once(case.model, axes, settings, gpu, Timed(gpu.device, wait=True))
    found = predict(case, connectome, peaks) if peaks else None
    parts = {f"{part}, s": waited.seconds[part] for part in PARTS}
    row = {
        "case": name,
        "work items": case.work_items,
        "steps": case.steps,
        "seconds": seconds,
        "seconds of the whole case": seconds * whole.node_steps(1) / case.node_steps(1),
        "G node-steps/s": case.node_steps(connectome.n_node) / seconds / 1e9,
        "GB on the device": plain.most / 1e9,
        **parts,
        "host, s": waited_seconds - sum(waited.seconds.values()),
    }
    row |= _kernel(case, plain)
    if peaks and found:
        row |= {
            "instructions, of the peak": found.issue / seconds,
            "bytes, of the peak": found.memory / seconds,
            "modelled bound, s": found.bound,
            "modelled, s": found.expected,
        }
    return row


def _once(
    model: str, axes: Any, settings: dict[str, Any], gpu: DeviceBackend, timed: Timed
) -> tuple[float, Timed]:
    """Seconds of a sweep on a device that is opened in place of the usual one."""
    opener = OPENERS[settings["backend"]]
    OPENERS[settings["backend"]] = lambda number: dataclasses.replace(gpu, device=timed)
    try:
        begin = time.perf_counter()
        rateloom.sweep(model, axes, **settings)
        return time.perf_counter() - begin, timed
    finally:
        OPENERS[settings["backend"]] = opener


def _kernel(case: Case, timed: Timed) -> dict[str, Any]:
    """Registers of the kernel that did the work, and the share of warps that a multiprocessor holds."""
    reports = timed.device.reports(*timed.loaded)
    report = reports.get(f"{case.model}_{case.integrator}")
    if report is None:
        return {}
    threads, shared = timed.shape
    held = occupancy(report.registers, report.shared + shared, threads, timed.device.limits)
    return {"registers": report.registers, "spilled, bytes": report.spill_stores, "occupancy": held.share}

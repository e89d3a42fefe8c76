"""The plan of a study on a device: kernels' shapes, and the work items and samples that fit in its memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.wiring import Wiring
from rateloom.drivers.execution.device import Device
from rateloom.drivers.model.artifact import CUDA
from rateloom.drivers.planning.checked_study import CheckedStudy
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import format_bytes

from .kernel_shape import Shape, Sizes, choose_shape, padded_rows
from .occupancy import tuned

# Part of the free memory that is left for the driver, fragments and whatever else runs there.
_SPARE = 0.1
# Bytes of one of the two output buffers beyond what a launch must have.
_OUTPUT_BUFFER = 2**26
_LONGEST_LAUNCH = 2**16


@dataclass(frozen=True)
class ItemBytes:
    """Device memory of one work item: its history, its state with all that belongs to it, a sample."""

    history: int
    state: int
    sample: int


@dataclass(frozen=True, eq=False)
class GroupPlan:
    """Work items that share their delays, and how they run.

    Attributes
    ----------
    wiring, items
        The delays and the indices of the work items.
    shape : Shape
    item : ItemBytes
    items_at_once : int
        Work items on the device at once, a whole number of lane blocks.
    steps_at_once, samples_at_once : int
        Most steps of one launch, and samples that come of them.
    fixed : int
        Bytes that the connectome and the inputs take.
    """

    wiring: Wiring
    items: NDArray[np.int64]
    shape: Shape
    item: ItemBytes
    items_at_once: int
    steps_at_once: int
    samples_at_once: int
    fixed: int

    @property
    def bytes_device(self) -> int:
        """Device memory that the group takes."""
        per_item = self.item.history + self.item.state + 2 * self.samples_at_once * self.item.sample
        return self.fixed + self.items_at_once * per_item


@dataclass(frozen=True, eq=False)
class DevicePlan:
    """A device, the CUDA source that it runs, and a plan for each group of work items."""

    device: Device
    source: str
    groups: tuple[GroupPlan, ...]

    @property
    def lines(self) -> tuple[str, str]:
        """Return two lines for the user: the work items that are simulated at once, and their memory."""
        largest = max(self.groups, key=lambda group: group.bytes_device)
        item = largest.item
        output = 2 * largest.samples_at_once * item.sample
        chunks = sum(-(-len(group.items) // group.items_at_once) for group in self.groups)
        return (
            f"device: {self.device.name}; {max(g.items_at_once for g in self.groups)} work items at once, "
            f"{chunks} chunk{'s' if chunks > 1 else ''}",
            f"device memory: {format_bytes(largest.bytes_device)}; for each work item: "
            f"history {format_bytes(item.history)}, state {format_bytes(item.state)}, "
            f"output {format_bytes(output)}",
        )


def plan_group(
    wiring: Wiring,
    items: NDArray[np.int64],
    sizes: Sizes,
    shape: Shape,
    device_memory: int,
    host_memory: int,
    longest_launch: int,
) -> GroupPlan:
    """Fit the work items of a group into memory.

    Parameters
    ----------
    device_memory, host_memory : int
        Bytes that may be used there.
    longest_launch : int
        Most steps of one launch.

    Raises
    ------
    InputError
        If not even one lane block fits.
    """
    item = _item_bytes(wiring, sizes, shape)
    fixed = _fixed_bytes(wiring, sizes, shape, longest_launch)
    lanes = shape.lanes
    least = max(1, -(-shape.block // sizes.window))
    per_item = item.history + item.state + 2 * least * item.sample
    blocks = min(-(-len(items) // lanes), int(device_memory * (1 - _SPARE) - fixed) // (lanes * per_item))
    if blocks < 1:
        raise InputError(
            f"{lanes} work items at once take {format_bytes(fixed + lanes * per_item)} on the device and "
            f"{format_bytes(device_memory)} may be used; take a larger device, fewer lanes, float32, "
            "history_dtype float16 or a higher speed"
        )
    # on the host: a chunk's samples, all of its parameters and initial states, and two output buffers
    samples = (sizes.stored_samples + 2 * least) * item.sample
    on_host = lanes * (samples + sizes.sinks + 2 * item.state)
    blocks = min(blocks, host_memory // on_host)
    if blocks < 1:
        raise InputError(
            f"{lanes} work items at once take {format_bytes(on_host)} and {format_bytes(host_memory)} is "
            "left; allow more memory, keep fewer samples (period) or fewer lanes"
        )
    at_once = blocks * lanes
    left = int(device_memory * (1 - _SPARE)) - fixed - at_once * (item.history + item.state)
    spare = min(left // 2, _OUTPUT_BUFFER, max(0, host_memory - blocks * on_host) // 2)
    samples = max(least, min(sizes.n_sample, spare // (at_once * item.sample)))
    steps = min(samples * sizes.window, longest_launch)
    steps = max(1, steps // shape.block) * shape.block if steps >= shape.block else steps
    samples = -(-steps // sizes.window)
    return GroupPlan(wiring, items, shape, item, at_once, steps, samples, fixed)


def _item_bytes(wiring: Wiring, sizes: Sizes, shape: Shape) -> ItemBytes:
    real, history = np.dtype(shape.dtype).itemsize, np.dtype(shape.history).itemsize
    rows = (sizes.parameters + sizes.hoisted) * sizes.columns + (sizes.states + sizes.sum_rows) * sizes.n_node
    # the number by which the random numbers know it, and the step at which each group of nodes diverged
    bookkeeping = np.dtype(np.uint32).itemsize + shape.groups * np.dtype(np.int64).itemsize
    if shape.history == "float16":  # scales with their inverses, and the greatest size in each group
        bookkeeping += max(1, sizes.factors) * (2 + shape.groups) * real
    return ItemBytes(
        history=max(1, sizes.factors) * sizes.n_node * wiring.horizon * history,
        state=rows * real + bookkeeping + sizes.sums,
        sample=sizes.exposures * sizes.n_node * real,
    )


def _fixed_bytes(wiring: Wiring, sizes: Sizes, shape: Shape, longest_launch: int) -> int:
    real = np.dtype(shape.dtype).itemsize
    edges = (wiring.n_node + 1) * 4 + len(wiring.source) * (8 + real) + 2 * sizes.n_node * real
    edges += sizes.n_node * padded_rows(sizes.n_node, shape.rows) * real if shape.rows > 1 else real
    values = sizes.input_rows * max(1, sizes.inputs) * sizes.n_node * real
    no_scales = 0 if shape.history == "float16" else 2 * real  # a number in place of each array
    return edges + values + no_scales + 2 * 4 * (longest_launch if sizes.inputs else 1)


def plan_on_device(
    device: Device,
    checked: CheckedStudy,
    sizes: Sizes,
    default_lanes: Callable[[int], int],
    memory: int,
    limit: int | None,
) -> DevicePlan:
    """Plan every group of a study.

    Parameters
    ----------
    default_lanes : callable
        Work items of a lane block by how many there are, where the settings do not say.
    memory : int
        Bytes on the host for what is on its way into the result.
    limit : int, optional
        Most bytes to take of the device.

    Raises
    ------
    InputError
        If something does not fit.
    """
    settings, source = checked.study.settings, checked.study.code.texts[CUDA].text
    free = device.free_memory()
    budget = free if limit is None else min(free, limit)
    plans = []
    for wiring, items in checked.groups:
        lanes = settings.lanes or default_lanes(len(items))
        shape = choose_shape(wiring, sizes, settings, lanes, device.limits)
        plan = plan_group(wiring, items, sizes, shape, budget, memory, _LONGEST_LAUNCH)
        shape = _tuned(device, source, checked.model.name, plan, sizes)
        plans.append(plan_group(wiring, items, sizes, shape, budget, memory, _LONGEST_LAUNCH))
    return DevicePlan(device, source, tuple(plans))


def _tuned(device: Device, source: str, name: str, plan: GroupPlan, sizes: Sizes) -> Shape:
    """Fit the thread blocks to what the compiler says of the kernel that does the work."""
    kernel, file = f"{name}_advance", f"{name}.cu"
    if kernel not in device.reports(source, file, plan.shape.defines):
        return plan.shape
    n_block = plan.items_at_once // plan.shape.lanes
    return tuned(
        plan.shape, device.limits, sizes.n_node, n_block,
        lambda shape: device.reports(source, file, shape.defines)[kernel],
    )  # fmt: skip

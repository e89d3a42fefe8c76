"""Lane blocks that are on a device together, and what they hold there while they are simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.wiring import Wiring
from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.device import Buffer, Device, Kernel
from rateloom.drivers.execution.sink import NEVER, Values
from rateloom.drivers.model.random import NOISE, key_of
from rateloom.drivers.model.states import initial_states
from rateloom.drivers.planning.parameters import lane_parameters

from .device_plan import GroupPlan
from .kernel_shape import padded_rows


@dataclass(frozen=True, eq=False)
class Chunk:
    """Lane blocks that are on the device at once.

    Attributes
    ----------
    items : (n,) array of int64
        Work items; where they do not fill the last lane block, `filled` repeats the first ones.
    kernels : mapping of str to kernel
        Without the model's name.
    """

    plan: Plan
    group: GroupPlan
    device: Device
    kernels: Mapping[str, Kernel]
    items: NDArray[np.int64]
    filled: NDArray[np.int64]

    @property
    def n_block(self) -> int:
        """Number of lane blocks."""
        return len(self.filled) // self.group.shape.lanes

    def launch(self, kernel: str, *arguments: Any) -> None:
        """Run one of the model's kernels on every lane block."""
        shape = self.group.shape
        threads = (shape.lanes, shape.groups)
        self.device.launch(self.kernels[kernel], self.n_block, threads, arguments, shape.shared)


@dataclass(frozen=True, eq=False)
class Held:
    """What a chunk has on the device, and where the host takes it over; two of what changes by the launch.

    Attributes
    ----------
    edges, items, carried : tuples
        The kernel's arguments in their order: sizes, edges and weights; hoisted parameters, the numbers of
        work items and the noise's key; values of inputs, states, history and its horizon.
    input_rows, outputs : lists of buffers
    landed, found : lists of arrays
        Samples, and steps of divergence, on the host.
    sums, diverged : buffers
    size : tuple of int
        Of an output: (lane block, sample, exposure, node, lane).
    """

    edges: tuple[Any, ...]
    items: tuple[Any, ...]
    carried: tuple[Any, ...]
    input_rows: list[Buffer]
    outputs: list[Buffer]
    landed: list[Values]
    found: list[NDArray[np.int64]]
    sums: Buffer
    diverged: Buffer
    size: tuple[int, ...]


def hold(chunk: Chunk, room: Callable[..., Buffer], put: Callable[..., Buffer]) -> Held:
    """Put on the device what a chunk takes there."""
    plan, group, device = chunk.plan, chunk.group, chunk.device
    study, shape, wiring = plan.study, group.shape, group.wiring
    real, n_node, n_block = np.dtype(shape.dtype), study.connectome.n_node, chunk.n_block
    n_exposure = len(plan.model.exposures)
    hoisted, state, history = _beginning(chunk, room, put)
    sums = put(np.zeros((n_block, n_exposure, n_node, shape.lanes)), real)
    diverged = put(np.full((n_block, shape.groups, shape.lanes), NEVER), np.int64)
    wires = [put(values, np.int32) for values in (wiring.parts[0], wiring.source, wiring.delay)]
    weights = [
        put(values, real)
        for values in (wiring.weight, _dense(wiring, shape.rows), wiring.self_weight, wiring.weight_sum)
    ]
    numbers = put(chunk.filled + study.first_item, np.uint32)
    values = put(plan.inputs.values, real)
    size = (n_block, group.samples_at_once, n_exposure, n_node, shape.lanes)
    outputs = [room(size, real) for _ in range(2)]
    on_host = 0 if plan.reduction and plan.reduction.on_device else int(np.prod(size))
    driven = bool(plan.model.inputs)
    key = (np.uint32(word) for word in key_of(study.settings.seed, NOISE))
    return Held(
        edges=(np.int32(n_node), np.int32(plan.table.values.shape[1]), *wires, *weights),
        items=(hoisted, numbers, *key),
        carried=(values, state, history, np.int32(wiring.horizon)),
        input_rows=[room((group.steps_at_once if driven else 1,), np.int32) for _ in range(2)],
        outputs=outputs,
        landed=[device.host_array((on_host,), real) for _ in range(2)],
        found=[device.host_array((n_block, shape.groups, shape.lanes), np.int64) for _ in range(2)],
        sums=sums,
        diverged=diverged,
        size=size,
    )


def _beginning(
    chunk: Chunk, room: Callable[..., Buffer], put: Callable[..., Buffer]
) -> tuple[Buffer, Buffer, Buffer]:
    """Hoisted values, states at t = 0 and the ring of what came before.

    Slot 0 of the ring is t = 0; the past lies before it, round the ring.
    """
    plan, wiring, shape = chunk.plan, chunk.group.wiring, chunk.group.shape
    study, real, n_node = plan.study, np.dtype(shape.dtype), plan.study.connectome.n_node
    parameters = _by_block(lane_parameters(plan.table, study.grid, chunk.filled, shape.dtype), shape.lanes)
    columns = parameters.shape[2]
    hoisted = room((chunk.n_block, max(1, study.code.counts.hoisted), columns, shape.lanes), real)
    sizes = np.int32(n_node), np.int32(columns)
    chunk.launch("prepare", put(parameters, real), np.float64(study.settings.dt), *sizes, hoisted)
    kept = np.uint16 if shape.history == "float16" else np.dtype(shape.history)
    factors = max(1, study.code.counts.factors)
    history = room((chunk.n_block, factors, n_node, wiring.horizon, shape.lanes), kept)
    state = room((chunk.n_block, len(plan.model.states), n_node, shape.lanes), real)

    def fill(states: Values, slot: int, slots: int) -> None:
        chunk.device.copy_in(state, _by_block(states, shape.lanes).astype(real))
        places = np.int32(slot), np.int32(slots), np.int32(wiring.horizon)
        chunk.launch("fill_history", state, hoisted, *sizes, *places, history)

    if plan.history is None:
        numbers = chunk.filled + study.first_item
        fill(
            initial_states(plan.model, plan.initial, study.settings.seed, numbers, n_node), 0, wiring.horizon
        )
        return hoisted, state, history
    for back in range(wiring.longest_delay, -1, -1):
        past = np.repeat(plan.history[-1 - back][:, :, None], chunk.filled.size, axis=2)
        fill(past, -back % wiring.horizon, 1)
    return hoisted, state, history


def _dense(wiring: Wiring, rows: int) -> Values:
    """Weights (tile of `rows` targets, source, target in the tile); nothing where edges are visited."""
    if rows == 1:
        return np.zeros(1)
    n_node = wiring.n_node
    matrix = np.zeros((padded_rows(n_node, rows), n_node))
    matrix[np.repeat(np.arange(n_node), np.diff(wiring.parts[0])), wiring.source] = wiring.weight
    return matrix.reshape(-1, rows, n_node).transpose(0, 2, 1)


def _by_block(values: Values, lanes: int) -> Values:
    """Arrays (..., item) as (lane block, ..., lane)."""
    return np.ascontiguousarray(np.moveaxis(values.reshape(*values.shape[:-1], -1, lanes), -2, 0))

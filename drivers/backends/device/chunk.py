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
from rateloom.drivers.model.artifact import CUDA
from rateloom.drivers.model.kernel_signature import ordered_arguments
from rateloom.drivers.model.random import NOISE, key_of
from rateloom.drivers.model.states import initial_states, with_carries
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

    def launch(self, kernel: str, /, **values: Any) -> None:
        """Run one of the model's kernels on every lane block, with arguments by name."""
        shape = self.group.shape
        threads = (shape.lanes, shape.groups)
        arguments = ordered_arguments(self.plan.study.code.signatures[CUDA][kernel], values)
        self.device.launch(self.kernels[kernel], self.n_block, threads, arguments, shape.shared)


@dataclass(frozen=True, eq=False)
class Held:
    """What a chunk has on the device, and where the host takes it over; two of what changes by the launch.

    Attributes
    ----------
    fixed : mapping of str to argument
        Arguments of the kernel that are the same for every launch.
    input_rows, outputs : lists of buffers
    landed, found : lists of arrays
        Samples, and steps of divergence, on the host.
    diverged : buffer
    size : tuple of int
        Of an output: (lane block, sample, exposure, node, lane).
    """

    fixed: Mapping[str, Any]
    input_rows: list[Buffer]
    outputs: list[Buffer]
    landed: list[Values]
    found: list[NDArray[np.int64]]
    diverged: Buffer
    size: tuple[int, ...]


def hold(chunk: Chunk, room: Callable[..., Buffer], put: Callable[..., Buffer]) -> Held:
    """Put on the device what a chunk takes there."""
    plan, group, device = chunk.plan, chunk.group, chunk.device
    study, shape, wiring = plan.study, group.shape, group.wiring
    real, n_node, n_block = np.dtype(shape.dtype), study.connectome.n_node, chunk.n_block
    n_exposure = len(plan.model.exposures)
    hoisted, state, history = _beginning(chunk, room, put)
    diverged = put(np.full((n_block, shape.groups, shape.lanes), NEVER), np.int64)
    size = (n_block, group.samples_at_once, n_exposure, n_node, shape.lanes)
    outputs = [room(size, real) for _ in range(2)]
    on_host = 0 if plan.reduction and plan.reduction.on_device else int(np.prod(size))
    driven = bool(plan.model.inputs)
    key = key_of(study.settings.seed, NOISE)
    fixed = {
        "step_size": study.settings.dt, "n_node": n_node, "columns": plan.table.values.shape[1],
        "row": put(wiring.parts[0], np.int32), "source": put(wiring.source, np.int32),
        "delay": put(wiring.delay, np.int32), "weight": put(wiring.weight, real),
        "dense": put(_dense(wiring, shape.rows), real), "self_weight": put(wiring.self_weight, real),
        "weight_sums": put(wiring.weight_sum, real), "hoisted": hoisted,
        "items": put(chunk.filled + study.first_item, np.uint32), "key0": key[0], "key1": key[1],
        "input_values": put(plan.inputs.values, real), "state": state, "history": history,
        "horizon": wiring.horizon, "window": study.settings.window, "diverged": diverged,
        "sums": put(np.zeros((n_block, study.code.counts.sum_rows, n_node, shape.lanes)), real),
    }  # fmt: skip
    return Held(
        fixed=fixed,
        input_rows=[room((group.steps_at_once if driven else 1,), np.int32) for _ in range(2)],
        outputs=outputs,
        landed=[device.host_array((on_host,), real) for _ in range(2)],
        found=[device.host_array((n_block, shape.groups, shape.lanes), np.int64) for _ in range(2)],
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
    sizes = {"n_node": n_node, "columns": columns}
    chunk.launch(
        "prepare", parameters=put(parameters, real), step_size=study.settings.dt, hoisted=hoisted, **sizes
    )
    history_dtype = np.uint16 if shape.history == "float16" else np.dtype(shape.history)
    factors = max(1, study.code.counts.factors)
    history = room((chunk.n_block, factors, n_node, wiring.horizon, shape.lanes), history_dtype)
    rows = study.code.counts.state_rows
    state = room((chunk.n_block, rows, n_node, shape.lanes), real)

    def fill(states: Values, slot: int, count: int) -> None:
        chunk.device.copy_in(state, _by_block(with_carries(states, rows), shape.lanes).astype(real))
        chunk.launch(
            "fill_history",
            state=state, hoisted=hoisted, slot=slot, count=count, horizon=wiring.horizon, history=history,
            **sizes,
        )  # fmt: skip

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
    # counted, as -1 would not be where there is nothing
    n_block = values.shape[-1] // lanes
    return np.ascontiguousarray(np.moveaxis(values.reshape(*values.shape[:-1], n_block, lanes), -2, 0))

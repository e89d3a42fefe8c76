"""Work items on a device, from initial states to samples, in chunks that fit its memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .device import Buffer, Device, Kernel
from .device_landing import Landing
from .device_plan import GroupPlan
from .device_shape import padded_rows
from .device_sink import DeviceRoom
from .lane_block import LaneResult
from .parameters import lane_parameters
from .random import NOISE, key_of
from .sink import finished, lose
from .states import initial_states
from .wiring import Wiring

if TYPE_CHECKING:
    from .plan import Plan

Values = NDArray[Any]

NEVER = np.int64(2**62)
# A launch of about this long hides what a launch costs, and is over soon when a run is to stop.
_LAUNCH_SECONDS = 0.2
_FIRST_LAUNCH = 64


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


def run_on_device(plan: Plan, advance: Callable[[int], None]) -> Iterator[LaneResult]:
    """Run a plan that was made for a device; results come chunk by chunk, a lane block at a time."""
    assert plan.device is not None
    device, name = plan.device.device, plan.model.name
    for group in plan.device.groups:
        loaded = device.load(plan.device.source, f"{name}.cu", group.shape.defines)
        kernels = {kernel.removeprefix(f"{name}_"): handle for kernel, handle in loaded.items()}
        for begin in range(0, len(group.items), group.items_at_once):
            items = group.items[begin : begin + group.items_at_once]
            n_block = -(-len(items) // group.shape.lanes)
            filled = np.resize(items, n_block * group.shape.lanes)
            yield from _run_chunk(Chunk(plan, group, device, kernels, items, filled), advance)


def _run_chunk(chunk: Chunk, advance: Callable[[int], None]) -> Iterator[LaneResult]:
    landing = _landing(chunk)
    with ExitStack() as stack:
        # what is under way must end before its memory is given back
        stack.callback(chunk.device.synchronise)
        diverged, found = _simulate(chunk, landing, stack, advance)
    window = chunk.plan.study.settings.window
    for block, items in enumerate(landing.items):
        steps = diverged[block, : len(items)]
        kept = landing.held[block, ..., : len(items)]
        lose(kept, 0, window, steps)
        values = np.ascontiguousarray(kept.transpose(3, 1, 0, 2))
        measures = finished(landing.sinks[block]) | dict(found[block])
        steps = np.where(steps == NEVER, -1, steps)
        yield LaneResult(items, values, steps, measures)


def _landing(chunk: Chunk) -> Landing:
    plan, shape = chunk.plan, chunk.group.shape
    how, lanes = plan.reduction, shape.lanes
    n_sample = plan.study.settings.n_sample if how is None or how.reduce is not None else 0
    size = (chunk.n_block, n_sample, len(plan.model.exposures), plan.study.connectome.n_node, lanes)
    items = [chunk.items[at : at + lanes] for at in range(0, len(chunk.items), lanes)]
    opened = how.sinks if how and not how.on_device else ()
    sinks = [[open_sink(some) for open_sink in opened] for some in items]
    return Landing(np.empty(size, shape.dtype), items, sinks)


def _simulate(
    chunk: Chunk, landing: Landing, stack: ExitStack, advance: Callable[[int], None]
) -> tuple[NDArray[np.int64], Sequence[Mapping[str, Values]]]:
    """Simulate a chunk; returns the steps (lane block, lane) of divergence, or `NEVER`, and measures."""
    plan, group, device = chunk.plan, chunk.group, chunk.device
    study, settings, shape, wiring = plan.study, plan.study.settings, group.shape, group.wiring
    real, n_node, n_block = np.dtype(shape.dtype), study.connectome.n_node, chunk.n_block
    n_exposure = len(plan.model.exposures)

    def room(size: tuple[int, ...], dtype: DTypeLike) -> Buffer:
        buffer = device.allocate(size, dtype)
        stack.callback(device.release, buffer)
        return buffer

    def put(values: Values, dtype: DTypeLike) -> Buffer:
        buffer = room(values.shape, dtype)
        device.copy_in(buffer, np.ascontiguousarray(values, dtype))
        return buffer

    hoisted, state, history = _beginning(chunk, room, put)
    sums = put(np.zeros((n_block, n_exposure, n_node, shape.lanes)), real)
    diverged = put(np.full((n_block, shape.groups, shape.lanes), NEVER), np.int64)
    edges = [put(values, np.int32) for values in (wiring.row, wiring.source, wiring.delay)]
    weights = [
        put(values, real)
        for values in (wiring.weight, _dense(wiring, shape.rows), wiring.self_weight, wiring.weight_sum)
    ]
    numbers = put(chunk.filled + study.first_item, np.uint32)
    values = put(plan.inputs.values, real)
    output_size = (n_block, group.samples_at_once, n_exposure, n_node, shape.lanes)
    outputs = [room(output_size, real) for _ in range(2)]
    on_host = 0 if plan.reduction and plan.reduction.on_device else int(np.prod(output_size))
    landed = [device.host_array((on_host,), real) for _ in range(2)]
    driven = bool(plan.model.inputs)
    input_rows = [room((group.steps_at_once if driven else 1,), np.int32) for _ in range(2)]
    found = [device.host_array((n_block, shape.groups, shape.lanes), np.int64) for _ in range(2)]
    key = tuple(np.uint32(word) for word in key_of(settings.seed, NOISE))
    columns, window = np.int32(plan.table.values.shape[1]), settings.window
    how, sink = plan.reduction, None
    if how and how.on_device:
        place = DeviceRoom(device, n_block, shape.lanes, shape.dtype, lambda array: put(array, array.dtype))
        sink = how.on_device(place)

    def start(number: int, first: int, steps: int) -> Callable[[], None]:
        """Launch some steps; what is returned waits for their samples and puts them where they belong."""
        begin, n_sample = first // window, (first + steps) // window - first // window
        side = number % 2
        if driven:
            device.copy_in(input_rows[side], plan.inputs.rows(first, steps).astype(np.int32))
        chunk.launch(
            settings.integrator, np.uint32(first), np.int32(steps), np.float64(settings.dt), np.int32(n_node),
            columns, *edges, *weights, hoisted, numbers, *key, input_rows[side], values, state, history,
            np.int32(wiring.horizon), np.int32(window), np.int32(n_sample), sums, outputs[side], diverged,
        )  # fmt: skip
        if sink is not None:
            sink.take(outputs[side], n_sample)
            transfer = device.fetch(diverged, found[side])
            return transfer.wait
        into = landed[side][: n_block * n_sample * int(np.prod(output_size[2:]))]
        transfers = device.fetch(outputs[side], into), device.fetch(diverged, found[side])

        def finish() -> None:
            for transfer in transfers:
                transfer.wait()
            samples = into.reshape(n_block, n_sample, *output_size[2:])
            landing.take(begin, samples, window, found[side].min(axis=1))

        return finish

    _in_turn(start, settings.n_sample * window, group, len(chunk.items) * n_node, advance)
    device.fetch(diverged, found[0]).wait()
    steps = np.asarray(found[0].min(axis=1))
    if sink is None:
        return steps, [{}] * n_block
    return steps, sink.finish([len(items) for items in landing.items], steps // window)


def _in_turn(
    start: Callable[[int, int, int], Callable[[], None]],
    last: int,
    group: GroupPlan,
    nodes: int,
    advance: Callable[[int], None],
) -> None:
    """Launch after launch: one runs while the samples of the one before it are taken over.

    A launch's length follows from how long those before it took.
    """
    block = group.shape.block
    steps, first, number = min(_FIRST_LAUNCH, group.steps_at_once), 0, 0
    under_way: list[tuple[Callable[[], None], int]] = []
    before = time.perf_counter()
    while first < last or under_way:
        if first < last:
            taken = min(steps, last - first)
            under_way.append((start(number, first, taken), taken))
            first, number = first + taken, number + 1
        if len(under_way) == 2 or first == last:
            finish, done = under_way.pop(0)
            finish()
            now = time.perf_counter()
            advance(done * nodes)
            factor = np.clip(_LAUNCH_SECONDS / max(now - before, 1e-9), 0.25, 4.0)
            longer = min(int(done * factor), group.steps_at_once)
            steps = max(longer // block * block, min(block, group.steps_at_once))
            before = now


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
    hoisted = room((chunk.n_block, max(1, study.module.HOISTED), columns, shape.lanes), real)
    sizes = np.int32(n_node), np.int32(columns)
    chunk.launch("prepare", put(parameters, real), np.float64(study.settings.dt), *sizes, hoisted)
    kept = np.uint16 if shape.history == "float16" else np.dtype(shape.history)
    factors = max(1, study.module.FACTORS)
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
    n_node = len(wiring.row) - 1
    matrix = np.zeros((padded_rows(n_node, rows), n_node))
    matrix[np.repeat(np.arange(n_node), np.diff(wiring.row)), wiring.source] = wiring.weight
    return matrix.reshape(-1, rows, n_node).transpose(0, 2, 1)


def _by_block(values: Values, lanes: int) -> Values:
    """Arrays (..., item) as (lane block, ..., lane)."""
    return np.ascontiguousarray(np.moveaxis(values.reshape(*values.shape[:-1], -1, lanes), -2, 0))

"""Work items on a device, from initial states to samples, in chunks that fit its memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rateloom.drivers.execution.backend import Plan, of_group
from rateloom.drivers.execution.device import Buffer
from rateloom.drivers.execution.device_sink import DeviceRoom, DeviceSink
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.reduction import reduced
from rateloom.drivers.execution.sink import NEVER, Values, finished, lose
from rateloom.drivers.planning.kept_state import KeptState

from .chunk import Chunk
from .device_buffers import DeviceBuffers, allocate_buffers
from .device_plan import DevicePlan, GroupPlan
from .kept import put_kept, take_kept
from .landing import Landing

# A launch of about this long hides what a launch costs, and is over soon when a run is to stop.
_LAUNCH_SECONDS = 0.2
_FIRST_LAUNCH = 64


def run_on_device(plan: Plan, advance: Callable[[int], None]) -> Generator[LaneResult, None, None]:
    """Run a plan that was made for a device; results come chunk by chunk, a lane block at a time."""
    own: DevicePlan = plan.own
    device, name = own.device, plan.model.name
    for group in own.groups:
        loaded = device.load(own.source, f"{name}.cu", group.shape.defines)
        kernels = {kernel.removeprefix(f"{name}_"): handle for kernel, handle in loaded.items()}
        own_plan = of_group(plan, group.items)
        for begin in range(0, len(group.items), group.items_at_once):
            items = group.items[begin : begin + group.items_at_once]
            n_block = -(-len(items) // group.shape.lanes)
            filled = np.resize(items, n_block * group.shape.lanes)
            chunk = Chunk(own_plan, group, device, kernels, items, filled)
            yield from (reduced(own_plan.reduction, result) for result in _run_chunk(chunk, advance))


def _run_chunk(chunk: Chunk, advance: Callable[[int], None]) -> Iterator[LaneResult]:
    landing = _landing(chunk)
    with ExitStack() as stack:
        # what is under way must end before its memory is given back
        stack.callback(chunk.device.synchronise)
        diverged, sink_results, kept = _simulate(chunk, landing, stack, advance)
    samples_of = chunk.plan.study.samples
    window, lanes = samples_of.window, chunk.group.shape.lanes
    for block, items in enumerate(landing.items):
        steps = diverged[block, : len(items)]
        samples = landing.samples[block, ..., : len(items)]
        lose(samples, samples_of.first_sample, window, steps)
        values = np.ascontiguousarray(samples.transpose(3, 1, 0, 2))
        measures = finished(landing.sinks[block]) | dict(sink_results[block])
        steps = np.where(steps == NEVER, -1, steps)
        kept_here = None if kept is None else kept.of(block * lanes + np.arange(len(items)))
        yield LaneResult(items, values, steps, measures, kept_here)


def _landing(chunk: Chunk) -> Landing:
    plan, shape = chunk.plan, chunk.group.shape
    reduction, lanes = plan.reduction, shape.lanes
    n_sample = plan.study.samples.n_sample if reduction is None or reduction.reduce is not None else 0
    size = (chunk.n_block, n_sample, len(plan.model.exposures), plan.study.connectome.n_node, lanes)
    items = [chunk.items[at : at + lanes] for at in range(0, len(chunk.items), lanes)]
    opened = reduction.sinks if reduction and not reduction.on_device else ()
    sinks = [[open_sink(some) for open_sink in opened] for some in items]
    return Landing(np.empty(size, shape.dtype), items, sinks, plan.study.samples.first_sample)


def _simulate(
    chunk: Chunk, landing: Landing, stack: ExitStack, advance: Callable[[int], None]
) -> tuple[NDArray[np.int64], Sequence[Mapping[str, Values]], KeptState | None]:
    """Simulate a chunk.

    Returns the steps (lane block, lane) of divergence, or `NEVER`, measures, and the state of every lane if
    the study keeps it.
    """
    device, study, reduction = chunk.device, chunk.plan.study, chunk.plan.reduction

    def room(size: tuple[int, ...], dtype: DTypeLike) -> Buffer:
        buffer = device.allocate(size, dtype)
        stack.callback(device.release, buffer)
        return buffer

    def put(values: Values, dtype: DTypeLike) -> Buffer:
        buffer = room(values.shape, dtype)
        device.copy_in(buffer, np.ascontiguousarray(values, dtype))
        return buffer

    buffers, sink = allocate_buffers(chunk, room, put), None
    if chunk.continued is not None:
        put_kept(chunk, buffers, chunk.continued)
    if reduction and reduction.on_device:
        shape = chunk.group.shape
        sink_room = DeviceRoom(
            device,
            chunk.n_block,
            shape.lanes,
            chunk.filled,
            shape.dtype,
            lambda array: put(array, array.dtype),
        )
        sink = reduction.on_device(sink_room)
    start = partial(_start, chunk, buffers, landing, sink)
    nodes = len(chunk.items) * study.connectome.n_node
    _in_turn(start, range(study.samples.first_step, study.samples.end_step), chunk.group, nodes, advance)
    device.fetch(buffers.diverged, buffers.host_diverged[0]).wait()
    steps = np.asarray(buffers.host_diverged[0].min(axis=1))
    kept = take_kept(chunk, buffers, steps) if study.keep_state else None
    if sink is None:
        return steps, [{}] * chunk.n_block, kept
    return steps, sink.finish([len(items) for items in landing.items], steps // study.samples.window), kept


def _start(
    chunk: Chunk,
    buffers: DeviceBuffers,
    landing: Landing,
    sink: DeviceSink | None,
    number: int,
    first: int,
    steps: int,
) -> Callable[[], None]:
    """Launch some steps; what is returned waits for their samples and puts them where they belong."""
    plan, device = chunk.plan, chunk.device
    window, side = plan.study.samples.window, number % 2
    begin, n_sample = first // window, (first + steps) // window - first // window
    output, diverged = buffers.outputs[side], buffers.host_diverged[side]
    if plan.model.inputs:
        device.copy_in(buffers.input_rows[side], plan.inputs.rows(first, steps).astype(np.int32))
    chunk.launch(
        "advance",
        first=first, steps=steps, input_row=buffers.input_rows[side], samples=n_sample, output=output,
        **buffers.fixed_arguments,
    )  # fmt: skip
    if sink is not None:
        sink.take(output, n_sample)
        return device.fetch(buffers.diverged, diverged).wait
    n_block, _, *of_sample = buffers.size
    into = buffers.host_samples[side][: n_block * n_sample * int(np.prod(of_sample))]
    transfers = device.fetch(output, into), device.fetch(buffers.diverged, diverged)

    def finish() -> None:
        for transfer in transfers:
            transfer.wait()
        landing.take(begin, into.reshape(n_block, n_sample, *of_sample), window, diverged.min(axis=1))

    return finish


def _in_turn(
    start: Callable[[int, int, int], Callable[[], None]],
    run: range,
    group: GroupPlan,
    nodes: int,
    advance: Callable[[int], None],
) -> None:
    """Launch after launch: one runs while the samples of the one before it are taken over.

    A launch's length follows from how long those before it took.
    """
    block, last = group.shape.block, run.stop
    steps, first, number = min(_FIRST_LAUNCH, group.steps_at_once), run.start, 0
    under_way: list[tuple[Callable[[], None], int]] = []
    before = time.perf_counter()
    while first < last or under_way:
        if first < last:
            n_step = min(steps, last - first)
            under_way.append((start(number, first, n_step), n_step))
            first, number = first + n_step, number + 1
        if len(under_way) == 2 or first == last:
            finish, n_done = under_way.pop(0)
            finish()
            now = time.perf_counter()
            advance(n_done * nodes)
            factor = np.clip(_LAUNCH_SECONDS / max(now - before, 1e-9), 0.25, 4.0)
            longer = min(int(n_done * factor), group.steps_at_once)
            steps = max(longer // block * block, min(block, group.steps_at_once))
            before = now

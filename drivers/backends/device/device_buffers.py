"""The buffers of a chunk of lane blocks on the device while it is simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.wiring import Wiring
from rateloom.drivers.execution.device import Buffer
from rateloom.drivers.execution.sink import NEVER, Values
from rateloom.drivers.model.random import NOISE, key_of

from .chunk import Chunk
from .history_scales import TRIAL_STEPS
from .kernel_shape import padded_rows
from .start import Start, start_of


@dataclass(frozen=True, eq=False)
class DeviceBuffers:
    """The buffers of a chunk on the device, and the arrays of the host that they are copied to.

    There are two of each that changes from launch to launch: one is copied while the other is written.

    Attributes
    ----------
    fixed_arguments : mapping of str to argument
        Arguments of the kernel that are the same for every launch.
    input_rows, outputs : lists of buffers
    host_samples, host_diverged : lists of arrays
        Samples, and steps of divergence, on the host.
    diverged : buffer
    size : tuple of int
        Of an output: (lane block, sample, exposure, node, lane).
    """

    fixed_arguments: Mapping[str, Any]
    input_rows: list[Buffer]
    outputs: list[Buffer]
    host_samples: list[Values]
    host_diverged: list[NDArray[np.int64]]
    diverged: Buffer
    size: tuple[int, ...]


def allocate_buffers(chunk: Chunk, room: Callable[..., Buffer], put: Callable[..., Buffer]) -> DeviceBuffers:
    """Allocate the buffers of a chunk on the device, and fill those that it begins with."""
    plan, group, device = chunk.plan, chunk.group, chunk.device
    study, shape, wiring = plan.study, group.shape, group.wiring
    real, n_node, n_block = np.dtype(shape.dtype), study.connectome.n_node, chunk.n_block
    n_exposure = len(plan.model.exposures)
    start = start_of(chunk, room, put)
    diverged = put(np.full((n_block, shape.groups, shape.lanes), NEVER), np.int64)
    size = (n_block, group.samples_at_once, n_exposure, n_node, shape.lanes)
    outputs = [room(size, real) for _ in range(2)]
    on_host = 0 if plan.reduction and plan.reduction.on_device else int(np.prod(size))
    driven = bool(plan.model.inputs)
    key = key_of(study.seed_of(chunk.filled), NOISE)
    fixed = {
        "step_size": study.settings.dt, "n_node": n_node, "columns": plan.table.values.shape[1],
        "row": put(wiring.parts[0], np.int32), "source": put(wiring.source, np.int32),
        "delay": put(wiring.delay, np.int32), "weight": put(wiring.weight, real),
        "dense": put(_dense(wiring, shape.rows), real), "self_weight": put(wiring.self_weight, real),
        "weight_sums": put(wiring.weight_sum, real), "hoisted": start.hoisted,
        "items": put(study.numbers_of(chunk.filled), np.uint32), "key0": key[0], "key1": key[1],
        "input_values": put(plan.inputs.values, real), "state": start.state, "history": start.history,
        "horizon": wiring.horizon, "scales": start.scales, "window": study.samples.window,
        "diverged": diverged,
        "sums": put(np.zeros((n_block, study.code.counts.sum_rows, n_node, shape.lanes)), real),
    }  # fmt: skip
    buffers = DeviceBuffers(
        fixed_arguments=fixed,
        input_rows=[room((group.steps_at_once if driven else 1,), np.int32) for _ in range(2)],
        outputs=outputs,
        host_samples=[device.host_array((on_host,), real) for _ in range(2)],
        host_diverged=[device.host_array((n_block, shape.groups, shape.lanes), np.int64) for _ in range(2)],
        diverged=diverged,
        size=size,
    )
    if shape.history == "float16" and study.code.counts.factors and study.continued is None:
        _scale_history(chunk, start, buffers)
    return buffers


def _scale_history(chunk: Chunk, start: Start, buffers: DeviceBuffers) -> None:
    """Choose the scales of a history in half precision, and begin again with them.

    They follow from what each work item is at the start and after some steps, since many a model starts from
    zero: so they are the same whatever runs beside it, and whatever the block of steps.
    """
    plan, device, fixed, shape = chunk.plan, chunk.device, buffers.fixed_arguments, chunk.group.shape
    study, window = plan.study, plan.study.samples.window
    start.choose_scales()
    start.fill()
    trial = min(TRIAL_STEPS, study.samples.steps_needed)
    # a block at a time: there is room for the samples of one
    for first in range(0, trial, shape.block):
        steps = min(shape.block, trial - first)
        if plan.model.inputs:
            device.copy_in(buffers.input_rows[0], plan.inputs.rows(first, steps).astype(np.int32))
        samples = (first + steps) // window - first // window
        chunk.launch(
            "advance",
            first=first, steps=steps, input_row=buffers.input_rows[0], samples=samples,
            output=buffers.outputs[0], **fixed,
        )  # fmt: skip
    start.write_factors(0, 0)
    start.choose_scales()
    sums = np.zeros((chunk.n_block, study.code.counts.sum_rows, study.connectome.n_node, shape.lanes))
    device.copy_in(fixed["sums"], sums.astype(shape.dtype))
    device.copy_in(buffers.diverged, np.full((chunk.n_block, shape.groups, shape.lanes), NEVER))
    start.fill()


def _dense(wiring: Wiring, rows: int) -> Values:
    """Return weights (tile, source node, receiving node in the tile); nothing where edges are visited."""
    if rows == 1:
        return np.zeros(1)
    n_node = wiring.n_node
    matrix = np.zeros((padded_rows(n_node, rows), n_node))
    matrix[np.repeat(np.arange(n_node), np.diff(wiring.parts[0])), wiring.source] = wiring.weight
    return matrix.reshape(-1, rows, n_node).transpose(0, 2, 1)

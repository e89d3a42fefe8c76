"""The state of a chunk of lane blocks: as it is kept, and as the device has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.device import Buffer
from rateloom.drivers.execution.ring import roll, unrolled
from rateloom.drivers.execution.sink import NEVER, Values
from rateloom.drivers.planning.kept_state import KeptState

from .chunk import Chunk, by_block
from .device_buffers import DeviceBuffers


def put_kept(chunk: Chunk, buffers: DeviceBuffers, kept: KeptState) -> None:
    """Put the state of every lane where the kernels go on from.

    Parameters
    ----------
    kept : KeptState
        Of the work items of every lane.
    """
    plan, lanes, wiring = chunk.plan, chunk.group.shape.lanes, chunk.group.wiring
    counts, fixed = plan.study.code.counts, buffers.fixed_arguments

    def put(name: str, rows: Values) -> None:
        chunk.device.copy_in(fixed[name], np.ascontiguousarray(by_block(rows, lanes)))

    put("state", np.moveaxis(kept.states, 0, -1))
    put("sums", np.moveaxis(kept.sums, 0, -1))
    steps = np.where(kept.diverged_step < 0, NEVER, kept.diverged_step)
    put("diverged", np.tile(steps, (chunk.group.shape.groups, 1)))
    if counts.factors:
        n_node, n_lane = plan.study.connectome.n_node, len(chunk.filled)
        ring = np.zeros((counts.factors, n_node, wiring.horizon, n_lane), kept.history.dtype)
        history = kept.history[:, :, : wiring.longest_delay + 1]
        roll(history, ring, kept.step, counts.traversals, wiring.horizon)
        put("history", ring)
    if kept.scales is not None and counts.factors:
        put("scales", np.moveaxis(kept.scales, 0, -1))


def take_kept(chunk: Chunk, buffers: DeviceBuffers, diverged: NDArray[np.int64]) -> KeptState:
    """Take the state of every lane from the device, after all steps of the run.

    Parameters
    ----------
    diverged : (lane block, lane) array
        Steps of divergence, or `NEVER`.
    """
    plan, shape, wiring = chunk.plan, chunk.group.shape, chunk.group.wiring
    study, real = plan.study, np.dtype(shape.dtype)
    counts, n_node, lanes = study.code.counts, study.connectome.n_node, shape.lanes

    def rows(name: str, size: tuple[int, ...], dtype: np.dtype[np.generic]) -> Values:
        """An array (lane block, ..., lane) as (..., lane of all blocks)."""
        array = chunk.device.host_array((chunk.n_block, *size, lanes), dtype)
        buffer: Buffer = buffers.fixed_arguments[name]
        chunk.device.fetch(buffer, array).wait()
        return np.moveaxis(np.array(array), 0, -2).reshape(*size, -1)

    is_half, factors = shape.history == "float16", counts.factors
    n_back, step = wiring.longest_delay + 1, study.samples.end_step
    history, scales = np.zeros((len(chunk.filled), 0, n_back, n_node), real), None
    if factors:
        stored = np.dtype(np.uint16) if is_half else np.dtype(shape.history)
        ring = rows("history", (factors, n_node, wiring.horizon), stored)
        history = unrolled(ring, step, n_back, counts.traversals, wiring.horizon)
        scales = np.moveaxis(rows("scales", (factors, 2), real), -1, 0) if is_half else None
    return KeptState(
        step,
        np.moveaxis(rows("state", (counts.state_rows, n_node), real), -1, 0),
        history,
        np.moveaxis(rows("sums", (counts.sum_rows, n_node), real), -1, 0),
        np.where(diverged == NEVER, -1, diverged).reshape(-1),
        scales,
    )
